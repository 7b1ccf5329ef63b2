import { describe, expect, it } from "vitest";
import { MAX_LINE, neutralise, oneLine, readable, stripAnsi } from "../../src/lib/text";

describe("stripAnsi", () => {
	it.each([
		["\u001b[31mred\u001b[0m", "red"],
		["\u001b[38;5;196mx\u001b[m", "x"],
		["\u001b[2J\u001b[1;1Htop", "top"],
		["\u001b]0;title\u0007after", "after"],
		["\u001b]8;;http://evil\u001b\\link\u001b]8;;\u001b\\", "link"],
		["\u009b31mc1", "c1"],
		["\u001b(Bplain", "plain"],
		["no codes [0m", "no codes [0m"],
	])("%j becomes %j", (text, clean) => {
		expect(stripAnsi(text)).toBe(clean);
	});
});

describe("neutralise", () => {
	it("shows controls and direction overrides instead of obeying them", () => {
		expect(neutralise("a\u202Etxt.exe\u202C")).toBe("a⟨RLO⟩txt.exe⟨PDF⟩");
		expect(neutralise("\u2066x\u2069\u200f\u061c")).toBe("⟨LRI⟩x⟨PDI⟩⟨RLM⟩⟨ALM⟩");
		expect(neutralise("nul\u0000 bell\u0007 cr\r del\u007f c1\u0085")).toBe("nul␀ bell␇ cr␍ del␡ c1⟨U+0085⟩");
	});

	it("leaves every override nowhere", () => {
		const all = [0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069]
			.map((c) => String.fromCharCode(c))
			.join("");
		expect(neutralise(all)).not.toMatch(/[\u202a-\u202e\u2066-\u2069]/);
	});

	it("leaves other scripts, emoji, tabs and newlines alone", () => {
		const text = "日本 العربية 👩‍💻\t\n–";
		expect(neutralise(text)).toBe(text);
	});
});

describe("readable and oneLine", () => {
	it("cuts a long line and says how much is missing", () => {
		const text = readable("x".repeat(MAX_LINE + 5));
		expect(text).toMatch(/^x{10000} … \[5 more characters not shown\]$/);
	});

	it("folds newlines and tabs into marks", () => {
		expect(oneLine("a\nb\tc\n")).toBe("a ⏎ b  c");
		expect(oneLine("windows\r\n")).toBe("windows");
	});
});
