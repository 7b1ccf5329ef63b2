/** Where a reader stands in a log and what they marked, as handed on to the view that comes next: after a reload, another run. */
import type { LogRing } from "../store/logs";
import { type Bag, bag, list, num } from "../wire/read";

/** Marks handed on at most, the newest. */
const MAX_MARKS = 50;

export interface Anchor {
	id: number;
	/** How far the line is scrolled out of sight, in CSS pixels. */
	offset: number;
	/** The newest line when reading began. */
	pausedId: number;
}

/** A line by its id and time: in another kernel, as with a dashboard that is loaded, other lines have the same ids. */
interface Known {
	id: number;
	tMs: number;
}

export class Kept {
	#place: (Known & Anchor) | null;
	#marks: (Known & { atMs: number })[];

	constructor(options: Bag) {
		const known = (line: Bag) => ({ id: num(line.id), tMs: num(line.tMs) });
		const place = bag(options.place);
		const read = { ...known(place), offset: num(place.offset), pausedId: num(place.pausedId) };
		this.#place = read.id > 0 ? read : null;
		this.#marks = list(options.marks, (mark) => ({ ...known(mark), atMs: num(mark.atMs) }), MAX_MARKS);
	}

	/** Whether all lines are there that it speaks of, or never will be. */
	ready(ring: LogRing): boolean {
		const newest = ring.at(ring.end - 1)?.id ?? 0;
		return newest >= Math.max(this.#place?.id ?? 0, ...this.#marks.map((mark) => mark.id));
	}

	/** Where to go on reading; null = nowhere, as where the line is gone. */
	place(ring: LogRing): Anchor | null {
		return this.#place && there(ring, this.#place) ? this.#place : null;
	}

	marks(ring: LogRing): [number, number][] {
		return this.#marks.filter((mark) => there(ring, mark)).map(({ id, atMs }) => [id, atMs]);
	}
}

/** What `Kept` reads again. */
export function kept(ring: LogRing, anchor: Anchor | null, marks: ReadonlyMap<number, number>): Bag {
	const tMs = (id: number) => ring.at(ring.seek(id))?.tMs ?? 0;
	return {
		place: anchor && { ...anchor, tMs: tMs(anchor.id) },
		marks: [...marks].slice(-MAX_MARKS).map(([id, atMs]) => ({ id, tMs: tMs(id), atMs })),
	};
}

function there(ring: LogRing, { id, tMs }: Known): boolean {
	const line = ring.at(ring.seek(id));
	return line?.id === id && line.tMs === tMs;
}
