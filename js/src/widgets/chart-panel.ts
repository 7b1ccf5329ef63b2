/** One plot of a chart with its cursor and tooltip: a chart has one, or, as small multiples, several on one clock. */
import { type Aligned, align } from "../charts/align";
import { lowerBound } from "../charts/extent";
import type { Trace } from "../charts/line-layer";
import { marksNear, type Overlay } from "../charts/overlay";
import { type Line, Plot, type PlotConfig, type Scene } from "../charts/plot";
import { stack } from "../charts/stack";
import { h, setAttr, setText, show } from "../lib/dom";
import { oneLine } from "../lib/text";
import type { PanelPicture } from "./chart-export";
import { bindKeys, bindWheel } from "./chart-input";
import { Tooltip } from "./chart-tooltip";
import type { ViewContext } from "./view";

/** Samples closer than this part of a pixel share a place on the x axis. */
const MERGE_PX = 0.25;
/** A mark this near to the cursor is told with the values. */
const MARK_REACH_PX = 6;
/** While someone points at a live plot, the rows under the cursor are as old as this at most. */
const ROWS_EVERY_MS = 250;

/** What a user does to a plot. */
export interface PanelActions {
	zoomTo(from: number, to: number): void;
	zoomAt(time: number, factor: number): void;
	pan(share: number): void;
	step(to: "back" | "forward"): void;
	select(fromMs: number, toMs: number): void;
	mark(time: number): void;
	toggle(): void;
	follow(): void;
}

/** What is drawn, beside the samples. */
export type Shot = Omit<Scene, "samples" | "rows"> & { overlay: Overlay };

export class ChartPanel {
	readonly host = h("div", { class: "gunj-plot", tabindex: 0, role: "img", "data-lm-suppress-shortcuts": "true" });
	readonly el: HTMLElement;
	readonly plot: Plot;
	#title = h("span");
	#value = h("strong");
	#name = h("h4", { class: "gunj-panel-name", hidden: true }, this.#title, " ", this.#value);
	#tooltip: Tooltip;
	#samples: readonly Trace["samples"][] = [];
	#lines: Line[] = [];
	#stacked = false;
	#rows: Aligned = { x: [], columns: [] };
	#stale = true;
	#alignedMs = Number.NEGATIVE_INFINITY;
	#row: number | null = null;
	#here = false;
	/** The cursor is where another chart points: it shows without a tooltip, until the user comes here. */
	#pointed = false;
	/** The moment the cursor stays at while the picture moves: where others point, or where keys went. */
	#heldMs: number | null = null;
	#span = 1;
	#width = 0;
	#crosshair;
	#scope;

	constructor(
		private readonly ctx: ViewContext,
		private readonly actions: PanelActions,
	) {
		this.#scope = ctx.scope.child();
		this.#crosshair = ctx.crosshair.fork();
		this.#tooltip = new Tooltip(ctx.when);
		this.plot = new Plot(this.host, {
			cursor: (row, left, top) => this.#point(row, left, top),
			zoom: (from, to) => actions.zoomTo(from, to),
			select: (fromMs, toMs) => actions.select(fromMs, toMs),
			reset: () => actions.follow(),
		});
		this.el = h("div", { class: "gunj-stage" }, this.#name, this.host, this.#tooltip.el);
		this.#listen();
	}

	/** Which series it shows, and under what name where it is one of several. */
	assign(samples: readonly Trace["samples"][], lines: Line[], name = ""): void {
		this.#samples = samples;
		this.#lines = lines;
		this.#stale = true;
		show(this.#name, name !== "");
		setText(this.#title, oneLine(name));
		setAttr(this.#name, "title", oneLine(name) || null);
	}

	get name(): string {
		return this.#title.textContent ?? "";
	}

	get lines(): Line[] {
		return this.#lines;
	}

	configure(config: PlotConfig, height: number): void {
		this.#stacked = config.stacked;
		this.host.style.height = `${height}px`;
		this.plot.configure(config, this.host.clientWidth, height);
		this.#stale = true;
	}

	/** Beside its name, what its only series says now: then no legend is needed. */
	tell(value: string): void {
		setText(this.#value, value);
	}

	/** New samples are there. */
	news(): void {
		this.#stale = true;
	}

	/** The samples on one x, as they are now. */
	rows(): Aligned {
		if (this.#stale) {
			this.#stale = false;
			this.#alignedMs = performance.now();
			this.#rows = align(this.#samples, (this.#span / Math.max(100, this.plot.width)) * MERGE_PX);
		}
		return this.#rows;
	}

	/** Draws; false where that was left out: out of sight, or not cheap though it should be. */
	draw(shot: Shot, height: number): boolean {
		// Measured only where it may have changed: asking makes the browser lay out the page.
		if (shot.anew || this.#width === 0) this.#width = this.host.clientWidth;
		const width = this.#width;
		if (width === 0) return false;
		this.#span = shot.toMs - shot.fromMs;
		this.plot.overlay = shot.overlay;
		const resized = this.plot.resize(width, height);
		const scene = { ...shot, samples: this.#samples, rows: this.#fresh(shot), anew: shot.anew || resized };
		const drawn = this.plot.draw(scene);
		if (!drawn && scene.rows) this.plot.know(scene.rows);
		if (this.#heldMs !== null) this.plot.pointAt(this.#heldMs);
		return drawn;
	}

	/** The rows uPlot needs now, where it lacks them: to stack, or because somebody points here. */
	#fresh({ stepMs, cheap }: Shot): Aligned | null {
		if (!this.#stale || (cheap && this.#stacked)) return null;
		if (this.#stacked) return { ...this.rows(), columns: this.#piled(this.rows()) };
		const still = stepMs === 0;
		const pointed = this.#here || this.#pointed || this.#row !== null;
		const due = performance.now() - this.#alignedMs >= ROWS_EVERY_MS;
		return still || (pointed && due) ? this.rows() : null;
	}

	#piled({ columns }: Aligned): Aligned["columns"] {
		const shown = this.#lines.map((line) => line.show);
		const units = this.#lines.map((line) => line.unit);
		return stack(columns, shown, units);
	}

	pointAt(atMs: number | null): void {
		this.#pointed = true;
		if (atMs === null) this.plot.hideCursor();
		else this.plot.pointAt(atMs);
		this.#pointed = atMs !== null;
		this.#heldMs = atMs;
	}

	/** Its canvases and where they are within `home`, in CSS pixels. */
	picture(home: HTMLElement): PanelPicture {
		const [at, origin] = [this.host.getBoundingClientRect(), home.getBoundingClientRect()];
		const place = { left: at.left - origin.left, top: at.top - origin.top };
		return { ...place, name: this.name, layers: this.plot.layers };
	}

	close(): void {
		this.#scope.close();
		this.el.remove();
	}

	#listen(): void {
		const scope = this.#scope;
		const { pan, step } = this.actions;
		bindWheel(scope, this.host, (left, factor) => this.actions.zoomAt(this.plot.timeAt(left), factor), pan);
		bindKeys(scope, this.host, {
			move: (by) => this.#step(by),
			zoom: (factor) => this.actions.zoomAt(this.plot.timeAt(this.plot.width / 2), factor),
			pan,
			step,
			toggle: () => this.actions.toggle(),
			live: () => this.actions.follow(),
			select: () => this.#row !== null && this.actions.mark(this.#rows.x[this.#row] ?? 0),
		});
		const come = () => {
			this.#here = true;
			this.ctx.invalidate();
		};
		const leave = () => {
			this.#here = false;
		};
		scope.listen(this.host, "pointerenter", come);
		scope.listen(this.host, "pointerleave", leave);
		scope.listen(this.host, "focus", come);
		scope.listen(this.host, "blur", () => {
			leave();
			this.#heldMs = null;
			this.plot.hideCursor();
		});
		scope.listen(this.host, "pointermove", () => this.#come(), { capture: true });
		scope.add(this.#crosshair.listen((atMs) => this.pointAt(atMs)));
		scope.add(() => this.plot.destroy());
	}

	#step(by: number | "first" | "last"): void {
		this.#come();
		if (this.#row === null) this.plot.know(this.rows());
		const { x } = this.#rows;
		const first = lowerBound(x, this.plot.timeAt(0));
		const last = lowerBound(x, this.plot.timeAt(this.plot.width) + 1) - 1;
		if (last < first) return;
		const from = this.#row ?? last;
		this.#row = by === "first" ? first : by === "last" ? last : Math.min(last, Math.max(first, from + by));
		this.#heldMs = x[this.#row] as number;
		this.plot.pointAt(this.#heldMs);
	}

	/** The user points here, by mouse or by key. */
	#come(): void {
		this.#pointed = false;
		this.#heldMs = null;
	}

	#point(row: number | null, left: number, top: number): void {
		this.#row = left < 0 || this.#pointed ? null : row;
		const reach = (MARK_REACH_PX * this.#span) / Math.max(100, this.plot.width);
		if (!this.#pointed) this.#crosshair.point(left < 0 ? null : this.plot.timeAt(left), reach);
		const at = this.#row === null ? undefined : this.#rows.x[this.#row];
		const marks = at === undefined ? [] : marksNear(this.plot.overlay.marks, at, reach);
		const { inset } = this.plot;
		const width = this.host.clientWidth;
		// Keys point at no height.
		const far = (i: number, value: number) => this.plot.far(i, value, this.#row ?? 0, top);
		const byHand = this.#heldMs === null ? far : undefined;
		this.#tooltip.paint(this.#rows, this.#row, this.#lines, left, top, inset, width, marks, byHand);
	}
}
