/** Short names of a chart's series: what tells them apart comes first where there is room for little. */
import type { SeriesInfo } from "../wire/types";

export interface Names {
	/** By series. */
	short: string[];
	/** What all of them have in common; empty where they are named in full. */
	shared: string;
}

/** A value of a label longer than this is told without what all its like begin and end with. */
const LONG = 24;
/** Less than this is not worth a "…". */
const WORTH = 6;

export function namesOf(infos: readonly SeriesInfo[]): Names {
	const first = infos[0];
	const labels = [...new Set(infos.flatMap((info) => Object.keys(info.labels)))].sort();
	const withMetric = infos.some(({ metric }) => metric !== first?.metric);
	const valuesOf = (label: string) => infos.map((info) => info.labels[label]);
	const several = labels.filter((label) => new Set(valuesOf(label).filter(isText)).size > 1);
	const uncommon = labels.filter((label) => new Set(valuesOf(label)).size > 1);
	// A label that some do not have is left out too, where the others do.
	for (const telling of [several, uncommon]) {
		const edges = new Map(telling.map((label) => [label, edgesOf(valuesOf(label).filter(isText))]));
		const short = infos.map(({ metric, labels: own }) => {
			const words = telling.flatMap((label) => {
				const value = own[label];
				if (value === undefined) return [];
				const [start, end] = edges.get(label) as [string, string];
				const rest = value.slice(start.length, value.length - end.length);
				return `${telling.length > 1 ? `${label}=` : ""}${start && "…"}${rest}${end && "…"}`;
			});
			return (withMetric ? [metric, ...words] : words).join(" ") || metric;
		});
		if (infos.length < 2 || new Set(short).size < short.length) continue;
		const pairs = labels.flatMap((label) => {
			if (!valuesOf(label).every(isText)) return [];
			const parts = edges.get(label) ?? [first?.labels[label]];
			const said = parts.length > 1 && parts.some(Boolean) ? parts.join("…") : parts[0];
			return said || !edges.has(label) ? `${label}=${JSON.stringify(said)}` : [];
		});
		return { short, shared: (withMetric ? "" : first?.metric) + (pairs.length ? `{${pairs.join(", ")}}` : "") };
	}
	return { short: infos.map(({ name }) => name), shared: "" };
}

function isText(value: string | undefined): value is string {
	return value !== undefined;
}

/** What all begin and end with, up to where a word ends; nothing where it is not worth a "…". */
function edgesOf(values: readonly string[]): [string, string] {
	if (!values.some((value) => value.length > LONG)) return ["", ""];
	const start = begin(values);
	const end = turned(begin(values.map((value) => turned(value.slice(start.length)))));
	return [start, end];
}

function turned(text: string): string {
	return [...text].reverse().join("");
}

function begin(values: readonly string[]): string {
	const common = values.reduce((all, value) => {
		let n = 0;
		while (n < all.length && all[n] === value[n]) n++;
		return all.slice(0, n);
	});
	const words = /^.*[^\p{L}\p{N}]/su.exec(common)?.[0] ?? "";
	return words.length < WORTH ? "" : words;
}
