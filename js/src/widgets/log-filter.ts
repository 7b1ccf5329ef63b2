/** Which log lines are shown, and which match the search: kept up to date line by line, never by starting over. */
import { stripAnsi } from "../lib/text";
import type { LogRing } from "../store/logs";
import type { LogLine } from "../wire/types";

/** `filter` hides what does not match; `highlight` keeps it as context. */
export type SearchMode = "filter" | "highlight";

export interface Pattern {
	expression: RegExp | null;
	error: string;
}

/** `text` is searched as it is, ignoring case; `/text/` is a regular expression. */
export function parsePattern(text: string): Pattern {
	if (!text) return { expression: null, error: "" };
	const regex = /^\/(.+)\/(i?)$/.exec(text);
	if (!regex) return { expression: new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"), "gi"), error: "" };
	try {
		return { expression: new RegExp(regex[1] as string, "gi"), error: "" };
	} catch (error) {
		return { expression: null, error: (error as Error).message };
	}
}

/** Ascending positions; old ones leave at the front cheaply. */
class Positions {
	#items: number[] = [];
	#skip = 0;

	get length(): number {
		return this.#items.length - this.#skip;
	}

	at(index: number): number | undefined {
		return this.#items[this.#skip + index];
	}

	push(position: number): void {
		this.#items.push(position);
	}

	clear(): void {
		this.#items = [];
		this.#skip = 0;
	}

	/** Returns how many left. */
	dropBelow(first: number): number {
		const before = this.#skip;
		while (this.#skip < this.#items.length && (this.#items[this.#skip] as number) < first) this.#skip++;
		const gone = this.#skip - before;
		if (this.#skip > 1024 && this.#skip > this.#items.length / 2) {
			this.#items = this.#items.slice(this.#skip);
			this.#skip = 0;
		}
		return gone;
	}

	/** Index of the first position at or after `position`. */
	rank(position: number): number {
		let [low, high] = [0, this.length];
		while (low < high) {
			const mid = (low + high) >> 1;
			if ((this.at(mid) as number) < position) low = mid + 1;
			else high = mid;
		}
		return low;
	}
}

export class LogFilter {
	readonly hidden = new Set<string>();
	mode: SearchMode = "filter";
	pattern: Pattern = { expression: null, error: "" };
	#rows = new Positions();
	#hits = new Positions();
	#seen = 0;
	#era = -1;
	#first = 0;
	/** Rises whenever the rows were worked out anew, so that indices mean something else. */
	generation = 0;
	/** Rows that left at the front in this generation. */
	gone = 0;

	constructor(private readonly ring: LogRing) {}

	/** Nothing is filtered out: rows are the ring itself. */
	get #plain(): boolean {
		return this.hidden.size === 0 && !(this.pattern.expression && this.mode === "filter");
	}

	get length(): number {
		return this.#plain ? this.ring.length : this.#rows.length;
	}

	get hits(): number {
		return this.pattern.expression ? this.#hits.length : 0;
	}

	/** Position of the row at `index`. */
	position(index: number): number {
		return this.#plain ? this.ring.first + index : (this.#rows.at(index) ?? this.ring.end);
	}

	line(index: number): LogLine | undefined {
		return this.ring.at(this.position(index));
	}

	/** Index of the first row at or after a position. */
	index(position: number): number {
		return this.#plain
			? Math.min(this.ring.length, Math.max(0, position - this.ring.first))
			: this.#rows.rank(position);
	}

	/** Position of the n-th match. */
	hit(n: number): number | undefined {
		return this.#hits.at(n);
	}

	/** How many matches lie before a position. */
	hitsBefore(position: number): number {
		return this.#hits.rank(position);
	}

	/** The rules changed: everything is looked at again. */
	reset(): void {
		this.#rows.clear();
		this.#hits.clear();
		this.#seen = this.#first = this.ring.first;
		this.gone = 0;
		this.generation++;
		this.refresh();
	}

	/** Takes in what the ring gained and lost since. */
	refresh(): void {
		if (this.#era !== this.ring.era) {
			this.#era = this.ring.era;
			this.reset();
			return;
		}
		const plain = this.#plain;
		const left = this.#rows.dropBelow(this.ring.first);
		this.gone = plain ? this.ring.first - this.#first : this.gone + left;
		this.#hits.dropBelow(this.ring.first);
		const expression = this.pattern.expression;
		for (let at = Math.max(this.#seen, this.ring.first); at < this.ring.end; at++) {
			const line = this.ring.at(at) as LogLine;
			if (this.hidden.has(levelOf(line.level))) continue;
			const hit = expression !== null && matches(line, expression);
			if (hit) this.#hits.push(at);
			if (!plain && (hit || this.mode === "highlight" || !expression)) this.#rows.push(at);
		}
		this.#seen = this.ring.end;
	}
}

function matches(line: LogLine, expression: RegExp): boolean {
	expression.lastIndex = 0;
	if (expression.test(stripAnsi(line.message))) return true;
	expression.lastIndex = 0;
	return expression.test(line.component);
}

export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** The chip a level belongs to: one we know, or "other". */
export function levelOf(level: string): string {
	return (LEVELS as readonly string[]).includes(level) ? level : "other";
}
