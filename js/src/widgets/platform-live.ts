/** The moving parts of a PlatformCard: CPU and memory as sparklines, and the last log lines. */
import { type Spark, sparkline } from "../charts/sparkline";
import { type Summary, summarise } from "../charts/summary";
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { clock, formatValue } from "../lib/format";
import { oneLine } from "../lib/text";
import type { LogLine } from "../wire/types";
import { button } from "./marks";
import type { ViewContext } from "./view";

const METRICS: [string, string][] = [
	["cpu_usage", "CPU"],
	["memory_usage", "memory"],
];
const SPARK = { width: 120, height: 24 };
const FALLBACK_WINDOW_MS = 300_000;
export const TAIL_LINES = 10;

export function sparkPair(ctx: ViewContext): { el: HTMLElement; paint(): void; recolour(): void } {
	const tiles = METRICS.map(([metric, label]) => new Tile(metric, label));
	const el = h("div", { class: "gunj-sparks", hidden: true }, ...tiles.map((tile) => tile.el));
	let drawn = -1;
	return {
		el,
		recolour() {
			drawn = -1;
		},
		paint() {
			const cell = ctx.cells.metrics;
			if (!cell || cell.version === drawn) return;
			drawn = cell.version;
			const windowMs = cell.store.windowMs || FALLBACK_WINDOW_MS;
			const to = cell.store.lastX ?? ctx.now();
			const tolerance = windowMs / SPARK.width / 4;
			for (const tile of tiles) {
				const rings = cell.store.rings.filter((ring) => ring.info.metric === tile.metric);
				tile.paint(summarise(rings, tolerance), to - windowMs, to);
			}
			show(
				el,
				tiles.some((tile) => !tile.el.hidden),
			);
		},
	};
}

class Tile {
	readonly el: HTMLElement;
	#value = h("strong");
	#how = h("span", { class: "gunj-muted" });
	#spark: Spark;

	constructor(
		readonly metric: string,
		private readonly label: string,
	) {
		this.#spark = sparkline(SPARK.width, SPARK.height, label);
		const words = h(
			"div",
			{ class: "gunj-tile-words" },
			h("span", { class: "gunj-muted" }, label),
			this.#value,
			this.#how,
		);
		this.el = h("div", { class: "gunj-tile", "data-metric": metric, hidden: true }, words, this.#spark.el);
	}

	paint(summary: Summary | null, from: number, to: number): void {
		show(this.el, summary !== null);
		if (!summary) return;
		const value = formatValue(summary.last, summary.unit);
		setText(this.#value, value);
		setText(this.#how, summary.how);
		setAttr(this.#spark.el, "aria-label", `${this.label} ${value}`);
		this.#spark.draw(summary.x, summary.y, from, to);
	}
}

export function logTail(ctx: ViewContext): { el: HTMLElement; paint(): void } {
	const toggle = button("Show logs", `The last ${TAIL_LINES} log lines`);
	const lines = h("ol", { class: "gunj-tail", hidden: true, "aria-label": "Last log lines" });
	const none = h("p", { class: "gunj-muted", hidden: true }, "no log lines yet");
	const el = h("div", { class: "gunj-block", hidden: true }, toggle, none, lines);
	const rows = new KeyedRows<LogLine>(
		lines,
		(line) => String(line.id),
		() => tailRow(ctx),
	);
	let open = ctx.options.tail === true;
	const paintToggle = () => {
		setAttr(toggle, "aria-expanded", String(open));
		setText(toggle, open ? "Hide logs" : "Show logs");
	};
	paintToggle();
	ctx.scope.listen(toggle, "click", () => {
		open = !open;
		paintToggle();
		ctx.keep({ tail: open });
		ctx.invalidate();
	});
	return {
		el,
		paint() {
			const ring = ctx.cells.logs?.ring;
			show(el, ring !== undefined);
			if (!ring) return;
			show(lines, open && ring.length > 0);
			show(none, open && ring.length === 0);
			if (open) rows.update(lastLines(ring.first, ring.end, (at) => ring.at(at)));
		},
	};
}

function lastLines(first: number, end: number, at: (position: number) => LogLine | undefined): LogLine[] {
	const lines: LogLine[] = [];
	for (let i = Math.max(first, end - TAIL_LINES); i < end; i++) {
		const line = at(i);
		if (line) lines.push(line);
	}
	return lines;
}

function tailRow(ctx: ViewContext): Row<LogLine> {
	const [time, level, text] = [
		h("span", { class: "gunj-log-time" }),
		h("span", { class: "gunj-log-level" }),
		h("span", { class: "gunj-log-text" }),
	];
	const el = h("li", { class: "gunj-log-row" }, time, level, text);
	return {
		el,
		update(line) {
			setText(time, clock(line.tMs, ctx.zone()));
			setAttr(el, "data-level", line.level);
			setText(level, line.level || "–");
			setText(text, oneLine(`${line.component ? `${line.component}: ` : ""}${line.message}`));
		},
	};
}
