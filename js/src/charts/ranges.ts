/** The value range of each unit in a plot: wider at once, narrower once in a while, so that the picture rests. */
import uPlot from "uplot";
import type { Samples } from "./align";
import { type RangeOptions, valueRange } from "./axes";
import { type Extent, extentFrom, extentOf, join } from "./extent";
import type { PlotConfig, Scene } from "./plot";

export interface Span {
	min: number;
	max: number;
}

/** All samples are looked at again after so long; in between only new ones. */
const REVIEW_MS = 1000;

type RangeConfig = Pick<PlotConfig, "lines" | "thresholds" | "yMin" | "yMax" | "log">;
type RangeScene = Pick<Scene, "samples" | "fromMs" | "toMs" | "anew" | "spans">;

interface Seen {
	samples: object;
	appended: number;
}

export class Ranges {
	#spans = new Map<string, Span>();
	#extents = new Map<string, Extent | null>();
	#seen: Seen[] = [];
	#reviewedMs = Number.NEGATIVE_INFINITY;
	#stretch = 0;

	of(unit: string): Span {
		return this.#spans.get(unit) ?? { min: 0, max: 1 };
	}

	get spans(): ReadonlyMap<string, Span> {
		return this.#spans;
	}

	/** Takes in what a scene shows; says whether a range changed. */
	take(config: RangeConfig, scene: RangeScene): boolean {
		this.#look(config, scene);
		let changed = false;
		let main = true;
		for (const [unit, extent] of this.#extents) {
			const found = scene.spans?.get(unit) ?? spanOf(extent, config, unit, main);
			const before = this.#spans.get(unit);
			if (before?.min !== found.min || before.max !== found.max) {
				this.#spans.set(unit, found);
				changed = true;
			}
			main = false;
		}
		return changed;
	}

	#look(config: RangeConfig, { samples, fromMs, toMs, anew }: RangeScene): void {
		const now = performance.now();
		const stretch = Math.round(toMs - fromMs);
		const whole = anew || now - this.#reviewedMs >= REVIEW_MS || stretch !== this.#stretch;
		if (whole) {
			this.#extents.clear();
			this.#reviewedMs = now;
			this.#stretch = stretch;
		}
		config.lines.forEach(({ unit, show }, i) => {
			const line = samples[i];
			const before = this.#extents.get(unit) ?? null;
			if (!this.#extents.has(unit)) this.#extents.set(unit, null);
			if (!line) return;
			const seen = this.#seen[i];
			const appended = line.appended ?? 0;
			const news = whole || seen?.samples !== line ? null : appended - seen.appended;
			this.#seen[i] = { samples: line, appended };
			if (!show || news === 0) return;
			this.#extents.set(unit, join(before, lookAt(line, news, fromMs, toMs, config.log)));
		});
	}
}

/** The extent of the newest `news` samples; of all between the times where that is null. */
function lookAt(line: Samples, news: number | null, fromMs: number, toMs: number, log: boolean): Extent | null {
	const views = { x: line.x, y: line.y };
	if (news === null) return extentOf(views, fromMs, toMs, log);
	return extentFrom(views, Math.max(0, views.x.length - news), Number.POSITIVE_INFINITY, log);
}

/** What an axis shows of an extent. */
function spanOf(extent: Extent | null, config: RangeConfig, unit: string, main: boolean): Span {
	const options = main ? { ...config, unit } : { unit, thresholds: [] };
	if (config.log) return logSpan(extent ?? { min: 1, max: 10 }, options);
	const [min, max] = valueRange(extent?.min ?? null, extent?.max ?? null, options);
	return { min, max };
}

/** A round span on an axis of powers of ten, with the thresholds within a tenth and ten times of the extent; a bound that was asked for stands. */
function logSpan({ min: low, max: high }: Extent, { thresholds, yMin = 0, yMax = 0 }: RangeOptions): Span {
	const near = thresholds.map(({ value }) => value).filter((value) => value >= low / 10 && value <= high * 10);
	const [min, max] = uPlot.rangeLog(Math.min(low, ...near), Math.max(high, ...near), 10, false) as [number, number];
	const from = yMin > 0 ? yMin : min;
	return { min: from, max: yMax > from ? yMax : Math.max(max, from * 10) };
}
