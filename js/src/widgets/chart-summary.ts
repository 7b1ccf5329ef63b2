/** A chart in words, for those who cannot see it. */
import { duration, formatValue } from "../lib/format";
import { oneLine } from "../lib/text";
import type { SeriesRing } from "../store/series";

const MAX_SERIES = 12;

export function describe(rings: readonly SeriesRing[], windowMs: number): string {
	if (rings.length === 0) return "No samples yet.";
	const lines = rings.slice(0, MAX_SERIES).map(describeOne);
	const more = rings.length > MAX_SERIES ? ` And ${rings.length - MAX_SERIES} more.` : "";
	return `${rings.length} series over the last ${duration(windowMs)}. ${lines.join(" ")}${more}`;
}

function describeOne({ info, y, lastY }: SeriesRing): string {
	let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
	for (const v of y) {
		if (v < low) low = v;
		if (v > high) high = v;
	}
	if (lastY === null) return `${oneLine(info.name)}: no values.`;
	const words = [lastY, low, high].map((v) => oneLine(formatValue(v, info.unit)));
	return `${oneLine(info.name)}: now ${words[0]}, lowest ${words[1]}, highest ${words[2]}.`;
}
