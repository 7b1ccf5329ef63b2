/**
 * The lines of a plot on a canvas of their own, which moves instead of being drawn anew: while following, the picture is
 * shifted left by whole pixels and only the newest samples are stroked. Everything is drawn again where that would not do.
 */
import type { Samples } from "./align";
import { lowerBound } from "./extent";
import { type Mapping, trace } from "./trace";

export interface Trace {
	/** `appended`: how many samples were ever added; absent = they do not change. */
	samples: Samples & { readonly appended?: number };
	color: string;
	/** CSS pixels. */
	dash: readonly number[];
	show: boolean;
	min: number;
	max: number;
	log: boolean;
}

export interface LayerView {
	fromMs: number;
	toMs: number;
	/** Device pixels, whole. */
	width: number;
	height: number;
	/** Device pixels a CSS pixel. */
	ratio: number;
	/** Draw everything, whatever changed. */
	anew: boolean;
}

/** What a drawing came to: `kept` = nothing to do, `moved` = shifted and continued, `full` = all of it. */
export type Drawn = "kept" | "moved" | "full";

const DOT_PX = 3;
/** A shift this near to a whole pixel is one: times are floats. */
const WHOLE = 0.01;

/** Of the width: a strip wider than this is not worth more than drawing everything. */
const MOST = 0.3;

export class LineLayer {
	readonly canvas = document.createElement("canvas");
	#ctx = this.canvas.getContext("2d");
	#view: LayerView | null = null;
	#traces: readonly Trace[] | null = null;
	/** Of each line: samples appended when it was last drawn, without those that lie beyond the right edge. */
	#appended: number[] = [];

	/** Whether `draw` can do with a shift and the newest samples. The same traces are the same object. */
	moves(traces: readonly Trace[], view: LayerView): boolean {
		return !view.anew && this.#traces === traces && this.#shift(view) !== null;
	}

	draw(traces: readonly Trace[], view: LayerView): Drawn {
		const ctx = this.#ctx;
		if (!ctx) return "kept";
		const shift = view.anew || this.#traces !== traces ? null : this.#shift(view);
		const from = shift === null ? 0 : this.#strip(traces, view);
		if (shift === null || from < view.width * (1 - MOST)) {
			this.#all(ctx, traces, view);
			return "full";
		}
		if (shift > 0) {
			ctx.globalCompositeOperation = "copy";
			ctx.drawImage(this.canvas, -shift, 0);
			ctx.globalCompositeOperation = "source-over";
		}
		this.#view = view;
		if (from < view.width) this.#appended = again(ctx, traces, view, from);
		return shift > 0 || from < view.width ? "moved" : "kept";
	}

	/** How far the picture moves left, in device pixels; null where it is another picture. */
	#shift(view: LayerView): number | null {
		const before = this.#view;
		if (!before || before.width !== view.width || before.height !== view.height || before.ratio !== view.ratio)
			return null;
		if (Math.abs(view.toMs - view.fromMs - (before.toMs - before.fromMs)) > WHOLE) return null;
		const shift = (view.fromMs - before.fromMs) / pixelMs(view);
		const whole = Math.round(shift);
		return whole >= 0 && whole < view.width && Math.abs(shift - whole) < WHOLE ? whole : null;
	}

	#all(ctx: CanvasRenderingContext2D, traces: readonly Trace[], view: LayerView): void {
		const { width, height } = view;
		if (this.canvas.width !== width || this.canvas.height !== height) {
			[this.canvas.width, this.canvas.height] = [width, height];
		} else ctx.clearRect(0, 0, width, height);
		this.#view = view;
		this.#traces = traces;
		this.#appended = strokeAll(ctx, traces, view, view.fromMs);
	}

	/** Where the strip begins that new samples change, in whole pixels: at what each new piece of line hangs on. */
	#strip(traces: readonly Trace[], view: LayerView): number {
		let from = view.width;
		traces.forEach(({ samples, show }, i) => {
			const { x, appended = 0 } = samples;
			const first = x.length - (appended - (this.#appended[i] as number));
			if (!show || first >= x.length || !((x[Math.max(0, first)] as number) <= view.toMs)) return;
			const hung = ((x[Math.max(0, first - 1)] as number) - view.fromMs) / pixelMs(view);
			from = Math.min(from, Math.floor(hung) - 1);
		});
		return Math.max(0, from);
	}
}

/**
 * Draws the strip from `from` on as if everything were drawn: lines that are drawn bit by bit turn pale. Returns how many
 * samples were ever appended of what is shown.
 */
function again(ctx: CanvasRenderingContext2D, traces: readonly Trace[], view: LayerView, from: number): number[] {
	ctx.save();
	ctx.clearRect(from, 0, view.width - from, view.height);
	ctx.beginPath();
	ctx.rect(from, 0, view.width - from, view.height);
	ctx.clip();
	const appended = strokeAll(ctx, traces, view, view.fromMs + (from - 1) * pixelMs(view));
	ctx.restore();
	return appended;
}

function strokeAll(ctx: CanvasRenderingContext2D, traces: readonly Trace[], view: LayerView, fromMs: number): number[] {
	return traces.map((line) => {
		const { x, y, appended = 0 } = line.samples;
		const end = beyond(x, view.toMs);
		const start = Math.max(0, lowerBound(x, fromMs) - 1);
		if (line.show && end > start) stroke(ctx, line, { x, y }, start, end, view);
		return appended - (x.length - end);
	});
}

function pixelMs({ fromMs, toMs, width }: LayerView): number {
	return (toMs - fromMs) / width;
}

/** Where the samples end that are not after `toMs`; new ones come last. */
function beyond(x: Float64Array, toMs: number): number {
	let end = x.length;
	while (end > 0 && (x[end - 1] as number) > toMs) end--;
	return end;
}

function stroke(
	ctx: CanvasRenderingContext2D,
	line: Trace,
	samples: Samples,
	start: number,
	end: number,
	view: LayerView,
): void {
	const { ratio } = view;
	const dots: number[] = [];
	ctx.strokeStyle = ctx.fillStyle = line.color;
	// One pixel wide: three times as fast to stroke as anything wider where there is no GPU.
	ctx.lineWidth = ratio;
	ctx.lineJoin = "round";
	if (line.dash.length) {
		const dash = line.dash.map((d) => d * ratio);
		ctx.setLineDash(dash);
		// Bound to time, so that a strip goes on where the picture left off.
		const period = dash.reduce((sum, d) => sum + d, 0);
		ctx.lineDashOffset = ((samples.x[start] as number) / pixelMs(view)) % period;
	}
	ctx.beginPath();
	const at = mapping(line, view);
	const hangs = start > 0 && Number.isFinite(at.y(samples.y[start - 1] as number));
	trace(ctx, samples, start, end, at, (x, y) => dots.push(x, y), hangs);
	ctx.stroke();
	if (line.dash.length) ctx.setLineDash([]);
	const size = DOT_PX * ratio;
	for (let i = 0; i < dots.length; i += 2)
		ctx.fillRect((dots[i] as number) - size / 2, (dots[i + 1] as number) - size / 2, size, size);
}

function mapping({ min, max, log }: Trace, view: LayerView): Mapping {
	const { height, fromMs } = view;
	if (log) {
		const low = Math.log10(min);
		const scale = height / (Math.log10(max) - low);
		return { fromMs, pixelMs: pixelMs(view), y: (v) => (v > 0 ? height - (Math.log10(v) - low) * scale : Number.NaN) };
	}
	const scale = height / (max - min);
	return { fromMs, pixelMs: pixelMs(view), y: (v) => height - (v - min) * scale };
}
