/**
 * One plot: uPlot draws axes and cursor, a LineLayer over it the lines, a TopLayer marks and thresholds. Where lines are stacked they are uPlot's.
 * The time axis is set from outside, and everything is drawn within one call, so that its cost can be measured.
 */
import uPlot from "uplot";
import type { Threshold } from "../wire/types";
import type { Aligned } from "./align";
import { logTicks, TIME_STEPS, timeLabels, timeTicks, unitScales, valueLabels, valueRange, valueSteps } from "./axes";
import { LineLayer, type Trace } from "./line-layer";
import { drawBands, drawMarks, type Overlay, type OverlayColors } from "./overlay";
import { Ranges, type Span } from "./ranges";
import { drawThresholds } from "./thresholds";
import { TopLayer } from "./top-layer";

export interface Line {
	/** The whole name. */
	label: string;
	/** What tells it from the others, where that is less. */
	short?: string;
	unit: string;
	color: string;
	dash: number[];
	show: boolean;
}

export interface PlotColors {
	text: string;
	grid: string;
	background: string;
	threshold: string;
	overlay: OverlayColors;
}

export interface PlotConfig {
	lines: Line[];
	thresholds: readonly Threshold[];
	yMin?: number | undefined;
	yMax?: number | undefined;
	colors: PlotColors;
	font: string;
	/** Powers of ten in equal steps; what is not above zero has no place there. */
	log: boolean;
	/** The lines come as sums and are filled. */
	stacked: boolean;
	/** Whose clock the time axis shows. */
	zone: string;
}

/** A canvas of the plot, and where it begins, in device pixels. */
export interface Layer {
	canvas: HTMLCanvasElement;
	left: number;
	top: number;
}

export interface PlotEvents {
	/** The cursor moved to a row of the data, or left (null). */
	cursor(row: number | null, left: number, top: number): void;
	/** The user chose a time range with the mouse. */
	zoom(fromMs: number, toMs: number): void;
	/** The same while selecting, or with Alt held: shift belongs to JupyterLab, which selects cells with it. */
	select(fromMs: number, toMs: number): void;
	reset(): void;
}

const MIN_DRAG_PX = 6;
const CHAR_PX = 6.4;
const MIN_SIZE_PX = 40;
const NOTHING = { x: new Float64Array(0), y: new Float64Array(0) };

/** What one drawing shows. */
export interface Scene {
	samples: readonly Trace["samples"][];
	/** The same on one x, for the cursor and for stacked lines; null = as before. */
	rows: Aligned | null;
	fromMs: number;
	toMs: number;
	/** Samples were taken away or replaced: nothing that is drawn may stay. */
	anew: boolean;
	/** Draw only if it is cheap: a shift and the newest samples. */
	cheap: boolean;
	/** Above 0 while following: the picture moves by whole pixels, at most once in so many milliseconds. */
	stepMs: number;
	/** Value ranges by unit that hold whatever the samples say: small multiples share them. */
	spans?: ReadonlyMap<string, Span> | undefined;
}

export class Plot {
	#plot: uPlot | null = null;
	#config: PlotConfig | null = null;
	#layer: LineLayer | null = null;
	#top = new TopLayer();
	#ranges = new Ranges();
	#shown = { fromMs: 0, toMs: 0 };
	#traced: { samples: Scene["samples"]; traces: readonly Trace[] } | null = null;
	/** A range changed that is not drawn yet. */
	#stale = false;
	#scales = new Map<string, string>();
	#alt = false;
	/** Whether the mouse selects instead of zooming. */
	selecting = false;
	/** Drawn with the next draw. */
	overlay: Overlay = { marks: [], gaps: [], selected: null };

	constructor(
		private readonly host: HTMLElement,
		private readonly events: PlotEvents,
	) {}

	/** Builds the plot anew: series, colours or thresholds changed. */
	configure(config: PlotConfig, width: number, height: number): void {
		const cursor = this.#plot?.cursor.left ?? -10;
		this.#plot?.destroy();
		this.#config = config;
		this.#scales = unitScales(config.lines.map((line) => line.unit));
		this.#ranges = new Ranges();
		this.#plot = new uPlot(
			this.#options(config, width, height),
			[[], ...config.lines.map(() => [])] as uPlot.AlignedData,
			this.host,
		);
		this.#layer = config.stacked ? null : new LineLayer();
		if (this.#layer) {
			this.#layer.canvas.className = "gunj-traces";
			this.#plot.over.before(this.#layer.canvas);
		}
		this.#top.canvas.className = "gunj-top";
		this.#plot.over.before(this.#top.canvas);
		this.#shown = { fromMs: 0, toMs: 0 };
		this.#traced = null;
		if (cursor >= 0) this.#plot.setCursor({ left: cursor, top: 0 }, false);
	}

	/** Draws the samples between two times; says whether it did: what is not cheap is left where only that was asked for. */
	draw(asked: Scene): boolean {
		const [plot, config] = [this.#plot, this.#config];
		if (!plot || !config || asked.toMs <= asked.fromMs) return false;
		const scene = asked.stepMs > 0 ? this.#stepped(asked) : asked;
		const { fromMs, toMs } = scene;
		const layer = this.#layer;
		if (layer && this.#ranges.take(config, scene)) this.#stale = true;
		const moved = fromMs !== this.#shown.fromMs || toMs !== this.#shown.toMs;
		const all = this.#stale || scene.anew;
		if (scene.cheap && (all || !layer?.moves(this.#traces(scene), this.#view(scene)))) return false;
		const traces = layer ? this.#traces(scene) : [];
		if (scene.rows || moved || all)
			plot.batch(() => {
				if (scene.rows) plot.setData([scene.rows.x, ...scene.rows.columns] as uPlot.AlignedData, false);
				plot.setScale("x", { min: fromMs, max: toMs });
			});
		this.#shown = { fromMs, toMs };
		this.#stale = false;
		if (layer?.draw(traces, this.#view(scene)) === "full") place(layer, plot);
		return true;
	}

	/** The scene on a time that moves by whole pixels; what is newer than the last of them has room at the right. */
	#stepped(scene: Scene): Scene {
		const span = scene.toMs - scene.fromMs;
		const pixel = span / Math.max(1, Math.round(this.#plot?.bbox.width ?? 0));
		const step = pixel * Math.max(1, Math.ceil(scene.stepMs / pixel));
		const toMs = Math.ceil(scene.toMs / step) * step;
		return { ...scene, fromMs: toMs - span, toMs };
	}

	/** The same object as long as the picture can be continued. */
	#traces({ samples, anew }: Scene): readonly Trace[] {
		const { lines, log } = this.#config as PlotConfig;
		if (this.#traced && this.#traced.samples === samples && !this.#stale && !anew) return this.#traced.traces;
		const traces = lines.map(({ color, dash, show, unit }, i) => {
			const { min, max } = this.#ranges.of(unit);
			return { samples: samples[i] ?? NOTHING, color, dash, show, min, max, log };
		});
		this.#traced = { samples, traces };
		return traces;
	}

	#view({ fromMs, toMs, anew }: Scene) {
		const { bbox } = this.#plot as uPlot;
		const [width, height] = [Math.max(1, Math.round(bbox.width)), Math.max(1, Math.round(bbox.height))];
		return { fromMs, toMs, width, height, ratio: uPlot.pxRatio || 1, anew };
	}

	/** Says whether the size was another. */
	resize(width: number, height: number): boolean {
		const plot = this.#plot;
		if (!plot || width < MIN_SIZE_PX || (plot.width === width && plot.height === height)) return false;
		plot.setSize({ width, height });
		return true;
	}

	/** Takes rows for the cursor without drawing. */
	know(rows: Aligned): void {
		this.#plot?.setData([rows.x, ...rows.columns] as uPlot.AlignedData, false);
	}

	/** Width of the plotting area in CSS pixels. */
	get width(): number {
		return this.#plot ? this.#plot.bbox.width / (uPlot.pxRatio || 1) : 0;
	}

	/** The canvases, lowest first, and where each begins, in device pixels. */
	get layers(): Layer[] {
		if (!this.#plot) return [];
		const { bbox, ctx } = this.#plot;
		const [axes, top] = [ctx.canvas, this.#top.canvas].map((canvas) => ({ canvas, left: 0, top: 0 })) as [Layer, Layer];
		if (!this.#layer) return [axes, top];
		return [axes, { canvas: this.#layer.canvas, left: bbox.left, top: bbox.top }, top];
	}

	timeAt(left: number): number {
		return this.#plot?.posToVal(left, "x") ?? 0;
	}

	/** How many pixels a height is from a line's value at a row; in a stack, from the upper edge of the layer it is in. */
	far(index: number, value: number, row: number, top: number): number {
		const [plot, config] = [this.#plot, this.#config];
		const at = config?.stacked ? plot?.data[index + 1]?.[row] : value;
		const px = top - (plot?.valToPos(at ?? Number.NaN, this.#scales.get(config?.lines[index]?.unit ?? "") ?? "") ?? 0);
		return config?.stacked && px < 0 ? Number.NaN : Math.abs(px);
	}

	/** Puts the cursor at a time, as far as it is in sight. */
	pointAt(atMs: number): void {
		const left = this.#plot?.valToPos(atMs, "x") ?? -10;
		this.#plot?.setCursor(left >= 0 && left <= this.width ? { left, top: 0 } : { left: -10, top: -10 });
	}

	hideCursor(): void {
		this.#plot?.setCursor({ left: -10, top: -10 });
	}

	/** Where the plotting area begins within the host, in CSS pixels. */
	get inset(): { left: number; top: number } {
		const over = this.#plot?.over;
		return { left: over?.offsetLeft ?? 0, top: over?.offsetTop ?? 0 };
	}

	destroy(): void {
		this.#plot?.destroy();
		this.#plot = this.#layer = null;
	}

	#options(config: PlotConfig, width: number, height: number): uPlot.Options {
		const piles = config.stacked ? pilesOf(config.lines) : [];
		const lowest = piles.map(([first]) => first);
		const axes = this.#valueAxes(config);
		return {
			width: Math.max(width, MIN_SIZE_PX),
			height,
			ms: 1,
			pxAlign: 0,
			legend: { show: false },
			padding: [8, axes.length > 1 ? 0 : 24, 0, 0],
			cursor: this.#cursor(),
			scales: { x: { time: true, auto: false }, ...this.#valueScales(config) },
			axes: [this.#timeAxis(config), ...axes],
			series: [{}, ...config.lines.map((line, i) => this.#series(line, config, lowest.includes(i)))],
			bands: piles.flatMap((pile) =>
				pile.slice(1).map((upper, n) => ({
					series: [upper + 1, (pile[n] as number) + 1] as uPlot.Band["series"],
					fill: fillOf(config.lines[upper] as Line),
				})),
			),
			hooks: {
				drawClear: [(plot) => drawBands(plot, this.overlay, config.colors.overlay)],
				draw: [(plot) => this.#drawOver(plot, config)],
				setCursor: [
					(plot) => this.events.cursor(plot.cursor.idx ?? null, plot.cursor.left ?? -1, plot.cursor.top ?? -1),
				],
				setSelect: [(plot) => this.#selected(plot)],
			},
		};
	}

	/** Thresholds belong to the first unit, and go with its lines. */
	#drawOver(plot: uPlot, { thresholds, lines, colors, font: plain }: PlotConfig): void {
		const [first] = this.#scales;
		const limits = first && isShown(lines, first[0]) ? thresholds : [];
		const ctx = this.#top.begin(plot, limits.length + this.overlay.marks.length > 0);
		if (!ctx) return;
		const font = scaledFont(plain, uPlot.pxRatio);
		if (first) drawThresholds(ctx, plot, { limits, unit: first[0], scale: first[1], colors, font });
		drawMarks(ctx, plot, this.overlay, colors.overlay, font);
	}

	#cursor(): uPlot.Cursor {
		return {
			y: false,
			points: { size: 7, width: 1.5 },
			drag: { x: true, y: false, setScale: false, dist: MIN_DRAG_PX },
			bind: {
				mousedown: (_plot, _target, handler) => (event) => {
					this.#alt = event.altKey;
					return handler(event);
				},
				dblclick: () => () => {
					this.events.reset();
					return null;
				},
			},
		};
	}

	#selected(plot: uPlot): void {
		const { left, width } = plot.select;
		if (width < MIN_DRAG_PX) return;
		const [from, to] = [plot.posToVal(left, "x"), plot.posToVal(left + width, "x")];
		plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
		if (this.selecting || this.#alt) this.events.select(from, to);
		else this.events.zoom(from, to);
	}

	#series(line: Line, { stacked }: PlotConfig, lowest: boolean): uPlot.Series {
		const drawn = stacked
			? { ...(lowest ? { fill: fillOf(line) } : {}), points: { show: isLonelyPoint } }
			: { auto: false, paths: () => null, points: { show: false } };
		return {
			...drawn,
			label: line.label,
			scale: this.#scales.get(line.unit) ?? "y1",
			stroke: line.color,
			dash: line.dash,
			width: 1,
			show: line.show,
		};
	}

	#valueScales(config: PlotConfig): uPlot.Scales {
		const scales: uPlot.Scales = {};
		let main = true;
		for (const [unit, key] of this.#scales) {
			const options = main ? { ...config, unit } : { unit, thresholds: [] };
			const span = () => this.#ranges.of(unit);
			scales[key] = config.stacked
				? { auto: true, range: (_, min, max) => valueRange(min, max, options) }
				: { auto: true, distr: config.log ? 3 : 1, range: () => [span().min, span().max] };
			main = false;
		}
		return scales;
	}

	#timeAxis(config: PlotConfig): uPlot.Axis {
		return {
			...orthoStyle(config, true),
			incrs: TIME_STEPS,
			space: 70,
			size: 28,
			splits: (_, __, from, to, step) => timeTicks(from, to, step, config.zone),
			values: (_, splits, __, ___, step) => timeLabels(splits, step, config.zone),
		};
	}

	#valueAxes(config: PlotConfig): uPlot.Axis[] {
		const shown = [...this.#scales].filter(([unit]) => isShown(config.lines, unit));
		const axes = shown.length ? shown : [...this.#scales];
		return axes.slice(0, 2).map(([unit, scale], i) => this.#valueAxis(config, unit, scale, i));
	}

	#valueAxis(config: PlotConfig, unit: string, scale: string, i: number): uPlot.Axis {
		const incrs = valueSteps(unit);
		return {
			...orthoStyle(config, i === 0),
			scale,
			side: i === 0 ? 3 : 1,
			space: 28,
			...(incrs ? { incrs } : {}),
			...(config.log ? logAxis(unit) : {}),
			values: (_: uPlot, splits: number[], __: number, ___: number, step: number) =>
				valueLabels(splits, step, unit, config.log),
			size: (_: uPlot, values: string[] | null) =>
				Math.max(...(values ?? [""]).map((v) => String(v ?? "").length)) * CHAR_PX + 18,
		};
	}
}

/** Whether any line of a unit is. */
function isShown(lines: readonly Line[], unit: string): boolean {
	return lines.some((line) => line.unit === unit && line.show);
}

/** What is ticked of a log axis, and that all of it is written. */
function logAxis(unit: string): Pick<uPlot.Axis, "splits" | "filter"> {
	return {
		splits: ({ bbox }, _, min, max) => logTicks(min, max, bbox.height / (uPlot.pxRatio || 1), unit),
		filter: (_, splits) => splits,
	};
}

/** Puts the lines over the plotting area, which the width of the labels moves. */
function place({ canvas }: LineLayer, { bbox }: uPlot): void {
	const ratio = uPlot.pxRatio || 1;
	const { left, top } = bbox;
	const at = { left, top, width: canvas.width, height: canvas.height };
	for (const [name, px] of Object.entries(at)) canvas.style.setProperty(name, `${px / ratio}px`);
}

/** The visible lines that stand on one another: those of one unit. */
function pilesOf(lines: readonly Line[]): number[][] {
	const piles = new Map<string, number[]>();
	lines.forEach(({ unit, show }, i) => {
		if (show) piles.set(unit, [...(piles.get(unit) ?? []), i]);
	});
	return [...piles.values()];
}

/** What lies between a stacked line and the one below it. */
function fillOf(line: Line): string {
	return `color-mix(in srgb, ${line.color} 35%, transparent)`;
}

function orthoStyle(config: PlotConfig, grid: boolean): uPlot.Axis {
	const { text, grid: line } = config.colors;
	return {
		stroke: text,
		font: config.font,
		grid: { show: grid, stroke: line, width: 1 },
		ticks: { stroke: line, width: 1, size: 4 },
		gap: 4,
	};
}

/** A sample between two gaps would be invisible as a line: show the points where there are few of them. */
function isLonelyPoint(plot: uPlot, series: number, from: number, to: number): boolean {
	const ys = plot.data[series] as (number | null | undefined)[];
	let seen = 0;
	for (let i = from; i <= to; i++) if (ys[i] !== null && ys[i] !== undefined && ++seen > 2) return false;
	return seen > 0;
}

/** Canvas text is in device pixels. */
function scaledFont(font: string, ratio: number): string {
	return font.replace(/([\d.]+)px/, (_, size: string) => `${Number(size) * ratio}px`);
}
