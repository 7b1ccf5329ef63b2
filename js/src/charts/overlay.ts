/** What lies over the lines of a chart: marks of what happened when, gaps in what was heard, and the stretch that is selected. */
import uPlot from "uplot";
import type { Moment, MomentTone } from "../wire/types";

/** A mark stands at the edge of a moment: its begin, or its end. A note on a stretch is shaded until its end. */
export interface Mark {
	tMs: number;
	untilMs: number | null;
	tone: MomentTone;
	/** A shape as well as a tone, since colour alone tells not everybody. */
	shape: string;
	words: string;
	/** Its line is whole where others' are dashed. */
	whole: boolean;
}

export interface Band {
	fromMs: number;
	toMs: number;
}

export interface Overlay {
	marks: readonly Mark[];
	gaps: readonly Band[];
	selected: Band | null;
}

export interface OverlayColors {
	tones: Record<MomentTone, string>;
	gap: string;
	selected: string;
}

/** A deploy has a line of its own too: it is what one looks for first. */
const SHAPE: Record<Moment["kind"], string> = {
	alert: "▲",
	deploy: "⇧",
	operation: "◆",
	event: "·",
	note: "✎",
	gap: "",
};
/** Marks nearer to each other than this share one shape. */
const CROWD_PX = 7;

/** The marks and gaps a chart shows: alerts, deploys, operations and notes; Kubernetes events would be too many. */
export function overlayOf(moments: readonly Moment[], selected: Band | null): Overlay {
	const marks: Mark[] = [];
	const gaps: Band[] = [];
	for (const m of moments) {
		if (m.kind === "gap") gaps.push({ fromMs: m.tMs, toMs: m.endMs ?? m.tMs });
		if (m.kind === "gap" || m.kind === "event") continue;
		const whole = m.kind === "deploy";
		const words = [whole && "deploy", m.title, m.component, m.detail].filter(Boolean).join(" · ");
		const note = m.kind === "note";
		marks.push({ tMs: m.tMs, untilMs: note ? m.endMs : null, tone: m.tone, shape: SHAPE[m.kind], words, whole });
		if (m.endMs === null || note) continue;
		const ended = m.kind === "alert" ? `${m.title.replace(/ resolved$/, "")} ended` : `${m.title}, ended`;
		marks.push({
			tMs: m.endMs,
			untilMs: null,
			tone: m.kind === "alert" ? "good" : m.tone,
			shape: "✓",
			words: ended,
			whole: false,
		});
	}
	return { marks: marks.sort((a, b) => a.tMs - b.tMs), gaps, selected };
}

/** The marks within `reachMs` of a time, nearest first; a stretch is as near as its nearest moment. */
export function marksNear(marks: readonly Mark[], tMs: number, reachMs: number): Mark[] {
	const away = (m: Mark) => Math.max(m.tMs - tMs, tMs - (m.untilMs ?? m.tMs), 0);
	return marks.filter((m) => away(m) <= reachMs).sort((a, b) => away(a) - away(b));
}

/** Lies behind the lines: gaps, the stretches that notes are about, and the selection. */
export function drawBands(plot: uPlot, overlay: Overlay, colors: OverlayColors): void {
	const { ctx } = plot;
	ctx.save();
	for (const gap of overlay.gaps) fill(plot, gap, colors.gap);
	for (const { tMs: fromMs, untilMs: toMs, tone } of overlay.marks) {
		if (toMs === null) continue;
		ctx.globalAlpha = 0.14;
		fill(plot, { fromMs, toMs }, colors.tones[tone]);
		// A bar along the foot shows its ends where it lies over others.
		ctx.globalAlpha = 0.8;
		fill(plot, { fromMs, toMs }, colors.tones[tone], 3 * uPlot.pxRatio);
		ctx.globalAlpha = 1;
	}
	if (overlay.selected) fill(plot, overlay.selected, colors.selected);
	ctx.restore();
}

/** Fills a stretch as far as it is in sight, from the foot up. */
function fill(plot: uPlot, band: Band, color: string, height = plot.bbox.height): void {
	const { ctx, bbox } = plot;
	const [left, right] = [band.fromMs, band.toMs].map((t) => clamp(plot, plot.valToPos(t, "x", true))) as [
		number,
		number,
	];
	if (right <= left) return;
	ctx.fillStyle = color;
	ctx.fillRect(left, bbox.top + bbox.height - height, Math.max(uPlot.pxRatio, right - left), height);
}

function clamp({ bbox }: uPlot, x: number): number {
	return Math.min(bbox.left + bbox.width, Math.max(bbox.left, x));
}

/** Lies over the lines: a thin line at each mark, its shape at the top. */
export function drawMarks(
	ctx: CanvasRenderingContext2D,
	plot: uPlot,
	overlay: Overlay,
	colors: OverlayColors,
	font: string,
): void {
	const { bbox } = plot;
	const ratio = uPlot.pxRatio;
	ctx.save();
	ctx.font = font;
	ctx.textAlign = "center";
	ctx.textBaseline = "top";
	ctx.lineWidth = ratio;
	let taken = Number.NEGATIVE_INFINITY;
	for (const mark of overlay.marks) {
		const x = plot.valToPos(mark.tMs, "x", true);
		if (!(x >= bbox.left && x <= bbox.left + bbox.width)) continue;
		ctx.strokeStyle = ctx.fillStyle = colors.tones[mark.tone];
		ctx.globalAlpha = 0.55;
		ctx.setLineDash(mark.whole ? [] : [2 * ratio, 3 * ratio]);
		ctx.beginPath();
		ctx.moveTo(x, bbox.top);
		ctx.lineTo(x, bbox.top + bbox.height);
		ctx.stroke();
		ctx.globalAlpha = 1;
		if (x - taken < CROWD_PX * ratio) continue;
		taken = x;
		ctx.fillText(mark.shape, x, bbox.top);
	}
	ctx.restore();
}
