/** Finds a pattern in text in time that is bounded by length of text × length of pattern, whatever the pattern is.
 *
 * The browser's own engine backtracks: `(a+)+$` on 30 letters holds the page for seconds. It is used only where the
 * pattern cannot branch much; everything else runs on a machine that follows all branches at once (Pike's).
 */
import { type CharTest, type Node, PatternError, parseRegex, WORD } from "./regex-parse";

/** Steps of a compiled pattern; `{}` repeats its item, so a short pattern may be a long program. */
const MAX_PROGRAM = 2000;
/** Longest text the browser's engine may see: a pattern with one `+` takes its length squared. */
const NATIVE_TEXT = 2000;
const NATIVE_WAYS = 64;

export type Range = [start: number, end: number];

export interface Matcher {
	test(text: string): boolean;
	/** The first `max` matches that are not empty, as ascending ranges. */
	ranges(text: string, max: number): Range[];
}

/** Throws PatternError. */
export function compileRegex(source: string, ignoreCase = true): Matcher {
	const tree = parseRegex(source, ignoreCase);
	const machine = new Machine(tree);
	const native = isSimple(tree) ? nativeMatcher(source, ignoreCase ? "gi" : "g") : null;
	if (!native) return machine;
	const best = (text: string) => (text.length <= NATIVE_TEXT ? native : machine);
	return { test: (text) => best(text).test(text), ranges: (text, max) => best(text).ranges(text, max) };
}

/** Finds `text` as it is, ignoring case. */
export function compileText(text: string): Matcher {
	return nativeMatcher(text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&"), "gi") as Matcher;
}

function nativeMatcher(source: string, flags: string): Matcher | null {
	let expression: RegExp;
	try {
		expression = new RegExp(source, flags);
	} catch {
		return null;
	}
	return {
		test(text) {
			expression.lastIndex = 0;
			return expression.test(text);
		},
		ranges(text, max) {
			const found: Range[] = [];
			// `test` leaves its place behind, and `matchAll` would begin there.
			expression.lastIndex = 0;
			for (const match of text.matchAll(expression)) {
				if (match[0]) found.push([match.index, match.index + match[0].length]);
				if (found.length >= max) break;
			}
			return found;
		},
	};
}

/** Whether a backtracking engine has few ways to match at one place: at most one endless repeat, of a single character. */
function isSimple(tree: Node): boolean {
	let ways = 1;
	let endless = 0;
	const look = (node: Node, repeated: boolean): void => {
		if (node.type === "any") ways *= node.items.length;
		if (node.type === "any" || node.type === "all") for (const item of node.items) look(item, repeated);
		if (node.type !== "repeat") return;
		if (repeated || node.item.type !== "char") endless = 2;
		if (node.max === Number.POSITIVE_INFINITY) endless++;
		else ways *= node.max - node.min + 1;
		look(node.item, true);
	};
	look(tree, false);
	return endless <= 1 && ways <= NATIVE_WAYS;
}

type Step =
	| { op: "char"; test: CharTest }
	| { op: "split"; first: number; second: number }
	| { op: "jump"; to: number }
	| { op: "assert"; kind: "start" | "end" | "word" | "notWord" }
	| { op: "match" };

class Machine implements Matcher {
	#program: Step[] = [];
	/** At which turn a step was last queued, so that no step is queued twice in a turn. */
	#seen: Int32Array;
	#turn = 0;

	constructor(tree: Node) {
		this.#emit(tree);
		this.#push({ op: "match" });
		this.#seen = new Int32Array(this.#program.length).fill(-1);
	}

	test(text: string): boolean {
		return this.#find(text, 0, true) !== null;
	}

	ranges(text: string, max: number): Range[] {
		const found: Range[] = [];
		for (let at = 0; at <= text.length && found.length < max; ) {
			const range = this.#find(text, at, false);
			if (!range) break;
			if (range[1] > range[0]) found.push(range);
			at = range[1] > range[0] ? range[1] : range[1] + 1;
		}
		return found;
	}

	/** The leftmost match from `from` on, by the pattern's own preferences; `any`: some match will do. */
	#find(text: string, from: number, any: boolean): Range | null {
		let best: Range | null = null;
		let now: [number[], number[]] = [[], []];
		for (let at = from; ; at++) {
			const turn = this.#nextTurn();
			const ready: [number[], number[]] = [[], []];
			for (let i = 0; i < now[0].length; i++)
				this.#queue(now[0][i] as number, now[1][i] as number, text, at, ready, turn);
			if (!best) this.#queue(0, at, text, at, ready, turn);
			now = [[], []];
			const code = at < text.length ? text.charCodeAt(at) : -1;
			for (let i = 0; i < ready[0].length; i++) {
				const pc = ready[0][i] as number;
				const step = this.#program[pc] as Step;
				if (step.op === "match") {
					best = [ready[1][i] as number, at];
					if (any) return best;
					break;
				}
				if (step.op === "char" && code >= 0 && step.test(code)) {
					now[0].push(pc + 1);
					now[1].push(ready[1][i] as number);
				}
			}
			if (at >= text.length || (best && now[0].length === 0)) return best;
		}
	}

	/** Follows jumps and splits to the steps that look at a character, in order of preference. */
	#queue(start: number, begun: number, text: string, at: number, ready: [number[], number[]], turn: number): void {
		const stack = [start];
		while (stack.length) {
			const pc = stack.pop() as number;
			if (this.#seen[pc] === turn) continue;
			this.#seen[pc] = turn;
			const step = this.#program[pc] as Step;
			if (step.op === "jump") stack.push(step.to);
			else if (step.op === "split") stack.push(step.second, step.first);
			else if (step.op === "assert") {
				if (holds(step.kind, text, at)) stack.push(pc + 1);
			} else {
				ready[0].push(pc);
				ready[1].push(begun);
			}
		}
	}

	#nextTurn(): number {
		if (this.#turn >= 0x7fffffff) {
			this.#seen.fill(-1);
			this.#turn = 0;
		}
		return this.#turn++;
	}

	#emit(node: Node): void {
		switch (node.type) {
			case "char":
				this.#push({ op: "char", test: node.test });
				break;
			case "assert":
				this.#push({ op: "assert", kind: node.kind });
				break;
			case "all":
				for (const item of node.items) this.#emit(item);
				break;
			case "any":
				this.#alternatives(node.items);
				break;
			case "repeat":
				this.#repeat(node);
		}
	}

	#alternatives(items: Node[]): void {
		const ends: { op: "jump"; to: number }[] = [];
		for (const item of items.slice(0, -1)) {
			const split = this.#push({ op: "split", first: this.#program.length + 1, second: 0 });
			this.#emit(item);
			ends.push(this.#push({ op: "jump", to: 0 }));
			split.second = this.#program.length;
		}
		this.#emit(items[items.length - 1] as Node);
		for (const end of ends) end.to = this.#program.length;
	}

	#repeat({ item, min, max, greedy }: Extract<Node, { type: "repeat" }>): void {
		for (let i = 0; i < min; i++) this.#emit(item);
		if (max === Number.POSITIVE_INFINITY) {
			const at = this.#program.length;
			const split = this.#push({ op: "split", first: 0, second: 0 });
			this.#emit(item);
			this.#push({ op: "jump", to: at });
			[split.first, split.second] = greedy ? [at + 1, this.#program.length] : [this.#program.length, at + 1];
			return;
		}
		const splits: { split: { first: number; second: number }; at: number }[] = [];
		for (let i = min; i < max; i++) {
			splits.push({ at: this.#program.length + 1, split: this.#push({ op: "split", first: 0, second: 0 }) });
			this.#emit(item);
		}
		const end = this.#program.length;
		for (const { split, at } of splits) [split.first, split.second] = greedy ? [at, end] : [end, at];
	}

	#push<S extends Step>(step: S): S {
		if (this.#program.length >= MAX_PROGRAM) throw new PatternError("the pattern is too large");
		this.#program.push(step);
		return step;
	}
}

function holds(kind: "start" | "end" | "word" | "notWord", text: string, at: number): boolean {
	if (kind === "start") return at === 0;
	if (kind === "end") return at === text.length;
	const before = at > 0 && WORD(text.charCodeAt(at - 1));
	const after = at < text.length && WORD(text.charCodeAt(at));
	return (before !== after) === (kind === "word");
}
