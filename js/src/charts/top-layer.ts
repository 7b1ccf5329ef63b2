/** A canvas over the lines, as large as the plot's own: for what the lines must not hide. */
import type uPlot from "uplot";

export class TopLayer {
	readonly canvas = document.createElement("canvas");
	#ctx = this.canvas.getContext("2d");
	#inked = false;

	/** What to draw with, on a clean canvas; null where there is nothing to draw, and no canvas is touched for it. */
	begin(plot: uPlot, something: boolean): CanvasRenderingContext2D | null {
		const [ctx, { width, height }] = [this.#ctx, plot.ctx.canvas];
		if (!ctx || !(something || this.#inked)) return null;
		if (this.canvas.width !== width || this.canvas.height !== height) Object.assign(this.canvas, { width, height });
		else ctx.clearRect(0, 0, width, height);
		this.#inked = something;
		return something ? ctx : null;
	}
}
