/** MetricChart: many series, live or frozen, in one plot or as small multiples, with a legend, thresholds and a tooltip. */
import { align } from "../charts/align";
import { type Overlay, overlayOf } from "../charts/overlay";
import { Ranges } from "../charts/ranges";
import { h, setAttr, setText, show } from "../lib/dom";
import { count, duration } from "../lib/format";
import { isMeantFor } from "../lib/keys";
import { oneLine } from "../lib/text";
import { prefersReducedMotion } from "../lib/theme";
import type { SeriesCell } from "../store/cell";
import { SeriesStore } from "../store/series";
import { metrics } from "../wire/bodies";
import { type Bag, isBag, type RawBuffer, str } from "../wire/read";
import { plotColors, plotFont } from "./chart-colors";
import { Legend, newestOf, nowOf } from "./chart-legend";
import { ChartLines } from "./chart-lines";
import { chartOptions } from "./chart-options";
import { ChartPanel, type PanelActions } from "./chart-panel";
import { ChartRange, type Stretch } from "./chart-range";
import { ChartSelection } from "./chart-selection";
import { describe } from "./chart-summary";
import { ChartTakeaway } from "./chart-takeaway";
import { button } from "./marks";
import type { ViewContext, Widget } from "./view";

/** While following, the picture moves at most once in so many milliseconds; samples are drawn with the frame they come in. */
const STEP_MS = 125;
const CALM_STEP_MS = 1000;
/** A plot is drawn anew at most so often, or, where frames are dear, in one part of so many of the page's time. */
const FULL_EVERY_MS = 100;
const DUTY = 8;
const DESCRIBE_EVERY_MS = 5000;
const TEXTS_EVERY_MS = 250;
const FALLBACK_WINDOW_MS = 300_000;
const MAX_PANELS = 24;

export function chartWidget(ctx: ViewContext): Widget {
	return new MetricChart(ctx);
}

class MetricChart implements Widget {
	#options;
	#panels: ChartPanel[] = [];
	#grid = h("div", { class: "gunj-panels" });
	#empty = h("p", { class: "gunj-empty gunj-plot-empty" }, "no samples yet");
	#summary = h("p", { class: "gunj-sr" });
	#pause = button("‖ Pause", "Freeze the picture; data is still collected (space)");
	#back = button("▶ Back to live", "Follow the newest samples again (Esc)", "gunj-primary");
	#select = button("▭ Select", "Drag to select instead of to zoom (or hold Alt; or s at both ends): chart.selection");
	#before = button("‹", "The range before (Alt+←)");
	#after = button("›", "The range after (Alt+→)");
	#bar = h("progress", { "aria-label": "History loaded" });
	#loading = h("div", { class: "gunj-loading gunj-muted", hidden: true }, this.#bar);
	#loaded = h("span");
	#foot = h("div", { class: "gunj-foot gunj-muted" });
	#legend: Legend;
	#selection: ChartSelection;
	#more = button("⋯", "Keys, and what can be taken away: PNG, CSV, Parquet, table");
	#takeaway: ChartTakeaway;
	#range: ChartRange;
	#lines: ChartLines;
	#overlay: Overlay = { marks: [], gaps: [], selected: null };
	#marked = -1;
	/** The picture that was asked for is on its way. */
	#pictured = false;
	/** One value range for all panels. */
	#shared = new Ranges();
	#detailed = false;
	/** Finer points are asked for, or why there are none. */
	#finer = "";
	#seen = { version: -1, shape: -1 };
	#visible = true;
	#restyle = true;
	#zone = "local";
	/** What is on the canvas is another picture. */
	#anew = true;
	#undrawn = true;
	#describedMs = Number.NEGATIVE_INFINITY;
	#toldMs = Number.NEGATIVE_INFINITY;
	#fullMs = Number.NEGATIVE_INFINITY;
	#stepMs = STEP_MS;
	#timer: ReturnType<typeof setTimeout> | undefined;

	constructor(private readonly ctx: ViewContext) {
		this.#options = chartOptions(ctx.options);
		this.#lines = new ChartLines(this.#options.hidden, this.#options.only);
		this.#range = new ChartRange(ctx, () => this.#windowMs(), {
			freezing: () => this.#lines.keep(),
			changed: (frozen) => this.#frozen(frozen),
			rested: (frozen) => this.#ask(frozen),
		});
		this.#legend = new Legend((key, alone) => this.#toggle(key, alone));
		this.#selection = new ChartSelection(ctx, this.#options.code, {
			changed: () => {
				this.#marked = -1;
				this.ctx.invalidate();
			},
			zoom: ({ fromMs: from, toMs: to }) => this.#range.freeze({ from, to }),
		});
		const { card } = ctx;
		card.tools.append(this.#back, this.#pause, this.#select, this.#before, this.#after, this.#more);
		const stage = h("div", { class: "gunj-charts" }, this.#grid, this.#empty);
		const below = [this.#selection.el, this.#legend.shared, this.#legend.el, this.#foot];
		this.#loading.append(this.#loaded);
		const { title } = this.#options;
		const panels = () => (this.#undrawn ? null : this.#panels.map((panel) => panel.picture(this.#grid)));
		const [lines, at] = [() => this.#lines.lines, () => this.#range.at()];
		this.#takeaway = new ChartTakeaway(ctx, { title, grid: this.#grid, rows: () => this.#rows(), lines, at, panels });
		show(this.#takeaway.menu, false);
		card.body.append(this.#takeaway.menu, this.#loading, stage, ...below, this.#takeaway.table.el, this.#summary);
		this.#summary.id = `gunj-sum-${Math.random().toString(36).slice(2)}`;
		this.#legend.show(this.#options.legend);
		this.#divide([""]);
		this.#listen();
	}

	paint(): void {
		const cell = this.ctx.cells.metrics;
		const now = this.ctx.now();
		if (this.#zone !== this.ctx.zone()) {
			this.#zone = this.ctx.zone();
			this.#restyle = true;
		}
		this.#range.obey(this.ctx.cells.status);
		// A frozen picture keeps its lines and samples, whatever happens to the store meanwhile.
		if (cell && (!this.#range.frozen || this.#lines.samples.every(({ x }) => x.length === 0))) this.#collect(cell);
		if (cell && this.#restyle) this.#configure();
		if (cell) {
			this.#mark();
			this.#draw(now);
			this.#describe(now);
		}
		this.#texts(now);
		this.#next();
	}

	recolour(): void {
		this.#restyle = true;
	}

	lost(): number {
		const store = this.ctx.cells.metrics?.store;
		return store ? store.lost + store.late : 0;
	}

	hear(content: Bag, buffers: readonly RawBuffer[]): void {
		if (content.op === "detail") this.#refine(content, buffers);
		else if (content.op === "parquet") this.#takeaway.take(content.error, buffers);
		this.ctx.invalidate();
	}

	/** Takes the samples of the stretch that is zoomed to, if it is still the one that is shown; or why there are none. */
	#refine({ fromMs, toMs, error, body: b }: Bag, buffers: readonly RawBuffer[]): void {
		const frozen = this.#range.frozen;
		if (!frozen || fromMs !== frozen.from || toMs !== frozen.to) return;
		this.#toldMs = Number.NEGATIVE_INFINITY;
		this.#finer = error ? `no finer points: ${oneLine(str(error))}` : "";
		const body = isBag(b) ? metrics(b, buffers) : null;
		if (!body) return;
		const store = new SeriesStore();
		store.take(body, true);
		this.#lines.refine(store, frozen);
		this.#assign();
		this.#detailed = body.thinned === 0;
	}

	/** Of a long history only a part is here, of a query its points: asks for the rest of what is zoomed to, and for finer ones. */
	#ask(frozen: Stretch | null): void {
		this.#detailed = false;
		const { refines } = this.#options;
		this.#finer = "";
		if (!frozen || !(refines || this.ctx.cells.metrics?.store.thinned)) return;
		const asked = this.ctx.tell({ op: "tell", detail: { fromMs: frozen.from, toMs: frozen.to } });
		if (asked && refines) this.#finer = "asking for finer points …";
	}

	#frozen(frozen: Stretch | null): void {
		this.#toldMs = Number.NEGATIVE_INFINITY;
		if (!frozen) this.#lines.live();
		else this.#lines.whole(frozen);
		this.#assign();
		this.ctx.invalidate();
	}

	/** Sends the kernel the picture it asked for, once there is something to see on it. */
	#settle(): void {
		if (!this.#owed() || this.#lines.samples.every(({ x }) => x.length === 0)) return;
		// As base64 by way of a data URL: the kernel keeps it in the notebook as it comes.
		const url = this.#takeaway.picture()?.toDataURL("image/png");
		if (!url) return;
		this.#pictured = true;
		this.ctx.tell({ op: "tell", picture: url.slice(url.indexOf(",") + 1) });
	}

	#listen(): void {
		const { scope } = this.ctx;
		scope.listen(this.#pause, "click", () => this.#pauseOrFollow());
		scope.listen(this.#back, "click", () => this.#range.follow());
		for (const [el, to] of [
			[this.#before, "back"],
			[this.#after, "forward"],
		] as const) {
			setAttr(el, "aria-label", el.title);
			scope.listen(el, "click", () => this.#range.step(to));
		}
		setAttr(this.#more, "aria-expanded", "false");
		scope.listen(this.#more, "click", () => {
			const open = this.#more.getAttribute("aria-expanded") !== "true";
			setAttr(this.#more, "aria-expanded", String(open));
			show(this.#takeaway.menu, open);
		});
		setAttr(this.#select, "aria-pressed", "false");
		scope.listen(this.#select, "click", () => {
			const selecting = this.#select.getAttribute("aria-pressed") !== "true";
			for (const panel of this.#panels) panel.plot.selecting = selecting;
			setAttr(this.#select, "aria-pressed", String(selecting));
		});
		// A button that was clicked has the focus, and the keys are the chart's all the same.
		scope.listen<KeyboardEvent>(this.ctx.card.tools, "keydown", (event) => {
			const { key, altKey, ctrlKey, metaKey, shiftKey, target } = event;
			if (isMeantFor(target, key)) return;
			const same = new KeyboardEvent("keydown", { key, altKey, ctrlKey, metaKey, shiftKey, cancelable: true });
			if (!this.#panels[0]?.host.dispatchEvent(same)) event.preventDefault();
		});
		const sizes = new ResizeObserver(() => {
			this.#anew = true;
			this.ctx.invalidate();
		});
		sizes.observe(this.#grid);
		scope.add(() => sizes.disconnect());
		if (typeof IntersectionObserver === "function") {
			const sight = new IntersectionObserver((entries) => {
				this.#visible = entries[entries.length - 1]?.isIntersecting ?? true;
				this.ctx.invalidate();
			});
			sight.observe(this.#grid);
			scope.add(() => sight.disconnect());
		}
		scope.add(() => clearTimeout(this.#timer));
	}

	#actions(): PanelActions {
		return {
			zoomTo: (from, to) => this.#range.freeze({ from, to }),
			zoomAt: (time, factor) => this.#range.zoom(time, factor, this.#oldest()),
			pan: (share) => this.#range.pan(share, this.#oldest()),
			step: (to) => this.#range.step(to),
			select: (fromMs, toMs) => this.#selection.set({ fromMs, toMs }),
			mark: (time) => this.#selection.mark(time),
			toggle: () => this.#pauseOrFollow(),
			follow: () => this.#range.follow(),
		};
	}

	#pauseOrFollow(): void {
		if (this.#range.frozen) this.#range.follow();
		else this.#range.freeze(this.#range.at());
	}

	#oldest(): number | undefined {
		const firsts = this.#lines.samples.flatMap(({ x }) => (x.length ? [x[0] as number] : []));
		return firsts.length ? Math.min(...firsts) : undefined;
	}

	/** Has a panel for each name. */
	#divide(names: readonly string[]): void {
		while (this.#panels.length > names.length) this.#panels.pop()?.close();
		while (this.#panels.length < names.length) {
			const panel = new ChartPanel(this.ctx, this.#actions());
			panel.plot.selecting = this.#select.getAttribute("aria-pressed") === "true";
			setAttr(panel.host, "aria-describedby", this.#summary.id);
			this.#panels.push(panel);
			this.#grid.append(panel.el);
		}
		setAttr(this.#grid, "data-panels", this.#options.facet ? names.length : null);
	}

	/** Gives each panel its series. */
	#assign(): void {
		const groups = this.#lines.groups(this.#options.facet, MAX_PANELS);
		this.#divide(groups.map(({ name }) => name));
		groups.forEach(({ name, members }, n) => {
			const [samples, lines] = [this.#lines.samples, this.#lines.lines].map((all) => members.map((i) => all[i]));
			this.#panels[n]?.assign(samples as never, lines as never, name);
		});
		this.#anew = this.#undrawn = true;
	}

	#collect({ store, version }: SeriesCell): void {
		if (version === this.#seen.version) return;
		if (store.shape !== this.#seen.shape) {
			this.#lines.take(store.rings);
			this.#restyle = true;
			// A chart that came frozen asked before there was a series to show the answer in.
			if (this.#range.frozen && store.points) this.#ask(this.#range.frozen);
		}
		this.#seen = { version, shape: store.shape };
		for (const panel of this.#panels) panel.news();
	}

	#configure(): void {
		this.#restyle = false;
		this.#describedMs = this.#toldMs = Number.NEGATIVE_INFINITY;
		this.#lines.style(this.ctx.theme());
		this.#shared = new Ranges();
		this.#name();
		// Drawn once even out of sight, so that a print or a screenshot shows the lines.
		this.#assign();
		const { thresholds, yMin, yMax, log, stacked, heightPx } = this.#options;
		const colors = plotColors(this.#grid);
		const font = plotFont(this.ctx.card.root);
		const title = this.#title();
		for (const panel of this.#panels) {
			const config = { lines: panel.lines, thresholds, yMin, yMax, colors, font, log, stacked, zone: this.#zone };
			panel.configure(config, heightPx);
			setAttr(panel.host, "aria-label", oneLine(`Chart: ${[title, panel.name].filter(Boolean).join(", ")}`));
		}
	}

	/** Takes in what happened, for the marks; and the selection. */
	#mark(): void {
		const cell = this.ctx.cells.timeline;
		const version = cell?.version ?? 0;
		if (version === this.#marked) return;
		this.#marked = version;
		this.#overlay = overlayOf(cell?.value?.moments ?? [], this.#selection.band);
		setAttr(this.ctx.card.root, "data-marks", this.#overlay.marks.length);
		this.#anew = this.#undrawn = true;
	}

	#draw(now: number): void {
		const { frozen } = this.#range;
		if (!this.#undrawn && !this.#visible && !frozen && !this.#owed()) return;
		const { from: fromMs, to: toMs } = this.#range.at(now);
		const pause = Math.max(FULL_EVERY_MS, DUTY * this.ctx.paintMs());
		const cheap = !this.#undrawn && !frozen && performance.now() - this.#fullMs < pause;
		this.#stepMs = prefersReducedMotion() ? CALM_STEP_MS : STEP_MS;
		const stepMs = frozen ? 0 : this.#stepMs;
		const spans = this.#spans(fromMs, toMs);
		const shot = { fromMs, toMs, anew: this.#anew && !cheap, cheap, stepMs, spans, overlay: this.#overlay };
		// Each panel has its turn, whatever the others said.
		const drawn = this.#panels.map((panel) => panel.draw(shot, this.#options.heightPx));
		if (drawn.includes(false)) return;
		if (!cheap) {
			this.#anew = this.#undrawn = false;
			this.#fullMs = performance.now();
		}
		setAttr(this.ctx.card.root, "data-drawn-x", this.ctx.cells.metrics?.store.lastX ?? null);
		this.#settle();
	}

	#spans(fromMs: number, toMs: number) {
		if (this.#panels.length < 2 || !this.#options.sharedY) return undefined;
		const { lines, samples } = this.#lines;
		this.#shared.take({ ...this.#options, lines }, { samples, fromMs, toMs, anew: this.#anew });
		return this.#shared.spans;
	}

	/** Title, foot and legend: read by people, so a few times a second will do. */
	#texts(now: number): void {
		const store = this.ctx.cells.metrics?.store;
		const [points, last] = [store?.points ?? 0, store?.lastX ?? null];
		const { frozen } = this.#range;
		const notice = oneLine(store?.notice ?? "");
		const missing = store?.loading ? notice : notice || "no samples yet";
		const empty = points === 0 ? missing : store?.drawable ? this.#hidden() : "no sample is a number: all are NaN";
		setText(this.#empty, empty);
		show(this.#empty, empty !== "");
		this.#progress(store?.loading ?? null);
		show(this.#back, frozen !== null);
		show(this.#pause, frozen === null);
		const { back = false, forward = false } = this.ctx.cells.status?.value?.range ?? {};
		for (const [el, open] of [
			[this.#before, back],
			[this.#after, forward],
		] as const) {
			show(el, back || forward);
			el.disabled = !open;
		}
		if (performance.now() - this.#toldMs < TEXTS_EVERY_MS) return;
		this.#toldMs = performance.now();
		const { from, to } = this.#range.at(now);
		const { when } = this.ctx;
		this.ctx.card.title(this.#title(), (frozen ? "" : "last ") + duration(to - from + 500));
		setAttr(this.ctx.card.root, "data-points", points);
		setAttr(this.ctx.card.root, "data-last-x", last);
		const sample = last === null ? "" : `last sample ${when(last)} (${duration(now - last)} ago)`;
		const words = [
			frozen && `showing ${when(from)} – ${when(to)}`,
			sample,
			...this.#placeless(from),
			store?.thinned && !(frozen && this.#detailed) && thinnedWords(store),
			frozen && this.#finer,
			points > 0 && notice,
		];
		setText(this.#foot, words.filter(Boolean).join(" · "));
		if (!frozen) this.#values();
		this.#selection.paint();
		this.#takeaway.paint();
	}

	#hidden(): string {
		const { lines } = this.#lines;
		return lines.length === 0 || lines.some(({ show }) => show)
			? ""
			: "every series is hidden: the legend shows them again";
	}

	/** What is not drawn for want of a place. */
	#placeless(fromMs: number): string[] {
		const shown = this.#lines.rings.filter((_, i) => this.#lines.lines[i]?.show);
		const words = shown.some((ring) => ring.infinite >= fromMs) ? ["infinite values are gaps"] : [];
		if (!this.#options.log) return words;
		const n = shown.filter(({ y, lastY }) => lastY !== null && !y.some((v) => v > 0)).length;
		if (n) words.push(`${n} series ${n === 1 ? "has" : "have"} no place on a log axis: not above 0`);
		return words;
	}

	/** The newest values: in the legend, or, where each plot has but one series, beside its name. */
	#values(): void {
		const single = this.#options.facet !== "" && this.#panels.every((panel) => panel.lines.length === 1);
		this.#legend.show(this.#options.legend && !single);
		if (!single) this.#legend.values();
		const newest = newestOf(this.#lines.rings);
		const rings = new Map(this.#lines.rings.map((ring, i) => [this.#lines.lines[i], ring]));
		for (const panel of this.#panels) {
			const ring = single ? rings.get(panel.lines[0]) : undefined;
			panel.tell(ring ? nowOf(ring, newest) : "");
		}
	}

	#progress(loading: SeriesStore["loading"]): void {
		show(this.#loading, loading !== null);
		if (!loading) return;
		setAttr(this.#bar, "max", Math.max(1, loading.total));
		setAttr(this.#bar, "value", loading.done);
		setText(this.#loaded, `loading the history: ${loading.done} of ${loading.total} pieces`);
	}

	/** All samples on one x. */
	#rows() {
		const { from, to } = this.#range.at();
		const width = Math.max(100, this.#panels[0]?.plot.width ?? 0);
		return align(this.#lines.samples, ((to - from) / width) * 0.25);
	}

	/** Has the legend name the lines; what all have in common it says once, unless the title does. */
	#name(): void {
		const { rings, lines, shared } = this.#lines;
		this.#legend.series(rings, lines, this.#title().includes(shared) ? "" : shared);
	}

	#title(): string {
		return this.#options.title || this.ctx.cells.metrics?.store.rings[0]?.info.metric || "Metrics";
	}

	#windowMs(): number {
		return this.#options.windowMs || this.ctx.cells.metrics?.store.windowMs || FALLBACK_WINDOW_MS;
	}

	/** While following, the picture moves on although nothing comes. */
	#next(): void {
		if (this.#timer || this.#range.frozen || !this.#visible || this.ctx.scope.closed) return;
		const pixel = this.#windowMs() / Math.max(100, this.#panels[0]?.plot.width ?? 0);
		this.#timer = setTimeout(
			() => {
				this.#timer = undefined;
				this.ctx.invalidate();
			},
			Math.min(CALM_STEP_MS, this.#anew ? FULL_EVERY_MS : Math.max(this.#stepMs, pixel)),
		);
	}

	#toggle(key: string, alone: boolean): void {
		this.#lines.toggle(key, alone);
		this.ctx.keep(this.#lines.handmade);
		this.#restyle = true; // an axis may go with its last line, and stacked lines lie on one another
		this.ctx.invalidate();
	}

	#owed(): boolean {
		const asked = this.ctx.pictureAsked();
		if (!asked) this.#pictured = false;
		return asked && !this.#pictured;
	}

	#describe(now: number): void {
		if (now - this.#describedMs < DESCRIBE_EVERY_MS) return;
		this.#describedMs = now;
		setText(this.#summary, describe(this.#lines.rings, this.#windowMs()));
	}
}

function thinnedWords({ thinned }: SeriesStore): string {
	return `${count(thinned)} downsampled: lowest and highest drawn; zoom for the rest`;
}
