/** Thresholds: a dashed line across the plot each, with its label at the right. */
import uPlot from "uplot";
import { formatValue } from "../lib/format";
import type { Threshold } from "../wire/types";

export interface Limits {
	limits: readonly Threshold[];
	unit: string;
	scale: string;
	colors: { threshold: string; background: string };
	/** At the canvas's own size. */
	font: string;
}

export function drawThresholds(ctx: CanvasRenderingContext2D, plot: uPlot, drawn: Limits): void {
	const { limits, unit, scale, colors, font } = drawn;
	const { bbox } = plot;
	const ratio = uPlot.pxRatio;
	ctx.save();
	ctx.font = font;
	for (const { value, label, color } of limits) {
		const y = plot.valToPos(value, scale, true);
		if (!(y >= bbox.top && y <= bbox.top + bbox.height)) continue;
		const ink = color && CSS.supports("color", color) ? color : colors.threshold;
		ctx.beginPath();
		ctx.moveTo(bbox.left, y);
		ctx.lineTo(bbox.left + bbox.width, y);
		ctx.setLineDash([5 * ratio, 4 * ratio]);
		// On a rim of the ground's colour, without which it is lost on a noisy line.
		for (const [color, alpha, width] of [
			[colors.background, 0.6, 3],
			[ink, 1, 1],
		] as const) {
			ctx.strokeStyle = color;
			ctx.globalAlpha = alpha;
			ctx.lineWidth = width * ratio;
			ctx.stroke();
		}
		drawTag(ctx, bbox, label || formatValue(value, unit), y, ink, colors.background);
	}
	ctx.restore();
}

function drawTag(
	ctx: CanvasRenderingContext2D,
	bbox: uPlot.BBox,
	label: string,
	y: number,
	ink: string,
	background: string,
): void {
	if (!label) return;
	const ratio = uPlot.pxRatio;
	const width = ctx.measureText(label).width + 8 * ratio;
	const left = bbox.left + bbox.width - width;
	const above = y - 14 * ratio > bbox.top;
	ctx.fillStyle = background;
	ctx.globalAlpha = 0.8;
	ctx.fillRect(left, above ? y - 15 * ratio : y + ratio, width, 14 * ratio);
	ctx.globalAlpha = 1;
	ctx.fillStyle = ink;
	ctx.textAlign = "left";
	ctx.textBaseline = "middle";
	ctx.fillText(label, left + 4 * ratio, above ? y - 8 * ratio : y + 8 * ratio);
}
