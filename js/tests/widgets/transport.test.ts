import { describe, expect, it, vi } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const FROM = NOW - 3_600_000;
const replay = (changes: object = {}) => ({
	playing: false,
	speed: 1,
	fromMs: FROM,
	toMs: FROM + 600_000,
	told: 1234,
	total: 5000,
	...changes,
});
const shown = (changes: object = {}, moments: object[] = []) => {
	const view = bench().mount("transport", { timeline: "timeline:1" });
	const status = bench().status({ replay: replay(changes), kernelMs: FROM + 300_000, server: "night.gunj" });
	bench().show([status, bench().kernel.part("timeline:1", "timeline", { moments, total: moments.length })]);
	return view;
};
const scrub = (root: Element) => root.querySelector<HTMLInputElement>("input[type=range]") as HTMLInputElement;
const acts = () => bench().kernel.heard.filter((m) => m.op === "act") as { verb?: string; args?: object }[];

describe("every view of a recording", () => {
	const strip = (root: Element) => root.querySelector<HTMLElement>(".gunj-strip");

	it("has the way about in it at its foot", () => {
		const view = bench().mount("status", {});
		bench().show([bench().status({ replay: replay(), kernelMs: FROM + 300_000, server: "night.gunj" })]);
		const foot = strip(view.root()) as HTMLElement;
		expect(scrub(foot).value).toBe("500");
		foot.querySelector<HTMLButtonElement>("button")?.click();
		scrub(foot).value = "100";
		scrub(foot).dispatchEvent(new Event("input"));
		scrub(foot).dispatchEvent(new Event("change"));
		expect(acts().map((m) => [m.verb, m.args])).toEqual([
			["replay", { play: true }],
			["replay", { seekMs: FROM + 60_000 }],
		]);
	});

	it("has none while it is live, and the bar none twice", () => {
		const view = bench().mount("status", {});
		bench().show([bench().status({})]);
		expect(strip(view.root())).toBeNull();
		expect(strip(shown().root())).toBeNull();
	});
});

describe("ReplayBar", () => {
	it("says where the recording stands, and that it is one", () => {
		const root = shown().root();
		expect(seen(root)).toContain("night.gunj");
		expect(seen(root)).toContain("5 min of 10 min");
		expect(seen(root)).toContain("1,234 of 5,000 events");
		expect(seen(root)).toContain("REPLAY");
		expect(scrub(root).value).toBe("500");
		expect(scrub(root).getAttribute("aria-valuetext")).toContain("5 min of 10 min");
	});

	it("stands still while it is paused, and goes where the kernel says while it plays", () => {
		const root = shown().root();
		vi.setSystemTime(Date.now() + 400);
		bench().show();
		expect(scrub(root).value).toBe("500");
		bench().show([bench().status({ replay: replay({ playing: true, speed: 30 }), kernelMs: FROM + 312_000 })]);
		expect(scrub(root).value).toBe("520");
	});

	it("plays, pauses, steps, sets the speed and seeks", () => {
		const root = shown({ playing: true, speed: 10 }).root();
		const [first, play, step] = [...root.querySelectorAll<HTMLButtonElement>(".gunj-activity-bar button")];
		expect(play?.textContent).toBe("‖ Pause");
		expect(root.querySelector("select")?.value).toBe("10");
		play?.click();
		step?.click();
		first?.click();
		const bar = scrub(root);
		bar.value = "250";
		bar.dispatchEvent(new Event("input"));
		bar.dispatchEvent(new Event("change"));
		bar.dispatchEvent(new KeyboardEvent("keydown", { key: " " }));
		expect(acts().map((m) => [m.verb, m.args])).toEqual([
			["replay", { play: false }],
			["replay", { step: 1 }],
			["replay", { seekMs: FROM }],
			["replay", { seekMs: FROM + 150_000 }],
			["replay", { play: false }],
		]);
	});

	it("marks what was told: alerts, notes and gaps, as text", () => {
		const moment = { tMs: FROM + 60_000, endMs: null, kind: "note", tone: "quiet", title: "<b>seen</b>", detail: "" };
		const root = shown({}, [moment, { ...moment, kind: "event" }, { ...moment, tMs: FROM - 1 }]).root();
		const marks = [...root.querySelectorAll<HTMLElement>(".gunj-scrub-mark")];
		expect(marks.map((m) => [m.title, m.style.left])).toEqual([["<b>seen</b>", "10%"]]);
	});

	it("has nothing to do in a live session", () => {
		const view = bench().mount("transport", { timeline: "timeline:1" });
		bench().show([bench().status()]);
		expect(seen(view.root())).toContain("this session is live");
		expect(view.root().querySelector<HTMLElement>(".gunj-activity-bar")?.hidden).toBe(true);
	});
});
