/** The keys of the log viewer and the bar that names them. */
import { describe, expect, it } from "vitest";
import { HINTS, keyAction, type LogCommands } from "../../src/widgets/log-keys";
import { seen, useBench } from "./bench";

const bench = useBench();

/** Commands that only say which was called. */
function spoken(press: (commands: LogCommands) => void): string[] {
	const calls: string[] = [];
	const target = {} as LogCommands;
	const said = (_: LogCommands, name: string) => (value?: unknown) =>
		void calls.push(value === undefined ? name : `${name} ${value}`);
	press(new Proxy(target, { get: said as never }));
	return calls;
}
const pressed = (key: string, init: KeyboardEventInit = {}) =>
	spoken((commands) => keyAction(new KeyboardEvent("keydown", { key, ...init }), commands)?.());

/** What each hint names, and what its keys do. */
const MEANT: Record<string, [key: string, ...does: string[]][]> = {
	"/ search": [["/", "focusSearch"]],
	"n N match": [
		["n", "step 1"],
		["N", "step -1"],
	],
	"x context": [["x", "context"]],
	"s follow": [["s", "follow"]],
	"0 tail 1 head": [
		["0", "allTimes", "tail"],
		["1", "head"],
	],
	"2–6 1m 5m 15m 30m 1h": [1, 5, 15, 30, 60].map((min, i) => [String(i + 2), `since ${min * 60_000}`]),
	"w wrap": [["w", "wrap"]],
	"t zone T time": [
		["t", "zone"],
		["T", "clocks"],
	],
	"j k line": [
		["j", "move 1"],
		["k", "move -1"],
	],
	"Enter details": [["Enter", "details"]],
	"m mark": [["m", "mark"]],
	"c copy": [["c", "copy"]],
	"C clear": [["C", "clear"]],
	"f full screen": [["f", "fullScreen"]],
	"Esc back": [["Escape", "back"]],
};

describe("the hint bar", () => {
	it("stands under the log, one piece a hint, for the eyes only: keys are not read out one by one", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		const bar = view.root().querySelector(".gunj-hints") as HTMLElement;
		expect([...bar.children].map(seen)).toEqual(HINTS);
		expect(bar.getAttribute("aria-hidden")).toBe("true");
	});

	it("names every key but the doubles g and G, and nothing else", () => {
		expect(HINTS.filter((hint) => hint !== "^S save")).toEqual(Object.keys(MEANT));
	});

	it.each(Object.entries(MEANT))("%s: its keys do that", (_, keys) => {
		for (const [key, ...does] of keys) expect(pressed(key), key).toEqual(does);
	});

	it("^S save: with ctrl or ⌘, and no other key with either", () => {
		expect(pressed("s", { ctrlKey: true })).toEqual(["save"]);
		expect(pressed("S", { metaKey: true })).toEqual(["save"]);
		for (const init of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }]) expect(pressed("c", init)).toEqual([]);
		for (const key of ["z", "toString", "Tab"]) expect(pressed(key)).toEqual([]);
		expect([pressed("g"), pressed("G")]).toEqual([["head"], ["tail"]]);
	});
});
