/** MetricChart: many series, live or frozen, with a legend, thresholds and a tooltip. */
import { type Aligned, align } from "../charts/align";
import { marksNear, type OverlayColors, overlayOf } from "../charts/overlay";
import { lineStyle } from "../charts/palette";
import { type Line, Plot } from "../charts/plot";
import { stack } from "../charts/stack";
import { h, setAttr, setText, show } from "../lib/dom";
import { clock, duration } from "../lib/format";
import { fileName, saveBlob } from "../lib/save";
import { oneLine } from "../lib/text";
import { prefersReducedMotion } from "../lib/theme";
import type { SeriesCell } from "../store/cell";
import { type SeriesRing, SeriesStore } from "../store/series";
import { metrics } from "../wire/bodies";
import { type Bag, isBag, type RawBuffer } from "../wire/read";
import { csvOf, pictureOf } from "./chart-export";
import { bindKeys, bindWheel } from "./chart-input";
import { Legend } from "./chart-legend";
import { chartOptions, seriesKey } from "./chart-options";
import { ChartSelection } from "./chart-selection";
import { describe } from "./chart-summary";
import { ChartTable } from "./chart-table";
import { Tooltip } from "./chart-tooltip";
import { button } from "./marks";
import type { ViewContext, Widget } from "./view";

/** Samples closer than this part of a pixel share a place on the x axis. */
const MERGE_PX = 0.25;
const MIN_STEP_MS = 33;
/** New samples are drawn at least this often, unless a pixel's worth of time is shorter still or frames are dear. */
const EAGER_STEP_MS = 100;
/** A chart keeps to one part in so many of the page's time. */
const DUTY = 8;
const CALM_STEP_MS = 1000;
const DESCRIBE_EVERY_MS = 5000;
/** A gesture rests this long before the other charts follow it. */
const TELL_AFTER_MS = 150;
const FALLBACK_WINDOW_MS = 300_000;
/** A mark this near to the cursor is told with the values. */
const MARK_REACH_PX = 6;

/** A frozen stretch of time, or null while following live. */
type Frozen = { from: number; to: number } | null;

export function chartWidget(ctx: ViewContext): Widget {
	return new MetricChart(ctx);
}

class MetricChart implements Widget {
	#options;
	#host = h("div", { class: "gunj-plot", tabindex: 0, role: "img", "data-lm-suppress-shortcuts": "true" });
	#empty = h("p", { class: "gunj-empty gunj-plot-empty" }, "no samples yet");
	#summary = h("p", { class: "gunj-sr" });
	#pause = button("‖ Pause", "Freeze the picture; data is still collected (space)");
	#back = button("▶ Back to live", "Follow the newest samples again (Esc)", "gunj-primary");
	#foot = h("div", { class: "gunj-foot gunj-muted" });
	#legend: Legend;
	#tooltip = new Tooltip();
	#plot: Plot;
	#selection: ChartSelection;
	#table = new ChartTable();
	#select = button("▭ Select", "Drag to select instead of to zoom (or hold Alt; or s at both ends): chart.selection");
	#more = button("⋯", "Take away or read: PNG, CSV, table");
	#menu = h("div", { class: "gunj-chart-menu", hidden: true });
	#marked = -1;
	#owed = false;
	#detailed = false;
	#slots = new Map<string, number>();
	#hidden = new Set<string>();
	#rings: SeriesRing[] = [];
	#lines: Line[] = [];
	#data: Aligned = { x: [], columns: [] };
	#frozen: Frozen = null;
	#row: number | null = null;
	#seen = { version: -1, shape: -1 };
	#visible = true;
	#redraw = true;
	#restyle = true;
	#undrawn = true;
	#unaligned = true;
	#describedMs = 0;
	#drawnMs = 0;
	#obeyed = 0;
	/** The cursor is where another chart points: it shows without a tooltip, until the user comes here. */
	#pointed = false;
	#telling: ReturnType<typeof setTimeout> | undefined;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(private readonly ctx: ViewContext) {
		this.#options = chartOptions(ctx.options);
		this.#plot = new Plot(this.#host, {
			cursor: (row, left, top) => this.#point(row, left, top),
			zoom: (from, to) => this.#freeze({ from, to }),
			select: (fromMs, toMs) => this.#selection.set({ fromMs, toMs }),
			reset: () => this.#follow(),
		});
		this.#legend = new Legend((key, alone) => this.#toggle(key, alone));
		const stage = h("div", { class: "gunj-stage" }, this.#host, this.#tooltip.el, this.#empty);
		this.#host.style.height = `${this.#options.heightPx}px`;
		this.#selection = new ChartSelection(ctx, this.#options.code, {
			changed: () => {
				this.#marked = -1;
				this.ctx.invalidate();
			},
			zoom: ({ fromMs: from, toMs: to }) => this.#freeze({ from, to }),
		});
		ctx.card.tools.append(this.#back, this.#pause, this.#select, this.#more);
		ctx.card.body.append(
			this.#menu,
			stage,
			this.#selection.el,
			this.#legend.el,
			this.#foot,
			this.#table.el,
			this.#summary,
		);
		this.#summary.id = `gunj-sum-${Math.random().toString(36).slice(2)}`;
		setAttr(this.#host, "aria-describedby", this.#summary.id);
		show(this.#legend.el, this.#options.legend);
		this.#listen();
	}

	paint(): void {
		const cell = this.ctx.cells.metrics;
		const now = this.ctx.now();
		this.#obey();
		this.#chrome(now);
		if (!cell) return;
		// A frozen picture keeps its lines and samples, whatever happens to the store meanwhile.
		if (!this.#frozen || this.#data.x.length === 0) this.#collect(cell);
		if (this.#restyle) this.#configure();
		this.#mark();
		if (this.#undrawn || this.#frozen || (this.#visible && performance.now() - this.#drawnMs >= this.#pace() - 4))
			this.#draw(now);
		this.#describe(now);
		this.#next();
	}

	recolour(): void {
		this.#restyle = true;
	}

	hear(content: Bag, buffers: readonly RawBuffer[]): void {
		if (content.op === "picture") {
			this.#owed = this.#redraw = true;
			this.ctx.invalidate();
		} else if (content.op === "detail" && isBag(content.body)) this.#refine(content.body, buffers);
	}

	/** Takes the samples of the stretch that is zoomed to, if it is still the one that is shown. */
	#refine(b: Bag, buffers: readonly RawBuffer[]): void {
		const body = metrics(b, buffers);
		const frozen = this.#frozen;
		if (!body || !frozen || b.fromMs !== frozen.from || b.toMs !== frozen.to) return;
		const store = new SeriesStore();
		store.take(body, true);
		const found = new Map(store.rings.map((ring) => [seriesKey(ring.info), ring]));
		const none = { x: new Float64Array(0), y: new Float64Array(0) };
		const series = this.#rings.map((ring) => found.get(seriesKey(ring.info)) ?? none);
		this.#data = align(series, ((frozen.to - frozen.from) / Math.max(100, this.#plot.width)) * MERGE_PX);
		this.#detailed = body.thinned === 0;
		this.#redraw = this.#undrawn = true;
		this.ctx.invalidate();
	}

	/** Of a long history only a part is here: asks for the rest of what is zoomed to. */
	#ask(frozen: Frozen): void {
		this.#detailed = false;
		const thinned = this.ctx.cells.metrics?.store.thinned ?? 0;
		if (frozen && thinned > 0) this.ctx.tell({ op: "tell", detail: { fromMs: frozen.from, toMs: frozen.to } });
	}

	/** Sends the kernel the picture it asked for, once there is something to see on it. */
	#settle(): void {
		if (!this.#owed || this.#data.x.length === 0) return;
		// As base64 by way of a data URL: the kernel keeps it in the notebook as it comes.
		const url = this.#picture()?.toDataURL("image/png");
		if (!url) return;
		this.#owed = false;
		this.ctx.tell({ op: "tell", picture: url.slice(url.indexOf(",") + 1) });
	}

	lost(): number {
		const store = this.ctx.cells.metrics?.store;
		return store ? store.lost + store.late : 0;
	}

	#listen(): void {
		const { scope } = this.ctx;
		scope.listen(this.#pause, "click", () => (this.#frozen ? this.#follow() : this.#freeze(this.#range())));
		scope.listen(this.#back, "click", () => this.#follow());
		setAttr(this.#select, "aria-pressed", "false");
		scope.listen(this.#select, "click", () => {
			this.#plot.selecting = !this.#plot.selecting;
			setAttr(this.#select, "aria-pressed", String(this.#plot.selecting));
		});
		this.#fillMenu();
		bindWheel(scope, this.#host, (left, factor) => this.#zoom(left, factor));
		bindKeys(scope, this.#host, {
			move: (by) => this.#step(by),
			zoom: (factor) => this.#zoom(this.#plot.width / 2, factor),
			toggle: () => this.#pause.click(),
			live: () => this.#follow(),
			select: () => this.#row !== null && this.#selection.mark(this.#data.x[this.#row] ?? 0),
		});
		scope.listen(this.#host, "blur", () => this.#plot.hideCursor());
		scope.listen(this.#host, "pointermove", () => this.#come(), { capture: true });
		scope.add(this.ctx.crosshair.listen((atMs) => this.#pointAt(atMs)));
		const sizes = new ResizeObserver(() => {
			this.#redraw = true;
			this.ctx.invalidate();
		});
		sizes.observe(this.#host);
		scope.add(() => sizes.disconnect());
		if (typeof IntersectionObserver === "function") {
			const sight = new IntersectionObserver((entries) => {
				this.#visible = entries[entries.length - 1]?.isIntersecting ?? true;
				this.#redraw = true;
				this.ctx.invalidate();
			});
			sight.observe(this.#host);
			scope.add(() => sight.disconnect());
		}
		scope.add(() => clearTimeout(this.#timer));
		scope.add(() => clearTimeout(this.#telling));
		scope.add(() => this.#plot.destroy());
	}

	#fillMenu(): void {
		const { scope } = this.ctx;
		const png = button("PNG", "Save the picture with title and legend");
		const csv = button("CSV", "Save the visible samples, one row a time (UTC)");
		const table = button("Table", "The newest samples as a table");
		this.#menu.append(png, csv, table);
		setAttr(this.#more, "aria-expanded", "false");
		setAttr(table, "aria-pressed", "false");
		scope.listen(this.#more, "click", () => {
			show(this.#menu, Boolean(this.#menu.hidden));
			setAttr(this.#more, "aria-expanded", String(!this.#menu.hidden));
		});
		scope.listen(table, "click", () => {
			show(this.#table.el, Boolean(this.#table.el.hidden));
			setAttr(table, "aria-pressed", String(!this.#table.el.hidden));
			this.ctx.invalidate();
		});
		scope.listen(csv, "click", () => {
			const { from, to } = this.#range();
			const text = csvOf(this.#data, this.#lines, from, to);
			this.#save(new Blob([text], { type: "text/csv;charset=utf-8" }), "csv");
		});
		scope.listen(png, "click", () => this.#picture()?.toBlob((blob) => blob && this.#save(blob, "png"), "image/png"));
	}

	#picture(): HTMLCanvasElement | null {
		const canvas = this.#plot.canvas;
		if (!canvas || this.#undrawn) return null;
		const { from: fromMs, to: toMs } = this.#range();
		const [text, background] = ["--gunj-fg", "--gunj-bg"].map((name) => resolveColor(this.#host, name)) as [
			string,
			string,
		];
		const font = "12px sans-serif";
		const title = this.ctx.card.root.getAttribute("aria-label") ?? "chart";
		const picture = { title, canvas, lines: this.#lines, fromMs, toMs, text, background, font };
		return pictureOf(picture);
	}

	#save(blob: Blob, ending: string): void {
		saveBlob(blob, fileName(this.#options.title, "chart", ending, this.ctx.now()), this.ctx.card.root);
	}

	/** Takes in what happened, for the marks; and the selection. */
	#mark(): void {
		const cell = this.ctx.cells.timeline;
		const version = cell?.version ?? 0;
		if (version === this.#marked) return;
		this.#marked = version;
		this.#plot.overlay = overlayOf(cell?.value?.moments ?? [], this.#selection.band);
		setAttr(this.ctx.card.root, "data-marks", this.#plot.overlay.marks.length);
		this.#undrawn = this.#redraw = true;
	}

	#chrome(now: number): void {
		const store = this.ctx.cells.metrics?.store;
		const title = this.#options.title || store?.rings[0]?.info.metric || "Metrics";
		this.ctx.card.title(title, `last ${duration(this.#windowMs())}`);
		setAttr(this.#host, "aria-label", `Chart: ${title}`);
		const points = store?.points ?? 0;
		const last = store?.lastX ?? null;
		setAttr(this.ctx.card.root, "data-points", points);
		setAttr(this.ctx.card.root, "data-last-x", last);
		const notice = oneLine(store?.notice ?? "");
		const empty =
			points === 0 ? notice || "no samples yet" : store?.drawable ? "" : "no sample is a number: all are NaN";
		setText(this.#empty, empty);
		show(this.#empty, empty !== "");
		show(this.#back, this.#frozen !== null);
		show(this.#pause, this.#frozen === null);
		const sample = last === null ? "" : `last sample ${clock(last)} (${duration(now - last)} ago)`;
		const frozen = this.#frozen ? `showing ${clock(this.#frozen.from)} – ${clock(this.#frozen.to)} · ` : "";
		const thinned = store?.thinned && !(this.#frozen && this.#detailed) ? this.#thinnedWords(store) : "";
		setText(this.#foot, frozen + sample + thinned + (points > 0 && notice ? ` · ${notice}` : ""));
	}

	#thinnedWords({ thinned, points }: SeriesStore): string {
		const part = Math.max(2, Math.round((thinned + points) / Math.max(1, points)));
		return ` · 1 sample in ${part} drawn, lowest and highest kept; zoom for the rest`;
	}

	#collect({ store, version }: SeriesCell): void {
		if (version === this.#seen.version) return;
		if (store.shape !== this.#seen.shape) {
			this.#rings = store.rings;
			this.#restyle = true;
		}
		this.#seen = { version, shape: store.shape };
		this.#unaligned = this.#redraw = true;
		this.#legend.values();
	}

	#configure(): void {
		this.#restyle = false;
		// Drawn once even out of sight, so that a print or a screenshot shows the lines.
		this.#redraw = this.#undrawn = true;
		this.#describedMs = 0;
		const rings = this.#rings;
		const theme = this.ctx.theme();
		this.#lines = rings.map(({ info }) => {
			const key = seriesKey(info);
			const slot = this.#slots.get(key) ?? this.#slots.size;
			this.#slots.set(key, slot);
			return { label: info.name, unit: info.unit, ...lineStyle(slot, theme), show: !this.#hidden.has(key) };
		});
		this.#legend.series(rings, this.#lines);
		const { thresholds, yMin, yMax, log, stacked } = this.#options;
		const style = getComputedStyle(this.ctx.card.root);
		const token = (name: string, fallback: string) => style.getPropertyValue(name).trim() || fallback;
		const resolve = (name: string) => resolveColor(this.#host, name);
		const colors = {
			text: resolve("--gunj-muted"),
			grid: resolve("--gunj-grid"),
			background: resolve("--gunj-bg"),
			threshold: resolve("--gunj-bad"),
			overlay: {
				tones: {
					good: resolve("--gunj-good"),
					busy: resolve("--gunj-busy"),
					warn: resolve("--gunj-warn"),
					bad: resolve("--gunj-bad"),
					quiet: resolve("--gunj-quiet"),
				},
				gap: resolve("--gunj-soft"),
				selected: resolve("--gunj-selected"),
			} satisfies OverlayColors,
		};
		const font = `11px ${token("--gunj-font", "sans-serif")}`;
		this.#plot.configure(
			{ lines: this.#lines, thresholds, yMin, yMax, colors, font, log, stacked },
			this.#host.clientWidth,
			this.#options.heightPx,
		);
	}

	#draw(now: number): void {
		const width = this.#host.clientWidth;
		if (width === 0) return;
		this.#plot.resize(width, this.#options.heightPx);
		if (this.#unaligned) this.#align();
		const { from, to } = this.#range(now);
		this.#plot.draw(this.#redraw ? this.#drawable() : null, from, to);
		this.#table.paint(this.#data, this.#lines, from, to);
		this.#redraw = this.#undrawn = false;
		this.#drawnMs = performance.now();
		this.#settle();
	}

	/** The data as it is drawn: summed up where stacked, without what a log axis has no place for. */
	#drawable(): Aligned {
		const { x, columns } = this.#data;
		if (this.#options.stacked) {
			const shown = this.#lines.map((line) => line.show);
			return { x, columns: stack(columns, shown) };
		}
		if (!this.#options.log) return this.#data;
		return { x, columns: columns.map((column) => column.map((v) => (typeof v === "number" && v <= 0 ? null : v))) };
	}

	#align(): void {
		this.#unaligned = false;
		this.#data = align(this.#rings, this.#pixelMs() * MERGE_PX);
	}

	#range(now = this.ctx.now()): { from: number; to: number } {
		if (this.#frozen) return this.#frozen;
		const status = this.ctx.cells.status?.value;
		const { fromMs = null, toMs = null } = status?.range ?? {};
		if (!status?.range.live || fromMs === null || toMs === null) return { from: now - this.#windowMs(), to: now };
		return { from: now - (status.kernelMs - fromMs), to: now - (status.kernelMs - toMs) };
	}

	#windowMs(): number {
		return this.#options.windowMs || this.ctx.cells.metrics?.store.windowMs || FALLBACK_WINDOW_MS;
	}

	#pixelMs(): number {
		return this.#windowMs() / Math.max(100, this.#plot.width || this.#host.clientWidth);
	}

	/** Milliseconds between two drawings: the time a pixel stands for, or sooner for fresh samples where frames are cheap. */
	#pace(): number {
		const pixel = prefersReducedMotion() ? CALM_STEP_MS : Math.min(CALM_STEP_MS, this.#pixelMs());
		const eager = this.#redraw ? Math.max(EAGER_STEP_MS, DUTY * this.ctx.paintMs()) : pixel;
		return Math.max(MIN_STEP_MS, Math.min(pixel, eager));
	}

	/** While following, the picture moves by whole pixels: a frame in between would look the same. */
	#next(): void {
		if (this.#timer || this.#frozen || !this.#visible || this.ctx.scope.closed) return;
		this.#timer = setTimeout(() => {
			this.#timer = undefined;
			this.ctx.invalidate();
		}, this.#pace());
	}

	#freeze(range: { from: number; to: number }): void {
		if (this.#unaligned) this.#align();
		this.#frozen = range;
		this.ctx.pause(true);
		this.#tell({ fromMs: range.from, toMs: range.to });
	}

	/** Moves the session's range along, so that its other charts follow: once a gesture rests, or each notch would be a step back. */
	#tell(args: Record<string, unknown>): void {
		clearTimeout(this.#telling);
		this.#telling = setTimeout(() => {
			this.#telling = undefined;
			this.#ask(this.#frozen);
			// Unheard (no kernel): this chart has moved all the same.
			this.ctx.act("range", args).catch(() => undefined);
		}, TELL_AFTER_MS);
	}

	/** Takes the session's range where it has changed; a gesture under way goes first. */
	#obey(): void {
		const range = this.ctx.cells.status?.value?.range;
		if (!range || range.version === this.#obeyed || this.#telling) return;
		this.#obeyed = range.version;
		const { fromMs: from, toMs: to, live } = range;
		const fixed = !live && from !== null && to !== null;
		if (fixed && this.#unaligned) this.#align();
		this.#frozen = fixed ? { from, to } : null;
		if (fixed) this.#ask(this.#frozen);
		else this.#unaligned = this.#redraw = true;
		this.ctx.pause(fixed);
	}

	#follow(): void {
		this.#frozen = null;
		this.#unaligned = this.#redraw = true;
		this.ctx.pause(false);
		this.#tell({});
	}

	#zoom(left: number, factor: number): void {
		const { from, to } = this.#range();
		const at = this.#plot.timeAt(left);
		const oldest = (this.#data.x[0] ?? from) - 1000;
		const next = {
			from: Math.max(oldest, at - (at - from) * factor),
			to: Math.min(this.ctx.now(), at + (to - at) * factor),
		};
		if (next.to - next.from > 200) this.#freeze(next);
	}

	#toggle(key: string, alone: boolean): void {
		const keys = this.#rings.map((ring) => seriesKey(ring.info));
		if (alone) {
			const others = keys.filter((other) => other !== key);
			const isolated = !this.#hidden.has(key) && others.every((other) => this.#hidden.has(other));
			this.#hidden = new Set(isolated ? [] : others);
		} else if (!this.#hidden.delete(key)) this.#hidden.add(key);
		keys.forEach((k, i) => {
			const visible = !this.#hidden.has(k);
			const line = this.#lines[i];
			if (!line || line.show === visible) return;
			line.show = visible;
			this.#plot.showLine(i, visible);
		});
		this.#legend.series(this.#rings, this.#lines);
		if (this.#options.stacked) this.#restyle = true; // the others move, and lie on other lines
		this.ctx.invalidate();
	}

	#step(by: number | "first" | "last"): void {
		this.#come();
		const last = this.#data.x.length - 1;
		if (last < 0) return;
		const from = this.#row ?? last;
		const row = by === "first" ? 0 : by === "last" ? last : Math.min(last, Math.max(0, from + by));
		this.#row = row;
		this.#plot.point(row);
	}

	/** The user points here, by mouse or by key. */
	#come(): void {
		this.#pointed = false;
	}

	#pointAt(atMs: number | null): void {
		this.#pointed = true;
		if (atMs === null) this.#plot.hideCursor();
		else this.#plot.pointAt(atMs);
		this.#pointed = atMs !== null;
	}

	#point(row: number | null, left: number, top: number): void {
		this.#row = left < 0 || this.#pointed ? null : row;
		if (!this.#pointed) this.ctx.crosshair.point(left < 0 ? null : this.#plot.timeAt(left));
		const at = this.#row === null ? undefined : this.#data.x[this.#row];
		const marks = at === undefined ? [] : marksNear(this.#plot.overlay.marks, at, MARK_REACH_PX * this.#pixelMs());
		const { inset } = this.#plot;
		this.#tooltip.paint(this.#data, this.#row, this.#lines, left, top, inset, this.#host.clientWidth, marks);
	}

	#describe(now: number): void {
		if (now - this.#describedMs < DESCRIBE_EVERY_MS) return;
		this.#describedMs = now;
		setText(this.#summary, describe(this.#rings, this.#windowMs()));
	}
}

/** A token may hold a name, a var() or a color-mix(): canvas wants what it comes to. */
function resolveColor(at: HTMLElement, token: string): string {
	const probe = h("i");
	probe.style.color = `var(${token})`;
	at.append(probe);
	const color = getComputedStyle(probe).color;
	probe.remove();
	return color || "#888";
}
