/** The lowest and highest value of samples within a stretch of time. */
import type { Samples } from "./align";

export interface Extent {
	min: number;
	max: number;
}

/** The first index whose x is not below `t`; x ascends. */
export function lowerBound(x: ArrayLike<number>, t: number): number {
	let [low, high] = [0, x.length];
	while (low < high) {
		const mid = (low + high) >> 1;
		if ((x[mid] as number) < t) low = mid + 1;
		else high = mid;
	}
	return low;
}

/** The extent between two times, or null where there is nothing; `positive` leaves out what a log axis has no place for. */
export function extentOf({ x, y }: Samples, fromMs: number, toMs: number, positive = false): Extent | null {
	return extentFrom({ x, y }, Math.max(0, lowerBound(x, fromMs) - 1), toMs, positive);
}

/** The same from index `start` on. What is infinite would leave no room for what is not. */
export function extentFrom({ x, y }: Samples, start: number, toMs: number, positive = false): Extent | null {
	let [min, max] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (let i = start; i < x.length && (x[i] as number) <= toMs; i++) {
		const v = y[i] as number;
		if (!Number.isFinite(v) || (positive && v <= 0)) continue;
		if (v < min) min = v;
		if (v > max) max = v;
	}
	return min <= max ? { min, max } : null;
}

/** What holds both; null holds nothing. */
export function join(a: Extent | null, b: Extent | null): Extent | null {
	if (!a || !b) return a ?? b;
	return { min: Math.min(a.min, b.min), max: Math.max(a.max, b.max) };
}
