/** One line from many series of a metric: what a card can show in a corner. */
import type { SeriesRing } from "../store/series";
import { align } from "./align";

export interface Summary {
	/** How the series were put together; empty for a single one. */
	how: string;
	unit: string;
	x: number[];
	/** NaN = gap. */
	y: number[];
	last: number | null;
}

/** Units where a mean over components says something and a sum does not. */
const MEAN_UNITS = new Set(["percent", "%", "pct", "ratio", "percentunit"]);

/** The metric's series as one: itself where there is one, else the mean (percentages) or the sum (everything else). */
export function summarise(rings: readonly SeriesRing[], toleranceMs: number): Summary | null {
	const [first] = rings;
	if (!first) return null;
	if (rings.length === 1) {
		return { how: "", unit: first.info.unit, x: [...first.x], y: [...first.y], last: first.lastY };
	}
	const mean = MEAN_UNITS.has(first.info.unit.toLowerCase());
	const { x, columns } = align(rings, toleranceMs);
	const held: (number | null)[] = rings.map(() => null);
	const y = x.map((_, row) => {
		let [sum, n] = [0, 0];
		for (let s = 0; s < columns.length; s++) {
			const value = columns[s]?.[row];
			if (value !== undefined) held[s] = value;
			const now = held[s];
			if (now !== null && now !== undefined) {
				sum += now;
				n++;
			}
		}
		return n === 0 ? Number.NaN : mean ? sum / n : sum;
	});
	const last = y.findLast((v) => !Number.isNaN(v)) ?? null;
	return { how: `${mean ? "mean" : "sum"} of ${rings.length}`, unit: first.info.unit, x, y, last };
}
