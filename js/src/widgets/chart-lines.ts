/** The series of a chart: which line each has, whether it is hidden, which panel it belongs to, what is drawn of it. */
import type { Trace } from "../charts/line-layer";
import { lineStyle } from "../charts/palette";
import type { Line } from "../charts/plot";
import type { Theme } from "../lib/theme";
import type { SeriesRing, SeriesStore } from "../store/series";
import { seriesKey, seriesMark } from "./chart-options";

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
	#slots = new Map<string, number>();
	#hidden: Set<string>;

	/** `hidden`: marks of series. */
	constructor(hidden: readonly string[] = []) {
		this.#hidden = new Set(hidden);
	}

	get hidden(): string[] {
		return [...this.#hidden];
	}

	take(rings: SeriesRing[]): void {
		this.rings = rings;
		this.samples = rings;
	}

	/** Colours by series, which keep theirs over new snapshots. */
	style(theme: Theme): void {
		this.lines = this.rings.map(({ info }) => {
			const key = seriesKey(info);
			const slot = this.#slots.get(key) ?? this.#slots.size;
			this.#slots.set(key, slot);
			return { label: info.name, unit: info.unit, ...lineStyle(slot, theme), show: !this.#hidden.has(seriesMark(key)) };
		});
	}

	/** Keeps what there is, whatever happens to the store. */
	keep(): void {
		this.samples = this.rings.map(({ x, y }) => ({ x: x.slice(), y: y.slice() }));
	}

	live(): void {
		this.samples = this.rings;
	}

	/** Shows the samples of another store, series by series, as a refined part of a long history. */
	refine(store: SeriesStore): void {
		const found = new Map(store.rings.map((ring) => [seriesKey(ring.info), ring]));
		this.samples = this.rings.map((ring) => {
			const { x, y } = found.get(seriesKey(ring.info)) ?? NOTHING;
			return { x, y };
		});
	}

	/** Hides or shows a series, or (again: no longer) only it. Returns the lines that changed. */
	toggle(key: string, alone: boolean): number[] {
		const mark = seriesMark(key);
		const marks = this.rings.map((ring) => seriesMark(seriesKey(ring.info)));
		if (alone) {
			const others = marks.filter((other) => other !== mark);
			const isolated = !this.#hidden.has(mark) && others.every((other) => this.#hidden.has(other));
			this.#hidden = new Set(isolated ? [] : others);
		} else if (!this.#hidden.delete(mark)) this.#hidden.add(mark);
		return marks.flatMap((m, i) => {
			const visible = !this.#hidden.has(m);
			const line = this.lines[i];
			if (!line || line.show === visible) return [];
			line.show = visible;
			return [i];
		});
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
