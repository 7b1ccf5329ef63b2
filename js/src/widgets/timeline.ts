/** IncidentTimeline: everything that happened, in lanes on one axis, with a list of what it was. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { axisTime, clock, count, duration, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { Moment, MomentKind } from "../wire/types";
import { PointedRows, setMoments } from "./pointed-rows";
import { RangeChip, type Stretch } from "./range-chip";
import { TimelinePoint } from "./timeline-point";
import type { ViewContext, Widget } from "./view";

const LANES: { kind: MomentKind; name: string; shape: string }[] = [
	{ kind: "alert", name: "alerts", shape: "▲" },
	{ kind: "deploy", name: "deploys", shape: "⇧" },
	{ kind: "operation", name: "operations", shape: "◆" },
	{ kind: "event", name: "events", shape: "●" },
	{ kind: "note", name: "notes", shape: "✎" },
	{ kind: "gap", name: "gaps", shape: "▨" },
];
const SHAPE = Object.fromEntries(LANES.map(({ kind, shape }) => [kind, shape])) as Record<MomentKind, string>;
/** With nothing before it, the axis begins this long ago. */
const SHORTEST_MS = 10 * 60_000;
const LONGEST_MS = 6 * 3_600_000;
const TICKS = 5;
const MIN_SHARE = 0.004;
const MAX_ROWS = 100;

export function timelineWidget(ctx: ViewContext): Widget {
	const axis = h("div", { class: "gunj-tl-axis", "aria-hidden": "true" });
	const lanes = LANES.map((lane) => new Lane(lane.name, (m) => select(m), ctx.zone));
	const chart = h("div", { class: "gunj-tl", "aria-hidden": "true" }, ...lanes.map((lane) => lane.el), axis);
	const list = h("ol", { class: "gunj-events gunj-tl-list", "aria-label": "What happened, newest first", tabindex: 0 });
	const empty = h("p", { class: "gunj-empty" });
	ctx.card.body.append(chart, empty, list);
	const chip = new RangeChip(ctx);
	const point = new TimelinePoint(ctx, chart);
	chart.append(point.el);
	const pointed = new PointedRows(ctx, list);
	const rows = new KeyedRows<Moment>(list, key, () => momentRow(ctx));
	let chosen = "";

	function select(m: Moment): void {
		chosen = key(m);
		ctx.invalidate();
	}

	ctx.scope.listen<MouseEvent>(list, "click", (event) => {
		const row = (event.target as Element).closest<HTMLElement>("[data-key]");
		if (row) chosen = row.dataset.key === chosen ? "" : (row.dataset.key ?? "");
		ctx.invalidate();
	});
	ctx.scope.listen<KeyboardEvent>(list, "keydown", (event) => {
		const by = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
		if (!by) return;
		event.preventDefault();
		event.stopPropagation();
		const all = [...list.querySelectorAll<HTMLElement>("[data-key]")];
		const at = all.findIndex((row) => row.dataset.key === chosen);
		const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
		chosen = next?.dataset.key ?? "";
		next?.scrollIntoView({ block: "nearest" });
		pointed.tell(next);
		ctx.invalidate();
	});

	return {
		paint() {
			const value = ctx.cells.timeline?.value ?? null;
			const now = ctx.now();
			const all = value?.moments ?? [];
			const stretch = chip.paint();
			const span = stretch
				? { ...stretch, toMs: Number.isFinite(stretch.toMs) ? stretch.toMs : now }
				: spanOf(all, now);
			const shown = all.filter((m) => m.tMs <= span.toMs && endOf(m, now) >= span.fromMs);
			const older = (value?.total ?? 0) - all.length;
			const many = shown.length === 1 ? "1 moment" : `${count(shown.length)} moments`;
			const words = [`${many} in ${stretch?.live === false ? "" : "the last "}${duration(span.toMs - span.fromMs)}`];
			if (older > 0) words.push(`${count(older)} older not sent`);
			ctx.card.title(str(ctx.options.title) || "Timeline", value ? words.join(", ") : "");
			for (const [i, lane] of lanes.entries()) {
				const kind = LANES[i]?.kind;
				lane.paint(
					shown.filter((m) => m.kind === kind),
					span,
					now,
					chosen,
				);
			}
			paintAxis(axis, span, ctx.zone());
			point.paint(span);
			show(chart, shown.length > 0);
			setText(empty, value ? "nothing happened in this time" : "waiting for the first moments");
			show(empty, shown.length === 0);
			rows.update([...shown].sort((a, b) => b.tMs - a.tMs).slice(0, MAX_ROWS));
			for (const row of list.querySelectorAll<HTMLElement>("[data-key]"))
				setAttr(row, "aria-current", row.dataset.key === chosen ? "true" : null);
			pointed.paint();
			setAttr(ctx.card.root, "data-rows", shown.length);
		},
	};
}

function key(m: Moment): string {
	return JSON.stringify([m.kind, m.tMs, m.title, m.platform, m.component]);
}

function endOf(m: Moment, now: number): number {
	return m.lasting ? now : (m.endMs ?? m.tMs);
}

/** From the first moment, within bounds, until now. */
function spanOf(moments: readonly Moment[], now: number): Stretch {
	const first = Math.min(now - SHORTEST_MS, ...moments.map((m) => m.tMs));
	const fromMs = Math.max(now - LONGEST_MS, first);
	return { fromMs: fromMs - (now - fromMs) * 0.02, toMs: now };
}

class Lane {
	readonly el: HTMLElement;
	#bars = h("div", { class: "gunj-tl-bars" });
	#rows: KeyedRows<{ m: Moment; left: number; width: number; chosen: boolean }>;

	constructor(name: string, select: (m: Moment) => void, zone: () => string) {
		this.el = h("div", { class: "gunj-tl-lane" }, h("span", { class: "gunj-tl-name gunj-muted" }, name), this.#bars);
		this.#rows = new KeyedRows(
			this.#bars,
			({ m }) => key(m),
			() => barOf(select, zone),
		);
	}

	paint(moments: readonly Moment[], { fromMs, toMs }: Stretch, now: number, chosen: string): void {
		show(this.el, moments.length > 0);
		const share = (t: number) => Math.min(1, Math.max(0, (t - fromMs) / (toMs - fromMs)));
		this.#rows.update(
			moments.map((m) => {
				const left = share(m.tMs);
				return { m, left, width: share(endOf(m, now)) - left, chosen: key(m) === chosen };
			}),
		);
	}
}

function barOf(
	select: (m: Moment) => void,
	zone: () => string,
): Row<{ m: Moment; left: number; width: number; chosen: boolean }> {
	const el = h("i", { class: "gunj-tl-bar" });
	let shown: Moment | null = null;
	el.addEventListener("click", () => shown && select(shown));
	return {
		el,
		update({ m, left, width, chosen }) {
			shown = m;
			const long = width > MIN_SHARE;
			setAttr(el, "data-tone", m.tone);
			setAttr(el, "data-long", long);
			setAttr(el, "data-lasting", m.lasting);
			setAttr(el, "data-chosen", chosen);
			setAttr(el, "title", `${clock(m.tMs, zone())} ${oneLine(m.title)}`);
			setText(el, long ? "" : SHAPE[m.kind]);
			el.style.left = `${(left * 100).toFixed(3)}%`;
			el.style.width = long ? `${(width * 100).toFixed(3)}%` : "";
		},
	};
}

function paintAxis(axis: HTMLElement, { fromMs, toMs }: Stretch, zone: string): void {
	const step = (toMs - fromMs) / TICKS;
	const labels = Array.from({ length: TICKS }, (_, i) => axisTime(fromMs + (i + 0.5) * step, step, zone));
	if (axis.dataset.labels === labels.join()) return;
	axis.dataset.labels = labels.join();
	axis.replaceChildren(...labels.map((label) => h("span", {}, label)));
}

function momentRow({ when: written, zone }: Pick<ViewContext, "when" | "zone">): Row<Moment> {
	const [when, title] = [h("time", { class: "gunj-muted" }), h("strong", { class: "gunj-event-reason" })];
	const [where, text] = [h("span", { class: "gunj-muted" }), h("span", { class: "gunj-event-text" })];
	const lasted = h("span", { class: "gunj-muted gunj-right" });
	const el = h("li", { class: "gunj-event" }, when, title, where, lasted, text);
	return {
		el,
		update(m) {
			setAttr(el, "data-key", key(m));
			setMoments(el, m.tMs, m.endMs);
			setText(when, written(m.tMs));
			setAttr(when, "title", fullTime(m.tMs, zone()));
			setText(title, `${SHAPE[m.kind]} ${oneLine(m.title)}`);
			setAttr(title, "data-tone", m.tone);
			setText(where, [m.platform, m.component].filter(Boolean).map(oneLine).join(" / "));
			setText(lasted, m.lasting ? "goes on" : m.endMs === null ? "" : `for ${duration(m.endMs - m.tMs)}`);
			setText(text, oneLine(m.detail));
			show(text, m.detail !== "");
		},
	};
}
