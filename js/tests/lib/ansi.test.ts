import { describe, expect, it } from "vitest";
import { ansiRuns } from "../../src/lib/ansi";
import { stripAnsi } from "../../src/lib/text";

const inks = (text: string) => ansiRuns(text).map(({ text: piece, ink }) => [piece, ink]);

describe("ansiRuns", () => {
	it("gives plain text back whole", () => {
		expect(ansiRuns("plain <b>")).toEqual([{ text: "plain <b>", ink: "" }]);
	});

	it.each([
		[
			"\u001b[31mred\u001b[0m off",
			[
				["red", "gunj-fg1"],
				[" off", ""],
			],
		],
		[
			"\u001b[1;4;92mx\u001b[22;24;39my",
			[
				["x", "gunj-fg10 gunj-bold gunj-underline"],
				["y", ""],
			],
		],
		["\u001b[7minverse\u001b[27m", [["inverse", "gunj-inverse"]]],
		[
			"\u001b[38;5;196mx\u001b[48;2;0;0;200my",
			[
				["x", "gunj-fg9"],
				["y", "gunj-fg9 gunj-bg4"],
			],
		],
		["\u001b[2J\u001b[10;5Hmoved\u001b]8;;javascript:alert(1)\u0007link\u001b]8;;\u0007", [["movedlink", ""]]],
		["\u009b32mgreen", [["green", "gunj-fg2"]]],
		["\u001b[999;-1;abcmodd", [["1;abcmodd", ""]]],
	])("%j", (text, expected) => {
		expect(inks(text as string)).toEqual(expected);
	});

	it("leaves the same text as stripping, and only our class names, whatever comes", () => {
		let state = 5;
		const roll = (n: number) => {
			state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
			return (state >> 8) % n;
		};
		const pieces = [
			"\u001b",
			"[",
			"]",
			"3",
			"1",
			";",
			"m",
			"38",
			"5",
			"\u0007",
			"x",
			'"><script>',
			"\u009b",
			":",
			"P",
			"\\",
			"255",
		];
		for (let i = 0; i < 3000; i++) {
			const text = Array.from({ length: roll(24) }, () => pieces[roll(pieces.length)]).join("");
			const runs = ansiRuns(text);
			expect(runs.map((run) => run.text).join("")).toBe(stripAnsi(text));
			for (const { ink } of runs) expect(ink).toMatch(/^(gunj-[a-z]+\d* ?)*$/);
		}
	});

	it("ends colouring where a line changes its colour without end", () => {
		const runs = ansiRuns("\u001b[31ma\u001b[32mb".repeat(5000));
		expect(runs.length).toBeLessThanOrEqual(201);
		expect(runs.map((run) => run.text).join("").length).toBe(10_000);
	});
});
