/** Ranges and labels of the axes. */
import { axisTime, formatValue, offsetMs } from "../lib/format";
import type { Threshold } from "../wire/types";

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Distances between time ticks that read well. */
export const TIME_STEPS = [
	...[1, 2, 5, 10, 20, 50, 100, 200, 500],
	...[1, 2, 5, 10, 15, 30].map((n) => n * SECOND),
	...[1, 2, 5, 10, 15, 30].map((n) => n * MINUTE),
	...[1, 2, 3, 6, 12].map((n) => n * HOUR),
	...[1, 2, 7].map((n) => n * DAY),
];

const BYTE_UNITS = new Set(["b", "by", "byte", "bytes", "b/s", "bytes/s"]);

/** Powers from one tick of a log axis to the next. */
const EVERY = [1, 2, 5, 10, 20, 50, 100];

function isBytes(unit: string): boolean {
	return BYTE_UNITS.has(unit.trim().toLowerCase());
}

/** Distances between ticks that stay round in KiB, MiB …; undefined where decimal ones do. */
export function valueSteps(unit: string): number[] | undefined {
	if (!isBytes(unit)) return undefined;
	return Array.from({ length: 51 }, (_, power) => 2 ** power);
}

export function timeLabels(splits: readonly number[], stepMs: number, zone: string): string[] {
	return splits.map((t) => axisTime(t, stepMs, zone));
}

/** Ticks between two times that are round on a zone's clock, also where that is put forward or back between them. */
export function timeTicks(fromMs: number, toMs: number, stepMs: number, zone: string): number[] {
	const rounded = (t: number, round: (steps: number) => number) => {
		const wall = t + offsetMs(t, zone);
		return t + round(wall / stepMs) * stepMs - wall;
	};
	const ticks: number[] = [];
	for (let t = rounded(Math.ceil(fromMs), Math.ceil); t <= toMs; t = rounded(t + stepMs, Math.round)) ticks.push(t);
	return ticks;
}

/** Distances between ticks of a log axis that do not run into one another, in CSS pixels. */
const LOG_PX = 20;
/** What is ticked within a decade, the most first, and the least distance between two of them in decades. */
const WITHIN: [number[], number][] = [
	[[1, 2, 3, 4, 5, 6, 7, 8, 9], 0.045],
	[[1, 2, 3, 5, 7], 0.14],
	[[1, 2, 5], 0.3],
	[[1], 1],
];

/** Ticks of a log axis that is so high: powers of ten, of bytes of two; some between them, or not all, as there is room. */
export function logTicks(min: number, max: number, heightPx: number, unit: string): number[] {
	if (!(min > 0 && max > min && max < Number.POSITIVE_INFINITY)) return [];
	const base = isBytes(unit) ? 2 : 10;
	const powerOf = base === 2 ? Math.log2 : Math.log10;
	const [low, high] = [powerOf(min), powerOf(max)];
	const powerPx = Math.max(heightPx, LOG_PX) / (high - low);
	const within = base === 2 ? [1] : (WITHIN.find(([, least]) => least * powerPx >= LOG_PX)?.[0] ?? [1]);
	const every = EVERY.find((powers) => powers * powerPx >= LOG_PX) ?? 200;
	const ticks: number[] = [];
	for (let power = Math.floor(low / every) * every; power <= high; power += every)
		ticks.push(...within.map((n) => (base === 2 ? 2 ** power : Number(`${n}e${power}`))));
	return ticks.filter((tick) => tick >= min && tick <= max);
}

/** `log`: each is written by itself, for the largest says nothing of the smallest. */
export function valueLabels(splits: readonly number[], step: number, unit: string, log = false): string[] {
	if (log) return splits.map((v) => formatValue(v, unit));
	const near = splits.reduce((max, v) => Math.max(max, Math.abs(v)), 0);
	return splits.map((v) => formatValue(v, unit, step, near));
}

export interface RangeOptions {
	unit: string;
	thresholds: readonly Threshold[];
	yMin?: number | undefined;
	yMax?: number | undefined;
}

/** A threshold further off than this times the data is not worth flattening the lines for. */
const THRESHOLD_REACH = 3;
const PADDING = 0.08;

/** The y range for data between `min` and `max`: padded, from zero where zero is near, with thresholds in reach. */
export function valueRange(min: number | null, max: number | null, options: RangeOptions): [number, number] {
	let low = min ?? 0;
	let high = max ?? (isPercent(options.unit) ? 100 : 1);
	const reach = Math.max(Math.abs(low), Math.abs(high)) * THRESHOLD_REACH;
	for (const { value } of options.thresholds) {
		if (Math.abs(value) > reach) continue;
		low = Math.min(low, value);
		high = Math.max(high, value);
	}
	if (high - low <= Math.max(Math.abs(high), Math.abs(low)) * 1e-12) {
		const room = Math.abs(high) * 0.1 || 1;
		high += room;
		low -= room;
	}
	const span = high - low;
	const fromZero = (min ?? 0) >= 0 && low <= span * 1.5;
	low = fromZero ? 0 : low - span * PADDING;
	high += (high - low) * PADDING;
	if (isPercent(options.unit) && (max ?? 0) <= 100) high = Math.min(high, 100);
	low = options.yMin ?? low;
	high = options.yMax ?? high;
	return high > low ? [low, high] : [low, low + 1];
}

function isPercent(unit: string): boolean {
	return unit === "percent" || unit === "%" || unit === "pct";
}

/** Which axis each unit gets: the first left, the second right, any further one a hidden scale of its own. */
export function unitScales(units: readonly string[]): Map<string, string> {
	const scales = new Map<string, string>();
	for (const unit of units) if (!scales.has(unit)) scales.set(unit, `y${scales.size + 1}`);
	return scales;
}
