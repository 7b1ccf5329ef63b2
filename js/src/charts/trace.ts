/** One line as strokes on a canvas: gaps stay gaps, a sample between two gaps is a dot, what is denser than pixels is bounded. */
import type { Samples } from "./align";

/** Maps samples to device pixels. */
export interface Mapping {
	fromMs: number;
	/** Milliseconds a device pixel stands for. */
	pixelMs: number;
	/** Not finite where the value has no place (a gap; infinite; not above zero on a log axis). */
	y(value: number): number;
}

/** Of more samples than this in one column of pixels only the lowest and the highest are drawn. */
const DENSE = 3;

type Pen = Pick<CanvasRenderingContext2D, "moveTo" | "lineTo">;
type Dot = (x: number, y: number) => void;

/** Adds samples `start` to `end` (exclusive) to the path. `hangs`: something leads to the first of them already. */
export function trace(
	pen: Pen,
	{ x, y }: Samples,
	start: number,
	end: number,
	at: Mapping,
	dot: Dot,
	hangs = false,
): void {
	const columns = ((x[end - 1] ?? 0) - (x[start] ?? 0)) / at.pixelMs;
	if (end - start > DENSE * Math.max(1, columns)) {
		traceDense(pen, { x, y }, start, end, at);
		return;
	}
	let [px, py, joined] = [0, Number.NaN, hangs];
	for (let i = start; i < end; i++) {
		const vx = ((x[i] as number) - at.fromMs) / at.pixelMs;
		const vy = at.y(y[i] as number);
		if (!Number.isFinite(vy)) {
			if (Number.isFinite(py) && !joined) dot(px, py);
			joined = false;
		} else if (!Number.isFinite(py)) pen.moveTo(vx, vy);
		else {
			pen.lineTo(vx, vy);
			joined = true;
		}
		[px, py] = [vx, vy];
	}
	if (Number.isFinite(py) && !joined) dot(px, py);
}

/** Of each column of pixels the lowest and the highest, in their order. A column with a gap in it ends the piece before. */
function traceDense(pen: Pen, { x, y }: Samples, start: number, end: number, at: Mapping): void {
	let down = false;
	const to = (vx: number, vy: number) => {
		if (down) pen.lineTo(vx, vy);
		else pen.moveTo(vx, vy);
		down = true;
	};
	for (let i = start; i < end; ) {
		const column = Math.floor(((x[i] as number) - at.fromMs) / at.pixelMs);
		const edge = at.fromMs + (column + 1) * at.pixelMs;
		let [low, high, lowAt, highAt, gap] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -1, -1, false];
		// The first is taken in any case: with rounding it may lie a hair beyond the edge.
		do {
			const vy = at.y(y[i] as number);
			if (!Number.isFinite(vy)) gap = true;
			else {
				if (vy < low) [low, lowAt] = [vy, i];
				if (vy > high) [high, highAt] = [vy, i];
			}
			i++;
		} while (i < end && (x[i] as number) < edge);
		if (gap) down = false;
		if (lowAt < 0) continue;
		const [first, second] = lowAt < highAt ? [low, high] : [high, low];
		to(column + 0.5, first);
		if (low !== high) to(column + 0.5, second);
	}
}
