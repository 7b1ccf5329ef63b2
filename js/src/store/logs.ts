/** Log lines in the browser: the newest `limit`, addressed by a position that never changes while a line is kept. */
import type { LogLine, LogsBody } from "../wire/types";

export const DEFAULT_LIMIT = 10_000;
/** While somebody reads older lines, the ring may grow to this many times its limit before they are dropped. */
const HELD_FACTOR = 2;

export class LogRing {
	#lines: LogLine[] = [];
	#skip = 0;
	#holds = 0;
	/** Position of the oldest line kept; rises as lines are dropped. */
	first = 0;
	/** Rises with every snap. Positions go on rising too, so that one of an older era is below `first`. */
	era = 0;
	limit = DEFAULT_LIMIT;
	total = 0;
	/** Lines the kernel has now, shown here or not. */
	held = 0;
	filtered = 0;
	notice = "";
	lost = 0;
	/** Lines kept, by level; "" is a line without one. */
	readonly levels = new Map<string, number>();
	/** Lines kept, by component. */
	readonly components = new Map<string, number>();

	get length(): number {
		return this.#lines.length - this.#skip;
	}

	/** One past the position of the newest line. */
	get end(): number {
		return this.first + this.length;
	}

	at(position: number): LogLine | undefined {
		return this.#lines[this.#skip + position - this.first];
	}

	/** Position of the first line with this id or a later one. */
	seek(id: number): number {
		let [low, high] = [this.first, this.end];
		while (low < high) {
			const mid = (low + high) >> 1;
			if ((this.at(mid)?.id ?? 0) < id) low = mid + 1;
			else high = mid;
		}
		return low;
	}

	take(body: LogsBody, snap: boolean): void {
		if (snap) this.#clear();
		if (body.limit > 0) this.limit = body.limit;
		this.total = body.total;
		this.held = body.held;
		this.filtered = body.filtered;
		this.notice = body.notice;
		this.lost = body.lost;
		for (const line of body.lines) {
			this.#lines.push(line);
			tally(this.levels, line.level, 1);
			tally(this.components, line.component, 1);
		}
		this.#trim();
	}

	/** Keeps lines longer while a reader looks at older ones; returns the release. */
	hold(): () => void {
		this.#holds++;
		let held = true;
		return () => {
			if (!held) return;
			held = false;
			this.#holds--;
			this.#trim();
		};
	}

	#clear(): void {
		this.first = this.end;
		this.#lines = [];
		this.#skip = 0;
		this.era++;
		this.levels.clear();
		this.components.clear();
	}

	#trim(): void {
		const keep = this.#holds > 0 ? this.limit * HELD_FACTOR : this.limit;
		for (let over = this.length - keep; over > 0; over--) {
			const line = this.#lines[this.#skip] as LogLine;
			tally(this.levels, line.level, -1);
			tally(this.components, line.component, -1);
			this.#skip++;
			this.first++;
		}
		// Moving the array costs its length, so it is moved once per many drops.
		if (this.#skip > 1024 && this.#skip > this.#lines.length / 2) {
			this.#lines = this.#lines.slice(this.#skip);
			this.#skip = 0;
		}
	}
}

function tally(counts: Map<string, number>, key: string, by: 1 | -1): void {
	const n = (counts.get(key) ?? 0) + by;
	if (n > 0) counts.set(key, n);
	else counts.delete(key);
}
