/** Puts series with times of their own onto one shared x, as uPlot needs it. */

/** null = a gap in the line; undefined = this series has no sample at that x (the line goes on). */
export type Column = (number | null | undefined)[];

export interface Aligned {
	x: number[];
	columns: Column[];
}

export interface Samples {
	x: Float64Array;
	y: Float64Array;
}

/**
 * Merges series, each ascending in x. Samples of different series within `toleranceMs` share an x (choose less than a pixel);
 * two samples of one series never do.
 */
export function align(series: readonly Samples[], toleranceMs: number): Aligned {
	// A ring makes its views on demand: take them once, not once per row.
	const views = series.map(({ x, y }) => ({ x, y }));
	const x: number[] = [];
	const columns: Column[] = series.map(() => []);
	const next = series.map(() => 0);
	for (;;) {
		const start = earliest(views, next);
		if (start === null) return { x, columns };
		const row = x.push(start) - 1;
		for (let s = 0; s < views.length; s++) {
			const { x: sx, y: sy } = views[s] as Samples;
			const i = next[s] as number;
			if (i < sx.length && (sx[i] as number) <= start + toleranceMs) {
				const value = sy[i] as number;
				(columns[s] as Column)[row] = Number.isNaN(value) ? null : value;
				next[s] = i + 1;
			} else {
				(columns[s] as Column)[row] = undefined;
			}
		}
	}
}

function earliest(series: readonly Samples[], next: readonly number[]): number | null {
	let first: number | null = null;
	for (let s = 0; s < series.length; s++) {
		const t = (series[s] as Samples).x[next[s] as number];
		if (t !== undefined && (first === null || t < first)) first = t;
	}
	return first;
}
