/** A small line without axes, for a value's recent past. */

export interface Spark {
	el: HTMLCanvasElement;
	draw(x: ArrayLike<number>, y: ArrayLike<number>, fromMs: number, toMs: number): void;
}

/** The line takes the colour of `currentColor` where it stands. */
export function sparkline(width: number, height: number, label: string): Spark {
	const el = document.createElement("canvas");
	el.className = "gunj-spark";
	el.setAttribute("role", "img");
	el.setAttribute("aria-label", label);
	el.style.width = `${width}px`;
	el.style.height = `${height}px`;
	return { el, draw: (x, y, fromMs, toMs) => draw(el, width, height, x, y, fromMs, toMs) };
}

function draw(
	el: HTMLCanvasElement,
	width: number,
	height: number,
	x: ArrayLike<number>,
	y: ArrayLike<number>,
	fromMs: number,
	toMs: number,
): void {
	const ctx = el.getContext("2d");
	if (!ctx || toMs <= fromMs) return;
	const ratio = globalThis.devicePixelRatio || 1;
	if (el.width !== Math.round(width * ratio)) {
		el.width = Math.round(width * ratio);
		el.height = Math.round(height * ratio);
	}
	ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
	ctx.clearRect(0, 0, width, height);
	const [low, high] = bounds(y);
	if (low === null || high === null) return;
	const color = getComputedStyle(el).color;
	const px = (t: number) => ((t - fromMs) / (toMs - fromMs)) * width;
	const py = (v: number) => height - 2 - ((v - low) / (high - low || 1)) * (height - 4);
	const runs = pathRuns(x, y, px, py);
	ctx.strokeStyle = color;
	ctx.fillStyle = color;
	ctx.lineWidth = 1.5;
	ctx.lineJoin = "round";
	for (const run of runs) {
		ctx.beginPath();
		for (const [X, Y] of run) ctx.lineTo(X, Y);
		ctx.stroke();
		const [first, last] = [run[0], run[run.length - 1]];
		if (!first || !last) continue;
		ctx.lineTo(last[0], height);
		ctx.lineTo(first[0], height);
		ctx.globalAlpha = 0.12;
		ctx.fill();
		ctx.globalAlpha = 1;
	}
}

type Point = [number, number];

/** The line in pieces, broken at gaps (NaN) and where it is infinite. */
function pathRuns(
	x: ArrayLike<number>,
	y: ArrayLike<number>,
	px: (t: number) => number,
	py: (v: number) => number,
): Point[][] {
	const runs: Point[][] = [];
	let run: Point[] = [];
	for (let i = 0; i < x.length; i++) {
		const v = y[i] as number;
		if (!Number.isFinite(v)) {
			if (run.length) runs.push(run);
			run = [];
		} else run.push([px(x[i] as number), py(v)]);
	}
	if (run.length) runs.push(run);
	return runs;
}

function bounds(y: ArrayLike<number>): [number, number] | [null, null] {
	let low = Number.POSITIVE_INFINITY;
	let high = Number.NEGATIVE_INFINITY;
	for (let i = 0; i < y.length; i++) {
		const v = y[i] as number;
		if (!Number.isFinite(v)) continue;
		if (v < low) low = v;
		if (v > high) high = v;
	}
	if (low > high) return [null, null];
	// A nearly flat line is drawn flat, not blown up to full height.
	const span = Math.max(high - low, Math.abs(high) * 0.1, 1e-9);
	const middle = (low + high) / 2;
	return [Math.min(low, middle - span / 2), Math.max(high, middle + span / 2)];
}
