/** Where each row stands: a fixed height, or, wrapped, a height worked out from its length (the font is monospaced). */
import { ansiRuns, hasAnsi, type Run } from "../lib/ansi";
import { flat, MAX_LINE, neutralise, oneLine, unended } from "../lib/text";
import type { LogLine } from "../wire/types";
import type { LogFilter } from "./log-filter";

export const ROW_PX = 20;
const WIDE = /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/g;

/** A line's text as its row shows it, in its colours; `{…}` says that there is more in the details. */
export function rowRuns(line: LogLine): Run[] {
	const more = line.metadata && Object.keys(line.metadata).length > 0 ? " {…}" : "";
	if (!hasAnsi(line.message)) return [{ text: oneLine(line.message) + more, ink: "" }];
	const message = unended(line.message);
	const over = message.length - MAX_LINE;
	const runs = ansiRuns(message.slice(0, MAX_LINE)).map((run) => ({ ...run, text: flat(neutralise(run.text)) }));
	const end = (over > 0 ? ` … [${over} more characters not shown]` : "") + more;
	return end ? [...runs, { text: end, ink: "" }] : runs;
}

export function rowText(line: LogLine): string {
	return rowRuns(line)
		.map((run) => run.text)
		.join("");
}

export class LogLayout {
	/** Columns of text in a wrapped row; null = rows are not wrapped. */
	#columns: number | null = null;
	/** Where each row ends. Rows are numbered through a generation of the filter; `#start` is the number of the first one here. */
	#ends: number[] = [];
	#start = 0;
	#generation = -1;
	#lengths = new WeakMap<LogLine, number>();

	constructor(private readonly filter: LogFilter) {}

	get columns(): number | null {
		return this.#columns;
	}

	/** Sets or ends wrapping. */
	wrap(columns: number | null): void {
		if (columns === this.#columns) return;
		this.#columns = columns;
		this.#generation = -1;
	}

	/** Follows the filter after it took in new lines. */
	refresh(): void {
		const { columns, filter } = { columns: this.#columns, filter: this.filter };
		if (columns === null) return;
		if (this.#generation !== filter.generation) {
			this.#generation = filter.generation;
			this.#ends = [];
			this.#start = filter.gone;
		}
		let end = this.#ends[this.#ends.length - 1] ?? 0;
		for (let row = this.#start + this.#ends.length; row < filter.gone + filter.length; row++) {
			// Rows that came and left between two refreshes have no height.
			if (row >= filter.gone) end += this.#rowHeight(row - filter.gone, columns);
			this.#ends.push(end);
		}
		const surplus = filter.gone - this.#start - 1;
		if (surplus > 1024 && surplus > this.#ends.length / 2) {
			this.#ends = this.#ends.slice(surplus);
			this.#start += surplus;
		}
	}

	get total(): number {
		return this.top(this.filter.length);
	}

	/** Distance of a row from the top. */
	top(index: number): number {
		if (this.#columns === null) return index * ROW_PX;
		return this.#end(this.filter.gone + index - 1) - this.#end(this.filter.gone - 1);
	}

	height(index: number): number {
		return this.top(index + 1) - this.top(index);
	}

	/** The row that covers a distance from the top. */
	at(px: number): number {
		const last = Math.max(0, this.filter.length - 1);
		if (this.#columns === null) return Math.min(last, Math.max(0, Math.floor(px / ROW_PX)));
		let [low, high] = [0, last];
		while (low < high) {
			const mid = (low + high) >> 1;
			if (this.top(mid + 1) <= px) low = mid + 1;
			else high = mid;
		}
		return low;
	}

	#end(row: number): number {
		return this.#ends[row - this.#start] ?? 0;
	}

	#rowHeight(index: number, columns: number): number {
		const line = this.filter.line(index);
		if (!line) return ROW_PX;
		let length = this.#lengths.get(line);
		if (length === undefined) {
			const text = rowText(line);
			length = text.length + (text.match(WIDE)?.length ?? 0);
			this.#lengths.set(line, length);
		}
		return Math.max(1, Math.ceil(length / columns)) * ROW_PX;
	}
}
