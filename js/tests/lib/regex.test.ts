import { describe, expect, it } from "vitest";
import { compileRegex, compileText, type Matcher } from "../../src/lib/regex";
import { PatternError } from "../../src/lib/regex-parse";

/** A generator of the same numbers each time. */
function dice(seed: number): (n: number) => number {
	let state = seed;
	return (n) => {
		state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
		return (state >> 8) % n;
	};
}

function randomPattern(roll: (n: number) => number, depth = 0): string {
	const atoms = ["a", "b", "c", ".", "[ab]", "[^a]", "\\w", "\\d", "\\b", "^", "$", "B", "[a-c]", "é"];
	let out = "";
	for (let i = roll(4); i >= 0; i--) {
		let atom =
			roll(5) === 0 && depth < 3
				? `(${roll(2) ? "?:" : ""}${randomPattern(roll, depth + 1)})`
				: (atoms[roll(atoms.length)] ?? "a");
		if (!/^(\\b|\^|\$)$/.test(atom) && roll(3) === 0)
			atom += ["*", "+", "?", "{2}", "{1,2}", "*?", "+?", "{0,1}?"][roll(8)];
		out += atom + (roll(8) === 0 && i > 0 ? "|" : "");
	}
	return out;
}

function randomText(roll: (n: number) => number): string {
	return Array.from({ length: roll(9) }, () => ["a", "b", "c", "A", "1", " ", "É", "\n"][roll(8)]).join("");
}

function native(pattern: string, text: string): [number, number][] {
	return [...text.matchAll(new RegExp(pattern, "gi"))]
		.filter((m) => m[0])
		.map((m) => [m.index, m.index + m[0].length] as [number, number]);
}

/** The machine alone: a text longer than what the browser's engine may see. */
const PAD = " ".repeat(2100);

describe("compileRegex", () => {
	it("finds what the browser's own engine finds", () => {
		const roll = dice(7);
		let compared = 0;
		for (let i = 0; i < 4000; i++) {
			const [pattern, text] = [randomPattern(roll), randomText(roll)];
			let matcher: Matcher;
			try {
				matcher = compileRegex(pattern);
			} catch (error) {
				expect(error).toBeInstanceOf(PatternError);
				continue;
			}
			// A repeat of something that may be empty stops differently: only whether there is a match is promised.
			if (/[*+?}]\??\)[*+?{]|\((\?:)?[^)]*\|?\)[*+{]/.test(pattern)) continue;
			compared++;
			expect([pattern, text, matcher.test(text)]).toEqual([pattern, text, new RegExp(pattern, "i").test(text)]);
			expect([pattern, text, matcher.ranges(text, 50)]).toEqual([pattern, text, native(pattern, text)]);
		}
		expect(compared).toBeGreaterThan(2500);
	});

	it("finds the same in long lines, which the machine reads", () => {
		const roll = dice(11);
		for (let i = 0; i < 150; i++) {
			const [pattern, text] = [randomPattern(roll), PAD + randomText(roll)];
			if (/[*+?}]\??\)[*+?{]|\((\?:)?[^)]*\|?\)[*+{]/.test(pattern)) continue;
			expect([pattern, compileRegex(pattern).test(text)]).toEqual([pattern, new RegExp(pattern, "i").test(text)]);
		}
	});

	it.each([
		["(a+)+$", `${"a".repeat(10_000)}!`],
		["(a|aa)+$", `${"a".repeat(10_000)}!`],
		["(.*)*x", "y".repeat(10_000)],
		["(\\w+\\s?)*:", "ab ".repeat(3000)],
		["^(([a-z])+.)+[A-Z]([a-z])+$", "1".repeat(100) + "a".repeat(5000)],
		["a?".repeat(60) + "a".repeat(60), "a".repeat(59)],
		["(x+x+)+y", "x".repeat(10_000)],
		[".*.*=.*", "x".repeat(10_000)],
	])("%s takes time in proportion to the text", (pattern, text) => {
		const matcher = compileRegex(pattern);
		const start = performance.now();
		expect(matcher.test(text)).toBe(false);
		// The browser's engine needs from seconds to longer than the universe is old.
		expect(performance.now() - start).toBeLessThan(2000);
	});

	it.each([
		["(", "not closed"],
		[")", "closes nothing"],
		["*a", "nothing to repeat"],
		["a**", "nothing to repeat"],
		["[a", "not closed"],
		["[z-a]", "out of order"],
		["a{3,1}", "out of order"],
		["(?=a)", "look-around"],
		["(?<!a)b", "look-around"],
		["(a)\\1", "back-references"],
		["\\", "too early"],
		["a{1000}{2}", "nothing to repeat"],
		["(a{900}){900}", "too large"],
		["a".repeat(501), "at most"],
		["(".repeat(60), "groups"],
	])("says what is wrong with %s", (pattern, words) => {
		expect(() => compileRegex(pattern)).toThrow(words);
		expect(() => compileRegex(pattern)).toThrow(PatternError);
	});

	it("tells cases apart when asked", () => {
		for (const pad of ["", PAD]) {
			expect(compileRegex("[a-c]x", false).test(`${pad}Ax aX`)).toBe(false);
			expect(compileRegex("[a-c]x", false).test(`${pad}ax`)).toBe(true);
		}
	});

	it("takes named groups and escapes", () => {
		expect(compileRegex("(?<code>\\d{3}) \\u0041\\x42\\/").test("500 ab/")).toBe(true);
		expect(compileRegex("[\\d\\-x]+").ranges("a12-x", 9)).toEqual([[1, 5]]);
	});
});

describe("compileText", () => {
	it("takes every character as it is", () => {
		expect(compileText("a.(*[").ranges("xA.(*[", 9)).toEqual([[1, 6]]);
		expect(compileText("a.b").test("axb")).toBe(false);
	});
});
