/** The options of a MetricChart, read with their defaults. */
import { list, num, numOrNull, str, texts } from "../wire/read";
import type { ChartOptions, SeriesInfo, Threshold } from "../wire/types";

export type ReadChartOptions = Required<
	Pick<
		ChartOptions,
		| "title"
		| "heightPx"
		| "windowMs"
		| "legend"
		| "thresholds"
		| "log"
		| "stacked"
		| "facet"
		| "sharedY"
		| "code"
		| "refines"
	>
> & {
	yMin: number | undefined;
	yMax: number | undefined;
	/** Keys of series that the user hid, or the only ones that the user shows. */
	hidden: string[];
	only: string[];
};

const DEFAULT_HEIGHT_PX = 220;

/** `windowMs` 0 = the window the kernel keeps. */
export function chartOptions(options: Record<string, unknown>): ReadChartOptions {
	return {
		title: str(options.title),
		heightPx: Math.min(2000, Math.max(80, num(options.heightPx, DEFAULT_HEIGHT_PX))),
		windowMs: Math.max(0, num(options.windowMs)),
		legend: options.legend !== false,
		thresholds: list(options.thresholds, threshold, 20).filter((t): t is Threshold => t !== null),
		log: options.log === true && options.stacked !== true,
		stacked: options.stacked === true,
		facet: str(options.facet),
		sharedY: options.sharedY !== false,
		code: str(options.code),
		refines: options.refines === true,
		yMin: numOrNull(options.yMin) ?? undefined,
		yMax: numOrNull(options.yMax) ?? undefined,
		hidden: texts(options.hidden),
		only: texts(options.only),
	};
}

function threshold(t: Record<string, unknown>): Threshold | null {
	const value = numOrNull(t.value);
	if (value === null) return null;
	const color = str(t.color);
	return color ? { value, label: str(t.label), color } : { value, label: str(t.label) };
}

/** What makes a series the same one after a new snapshot: its numbers change, its metric and labels do not. */
export function seriesKey(info: SeriesInfo): string {
	return JSON.stringify([info.metric, Object.entries(info.labels).sort()]);
}

/** A short mark of a series by its key (FNV-1a): what is kept in the notebook tells no label. */
export function seriesMark(key: string): string {
	let hash = 0x811c9dc5;
	for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
	return (hash >>> 0).toString(36);
}
