/** Which log lines are shown, and which match the search: kept up to date line by line, a few milliseconds at a time. */
import type { LogRing } from "../store/logs";
import type { LogLine } from "../wire/types";
import { Positions } from "./log-positions";
import { matches, NO_PATTERN, type Pattern } from "./log-search";

/** `filter` hides what does not match; `highlight` keeps it as context. */
export const MODES = ["filter", "highlight"] as const;
export type SearchMode = (typeof MODES)[number];

/** Time one refresh may take; what is left is looked at in the next frame. */
const BUDGET_MS = 8;
/** Lines between two looks at the clock, where lines are cheap to look at. */
const STRIDE = 64;

export class LogFilter {
	readonly hidden = new Set<string>();
	/** The only component shown; "" = all. */
	component = "";
	mode: SearchMode = "filter";
	pattern: Pattern = NO_PATTERN;
	/** Lines shown before and after each match, in filter mode. */
	context = 0;
	/** Lines up to this id were cleared away. */
	clearedId = 0;
	/** The times shown, epoch ms; null = all. */
	range: { fromMs: number; toMs: number } | null = null;
	#rows = new Positions();
	#hits = new Positions();
	#seen = 0;
	#era = -1;
	#first = 0;
	/** The lines before here that may yet become the context of a match. */
	#before: number[] = [];
	#after = 0;
	/** Rises whenever the rows were worked out anew, so that indices mean something else. */
	generation = 0;
	/** Rows that left at the front in this generation. */
	gone = 0;

	constructor(
		private readonly ring: LogRing,
		private readonly clock: () => number = () => performance.now(),
	) {}

	get #searching(): boolean {
		return this.pattern.matcher !== null;
	}

	/** Nothing is filtered out: rows are the ring itself. */
	get #plain(): boolean {
		return (
			this.hidden.size === 0 &&
			!this.component &&
			!this.range &&
			this.clearedId === 0 &&
			!(this.#searching && this.mode === "filter")
		);
	}

	get length(): number {
		return this.#plain ? this.ring.length : this.#rows.length;
	}

	get hits(): number {
		return this.#searching ? this.#hits.length : 0;
	}

	/** The share of lines looked at, from 0 to 1; 1 = all of them. */
	get done(): number {
		const { first, length, end } = this.ring;
		return length === 0 || this.#seen >= end ? 1 : Math.max(0, this.#seen - first) / length;
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

	isHit(position: number): boolean {
		return this.#hits.has(position);
	}

	/** How many matches lie before a position. */
	hitsBefore(position: number): number {
		return this.#hits.rank(position);
	}

	/** The rules changed: everything is looked at again. */
	reset(): void {
		this.#rows.clear();
		this.#hits.clear();
		this.#before = [];
		this.#after = 0;
		this.#seen = this.#first = this.ring.first;
		this.gone = 0;
		this.generation++;
		this.refresh();
	}

	/** The times shown begin later: what was before leaves at the front, as far as lines stand in the order of their times. */
	advance(range: NonNullable<LogFilter["range"]>): void {
		this.range = range;
		let left = 0;
		while (left < this.#rows.length && (this.line(left)?.tMs ?? 0) < range.fromMs) left++;
		if (left === 0) return;
		const first = this.position(left - 1) + 1;
		this.gone += this.#rows.dropBelow(first);
		this.#hits.dropBelow(first);
		this.#before = this.#before.filter((at) => at >= first);
	}

	/** Takes in what the ring gained and lost since. True where time ran out before all was looked at. */
	refresh(): boolean {
		if (this.#era !== this.ring.era) {
			this.#era = this.ring.era;
			this.reset();
			return this.done < 1;
		}
		const left = this.#rows.dropBelow(this.ring.first);
		this.gone = this.#plain ? this.ring.first - this.#first : this.gone + left;
		this.#hits.dropBelow(this.ring.first);
		this.#seen = Math.max(this.#seen, this.ring.first);
		if (this.#plain && !this.#searching) this.#seen = this.ring.end;
		const until = this.clock() + BUDGET_MS;
		while (this.#seen < this.ring.end) {
			const line = this.ring.at(this.#seen) as LogLine;
			this.#look(this.#seen++, line);
			const costly = this.#searching && line.message.length > 1000;
			if ((costly || this.#seen % STRIDE === 0) && this.clock() > until) return this.#seen < this.ring.end;
		}
		return false;
	}

	#look(at: number, line: LogLine): void {
		if (!this.#passes(line)) return;
		const { matcher } = this.pattern;
		if (!matcher) this.#show(at);
		else if (matches(line, matcher)) {
			for (const earlier of this.#before) this.#show(earlier);
			this.#before = [];
			this.#after = this.context;
			this.#hits.push(at);
			this.#show(at);
		} else if (this.mode === "highlight") this.#show(at);
		else if (this.#after > 0) {
			this.#after--;
			this.#show(at);
		} else if (this.context > 0) {
			this.#before.push(at);
			if (this.#before.length > this.context) this.#before.shift();
		}
	}

	#show(at: number): void {
		if (!this.#plain && at >= this.ring.first) this.#rows.push(at);
	}

	#passes(line: LogLine): boolean {
		if (line.id <= this.clearedId || this.hidden.has(levelOf(line.level))) return false;
		if (this.component && line.component !== this.component) return false;
		return !this.range || (line.tMs >= this.range.fromMs && line.tMs <= this.range.toMs);
	}
}

export const LEVELS = ["fatal", "error", "warn", "info", "debug", "trace"] as const;

/** The chip a level belongs to: one we know, or "other". */
export function levelOf(level: string): string {
	return (LEVELS as readonly string[]).includes(level) ? level : "other";
}
