/** Reads a regular expression into a tree: the subset of JavaScript's syntax that can be matched in linear time. */

/** Tests one UTF-16 code unit. */
export type CharTest = (code: number) => boolean;

export type Node =
	| { type: "char"; test: CharTest }
	| { type: "assert"; kind: "start" | "end" | "word" | "notWord" }
	| { type: "all"; items: Node[] }
	| { type: "any"; items: Node[] }
	| { type: "repeat"; item: Node; min: number; max: number; greedy: boolean };

export const MAX_PATTERN = 500;
const MAX_REPEAT = 1000;

export class PatternError extends Error {}

const inRange = (low: number, high: number) => (code: number) => code >= low && code <= high;
const DIGIT = inRange(48, 57);
export const WORD: CharTest = (c) => DIGIT(c) || inRange(65, 90)(c) || inRange(97, 122)(c) || c === 95;
const SPACE: CharTest = (c) => /\s/.test(String.fromCharCode(c));
const LINE_END: CharTest = (c) => c === 10 || c === 13 || c === 0x2028 || c === 0x2029;
const not =
	(test: CharTest): CharTest =>
	(c) =>
		!test(c);
const CLASSES: Record<string, CharTest> = {
	d: DIGIT,
	D: not(DIGIT),
	w: WORD,
	W: not(WORD),
	s: SPACE,
	S: not(SPACE),
};
const CONTROLS: Record<string, number> = { t: 9, n: 10, v: 11, f: 12, r: 13, "0": 0 };

/** The case a code unit is compared in, as the `i` flag does for one unit. */
export function fold(code: number): number {
	if (code < 128) return code >= 97 && code <= 122 ? code - 32 : code;
	const upper = String.fromCharCode(code).toUpperCase();
	const folded = upper.length === 1 ? upper.charCodeAt(0) : code;
	return folded < 128 ? code : folded;
}

/** Throws PatternError, with words for the user, where the pattern is wrong or cannot be bounded. */
export function parseRegex(source: string, ignoreCase: boolean): Node {
	if (source.length > MAX_PATTERN) throw new PatternError(`a pattern has at most ${MAX_PATTERN} characters`);
	return new Parser(source, ignoreCase).parse();
}

class Parser {
	#at = 0;
	#depth = 0;

	constructor(
		private readonly source: string,
		private readonly ignoreCase: boolean,
	) {}

	parse(): Node {
		const node = this.#alternatives();
		if (this.#at < this.source.length) throw new PatternError("a ) that closes nothing");
		return node;
	}

	#alternatives(): Node {
		if (++this.#depth > 50) throw new PatternError("too many groups inside one another");
		const items = [this.#sequence()];
		while (this.#take("|")) items.push(this.#sequence());
		this.#depth--;
		return items.length === 1 ? (items[0] as Node) : { type: "any", items };
	}

	#sequence(): Node {
		const items: Node[] = [];
		while (this.#at < this.source.length && !"|)".includes(this.#peek())) items.push(this.#repeated(this.#atom()));
		return items.length === 1 ? (items[0] as Node) : { type: "all", items };
	}

	#repeated(item: Node): Node {
		const bounds = this.#bounds();
		if (!bounds) return item;
		if (item.type === "assert") throw new PatternError("nothing to repeat");
		const [min, max] = bounds;
		const greedy = !this.#take("?");
		if (this.#bounds()) throw new PatternError("nothing to repeat");
		return { type: "repeat", item, min, max, greedy };
	}

	#bounds(): [number, number] | null {
		if (this.#take("*")) return [0, Number.POSITIVE_INFINITY];
		if (this.#take("+")) return [1, Number.POSITIVE_INFINITY];
		if (this.#take("?")) return [0, 1];
		const braces = /^\{(\d{1,6})(?:(,)(\d{1,6})?)?\}/.exec(this.source.slice(this.#at, this.#at + 20));
		if (!braces) return null;
		this.#at += braces[0].length;
		const min = Number(braces[1]);
		const max = braces[3] ? Number(braces[3]) : braces[2] ? Number.POSITIVE_INFINITY : min;
		if (max < min) throw new PatternError("numbers out of order in {}");
		if (min > MAX_REPEAT || (max !== Number.POSITIVE_INFINITY && max > MAX_REPEAT))
			throw new PatternError(`{} repeats at most ${MAX_REPEAT} times`);
		return [min, max];
	}

	#atom(): Node {
		const char = this.#next();
		switch (char) {
			case "(":
				return this.#group();
			case "[":
				return { type: "char", test: this.#set() };
			case ".":
				return { type: "char", test: not(LINE_END) };
			case "^":
				return { type: "assert", kind: "start" };
			case "$":
				return { type: "assert", kind: "end" };
			case "\\":
				return this.#escape();
			case "*":
			case "+":
			case "?":
				throw new PatternError("nothing to repeat");
			default:
				return this.#literal(char.charCodeAt(0));
		}
	}

	#group(): Node {
		if (this.#take("?")) {
			const name = /^<[A-Za-z_]\w*>/.exec(this.source.slice(this.#at));
			if (name) this.#at += name[0].length;
			else if (!this.#take(":"))
				throw new PatternError("look-around cannot be searched for: it has no bound on its time");
		}
		const node = this.#alternatives();
		if (!this.#take(")")) throw new PatternError("a ( that is not closed");
		return node;
	}

	#escape(): Node {
		const char = this.#next();
		if (char === "b") return { type: "assert", kind: "word" };
		if (char === "B") return { type: "assert", kind: "notWord" };
		if (/[1-9k]/.test(char)) throw new PatternError("back-references cannot be searched for: they have no bound");
		const test = CLASSES[char];
		return test ? { type: "char", test } : this.#literal(this.#escaped(char));
	}

	/** The code unit an escape stands for. */
	#escaped(char: string): number {
		const hex = char === "x" ? /^[\da-f]{2}/i : char === "u" ? /^[\da-f]{4}/i : null;
		const digits = hex?.exec(this.source.slice(this.#at, this.#at + 4));
		if (digits) {
			this.#at += digits[0].length;
			return Number.parseInt(digits[0], 16);
		}
		return CONTROLS[char] ?? char.charCodeAt(0);
	}

	#set(): CharTest {
		const negative = this.#take("^");
		const tests: CharTest[] = [];
		while (!this.#take("]")) {
			const low = this.#member();
			if (this.#peek() === "-" && this.source[this.#at + 1] !== "]" && typeof low === "number") {
				this.#at++;
				const high = this.#member();
				if (typeof high !== "number") tests.push(this.#same(low), this.#same(45), high);
				else if (high < low) throw new PatternError("a range out of order in []");
				else tests.push(this.ignoreCase ? folded(low, high) : inRange(low, high));
			} else tests.push(typeof low === "number" ? this.#same(low) : low);
		}
		const any: CharTest = (c) => tests.some((test) => test(c));
		return negative ? not(any) : any;
	}

	#member(): number | CharTest {
		const char = this.#next("a [ that is not closed");
		if (char !== "\\") return char.charCodeAt(0);
		const escaped = this.#next();
		if (escaped === "b") return 8;
		return CLASSES[escaped] ?? this.#escaped(escaped);
	}

	#literal(code: number): Node {
		return { type: "char", test: this.#same(code) };
	}

	#same(code: number): CharTest {
		if (!this.ignoreCase) return (c) => c === code;
		const wanted = fold(code);
		return (c) => c === code || fold(c) === wanted;
	}

	#peek(): string {
		return this.source[this.#at] ?? "";
	}

	#next(missing = "the pattern ends too early"): string {
		const char = this.source[this.#at++];
		if (char === undefined) throw new PatternError(missing);
		return char;
	}

	#take(char: string): boolean {
		if (this.source[this.#at] !== char) return false;
		this.#at++;
		return true;
	}
}

/** A range, in which a unit of the other case counts too. */
function folded(low: number, high: number): CharTest {
	const cases = new Set<number>();
	// Beyond the ranges people write, the cases of a range are in the range itself.
	if (high - low <= 1024) for (let code = low; code <= high; code++) cases.add(fold(code));
	return (c) => (c >= low && c <= high) || cases.has(fold(c));
}
