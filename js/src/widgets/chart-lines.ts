/** The series of a chart: which line each has, whether it is hidden, which panel it belongs to, what is drawn of it. */
import type { Trace } from "../charts/line-layer";
import { lineStyle } from "../charts/palette";
import type { Line } from "../charts/plot";
import type { Theme } from "../lib/theme";
import type { SeriesRing, SeriesStore } from "../store/series";
import type { SeriesInfo } from "../wire/types";
import { namesOf } from "./chart-names";
import { seriesKey, seriesMark } from "./chart-options";
import type { Stretch } from "./chart-range";

const NOTHING = { x: new Float64Array(0), y: new Float64Array(0) };

/** Series with the same value of the label that a chart is split by. */
export interface Group {
	name: string;
	/** Indexes into the lines. */
	members: number[];
}

export class ChartLines {
	rings: SeriesRing[] = [];
	lines: Line[] = [];
	/** What is drawn of each: the series as they grow, or what they were when the picture was frozen. */
	samples: Trace["samples"][] = [];
	/** What the names of all have in common, and the short ones leave out. */
	shared = "";
	#kept: Trace["samples"][] = [];
	/** The stretch that is here in full. */
	#refined: Stretch | null = null;
	#slots = new Map<string, number>();
	/** By their marks, so that a saved notebook tells no label. */
	#hidden: Set<string>;
	/** The only ones to be shown, once they are here. */
	#only: Set<string>;

	/** `hidden` and `only`: what was hidden by hand, as `handmade` gives it. */
	constructor(hidden: readonly string[] = [], only: readonly string[] = []) {
		this.#hidden = new Set(hidden);
		this.#only = new Set(only);
	}

	/** What is hidden, the shorter way: those that are, or the only ones that are not. */
	get handmade(): { hidden: string[]; only: string[] } {
		const shown = this.rings.map(({ info }) => markOf(info)).filter((mark) => !this.#hidden.has(mark));
		const few = this.#hidden.size <= shown.length || shown.length === 0;
		return few ? { hidden: [...this.#hidden], only: [] } : { hidden: [], only: shown };
	}

	take(rings: SeriesRing[]): void {
		this.rings = rings;
		this.samples = this.#kept = rings;
	}

	/** Colours by series, which keep theirs over new snapshots. */
	style(theme: Theme): void {
		if (this.#only.size && this.rings.length) {
			const marks = this.rings.map(({ info }) => markOf(info));
			this.#hidden = new Set(marks.filter((mark) => !this.#only.has(mark)));
			this.#only.clear();
		}
		const { short, shared } = namesOf(this.rings.map(({ info }) => info));
		this.shared = shared;
		this.lines = this.rings.map(({ info }, i) => {
			const key = seriesKey(info);
			const slot = this.#slots.get(key) ?? this.#slots.size;
			this.#slots.set(key, slot);
			const visible = !this.#hidden.has(seriesMark(key));
			const names = { label: info.name, short: short[i] ?? info.name };
			return { ...names, unit: info.unit, ...lineStyle(slot, theme), show: visible };
		});
	}

	/** Keeps what there is, whatever happens to the store. */
	keep(): void {
		this.samples = this.#kept = this.rings.map(({ x, y }) => ({ x: x.slice(), y: y.slice() }));
	}

	live(): void {
		this.samples = this.rings;
		this.#refined = null;
	}

	/** Shows the samples of another store, series by series, as the refined part of a history. */
	refine(store: SeriesStore, stretch: Stretch): void {
		const found = new Map(store.rings.map((ring) => [seriesKey(ring.info), ring]));
		this.#refined = stretch;
		this.samples = this.rings.map((ring) => {
			const { x, y } = found.get(seriesKey(ring.info)) ?? NOTHING;
			return { x, y };
		});
	}

	/** Shows what was kept again, unless the stretch lies in the refined part. */
	whole({ from, to }: Stretch): void {
		if (!this.#refined || (from >= this.#refined.from && to <= this.#refined.to)) return;
		this.#refined = null;
		this.samples = this.#kept;
	}

	/** Hides or shows a series, or (again: no longer) only it; `style` comes after it. */
	toggle(key: string, alone: boolean): void {
		const [mark, marks] = [seriesMark(key), this.rings.map(({ info }) => markOf(info))];
		if (alone) {
			const others = marks.filter((other) => other !== mark);
			const isolated = !this.#hidden.has(mark) && others.every((other) => this.#hidden.has(other));
			this.#hidden = new Set(isolated ? [] : others);
		} else if (!this.#hidden.delete(mark)) this.#hidden.add(mark);
	}

	/** The series by the value of a label ("metric" is one too), in the order of the values; all as one where there is none. */
	groups(facet: string, most: number): Group[] {
		if (!facet) return [{ name: "", members: this.rings.map((_, i) => i) }];
		const groups = new Map<string, number[]>();
		this.rings.forEach(({ info }, i) => {
			const name = facet === "metric" ? info.metric : (info.labels[facet] ?? `no ${facet}`);
			groups.set(name, [...(groups.get(name) ?? []), i]);
		});
		const sorted = [...groups].sort(([a], [b]) => a.localeCompare(b, undefined, { numeric: true }));
		const shown = sorted.map(([name, members]) => ({ name, members }));
		if (shown.length <= most) return shown.length ? shown : [{ name: "", members: [] }];
		const rest = shown.splice(most - 1).flatMap(({ members }) => members);
		return [...shown, { name: `${sorted.length - most + 1} more`, members: rest }];
	}
}

function markOf(info: SeriesInfo): string {
	return seriesMark(seriesKey(info));
}
