/** The virtual list of log rows: only what is in sight exists. */
import { nameIndex } from "../charts/palette";
import type { Run } from "../lib/ansi";
import { h, setAttr, setText } from "../lib/dom";
import { clock } from "../lib/format";
import type { Matcher, Range } from "../lib/regex";
import { oneLine } from "../lib/text";
import type { LogLine } from "../wire/types";
import type { LogFilter } from "./log-filter";
import { type LogLayout, rowRuns } from "./log-layout";
import { Marks } from "./log-search";

/** Rows drawn beyond each edge, so that a small scroll shows no blank. */
const OVERSCAN = 8;
/** Hues of component names in the style sheet. */
const COMPONENT_COLOURS = 8;

export interface RowStyle {
	/** Whose clock the times are written in; null = no times. */
	zone: string | null;
	matcher: Matcher | null;
	/** Times the user put down, by the id of the line they follow. */
	marks: ReadonlyMap<number, number>;
	/** Position of the match the user stands on, and of the row whose details are open. */
	current: number | null;
	selected: number | null;
}

interface Slot {
	el: HTMLElement;
	time: HTMLElement;
	level: HTMLElement;
	component: HTMLElement;
	text: HTMLElement;
	/** What `text` shows, so that an unchanged row costs nothing. */
	drawn: { line: LogLine; ranges: Range[] } | null;
}

export class LogList {
	readonly el = h("div", {
		class: "gunj-log",
		role: "log",
		"aria-live": "off",
		"aria-label": "Log lines",
		tabindex: 0,
		"data-lm-suppress-shortcuts": "true",
	});
	#canvas = h("div", { class: "gunj-log-canvas" });
	#slots: Slot[] = [];
	#found = new Marks();
	/** Slots of the rows in sight, and the moment others point at. */
	#sight = { first: 0, last: -1 };
	#pointed: { atMs: number; reachMs: number } | null = null;

	constructor(
		private readonly filter: LogFilter,
		private readonly layout: LogLayout,
	) {
		this.el.append(this.#canvas);
	}

	/** The position of the row under an event's target. */
	positionOf(target: EventTarget | null): number | null {
		const row = target instanceof Element ? target.closest("[data-position]") : null;
		return row ? Number(row.getAttribute("data-position")) : null;
	}

	get atBottom(): boolean {
		return this.el.scrollTop + this.el.clientHeight >= this.el.scrollHeight - 4;
	}

	/** Position of the first row in sight, and how far it is scrolled out. */
	anchor(): { position: number; offset: number } {
		const index = this.layout.at(this.el.scrollTop);
		return { position: this.filter.position(index), offset: this.el.scrollTop - this.layout.top(index) };
	}

	/** Gives the canvas its height: before anything is scrolled to. */
	fit(): void {
		const height = `${this.layout.total}px`;
		if (this.#canvas.style.height !== height) this.#canvas.style.height = height;
		setAttr(this.el, "data-wrap", this.layout.columns !== null);
	}

	paint(style: RowStyle): void {
		const top = this.el.scrollTop;
		const [first, last] = [this.layout.at(top), this.layout.at(top + this.el.clientHeight)];
		const from = Math.max(0, first - OVERSCAN);
		const to = Math.min(this.filter.length, last + OVERSCAN + 1);
		const shown = this.filter.length === 0 ? 0 : to - from;
		for (let i = 0; i < shown; i++) this.#draw(this.#slot(i), from + i, style);
		while (this.#slots.length > shown) this.#slots.pop()?.el.remove();
		this.#sight = { first: first - from, last: Math.min(shown - 1, last - from) };
		this.#mark();
	}

	/** Marks the row in sight that is nearest to a moment, where that is among those in sight. */
	point(atMs: number | null, reachMs: number): void {
		this.#pointed = atMs === null ? null : { atMs, reachMs };
		this.#mark();
	}

	#mark(): void {
		const { first, last } = this.#sight;
		const times = this.#slots.slice(first, last + 1).map((slot) => slot.drawn?.line.tMs ?? Number.NaN);
		const row = this.#pointed ? nearestRow(times, this.#pointed.atMs, this.#pointed.reachMs) : -1;
		for (const [i, slot] of this.#slots.entries()) setAttr(slot.el, "data-pointed", row >= 0 && i === first + row);
	}

	#slot(i: number): Slot {
		const ready = this.#slots[i];
		if (ready) return ready;
		const span = (name: string) => h("span", { class: `gunj-log-${name}` });
		const slot = { time: span("time"), level: span("level"), component: span("component"), text: span("text") };
		const el = h("div", { class: "gunj-log-row" }, slot.time, slot.level, slot.component, slot.text);
		this.#canvas.append(el);
		const made = { ...slot, el, drawn: null };
		this.#slots[i] = made;
		return made;
	}

	#draw(slot: Slot, index: number, style: RowStyle): void {
		const position = this.filter.position(index);
		const line = this.filter.line(index);
		if (!line) return;
		slot.el.style.transform = `translateY(${this.layout.top(index)}px)`;
		slot.el.style.height = `${this.layout.height(index)}px`;
		setAttr(slot.el, "data-position", position);
		setAttr(slot.el, "data-level", line.level);
		setAttr(slot.el, "data-selected", position === style.selected);
		setAttr(slot.el, "data-current", position === style.current);
		setText(slot.time, style.zone === null ? "" : clock(line.tMs, style.zone, true));
		setText(slot.level, line.level || "–");
		setText(slot.component, oneLine(line.component));
		setAttr(slot.component, "data-hue", line.component ? nameIndex(line.component, COMPONENT_COLOURS) : null);
		setAttr(slot.el, "data-context", style.matcher !== null && this.filter.context > 0 && !this.filter.isHit(position));
		const mark = style.marks.get(line.id);
		setAttr(slot.el, "data-mark", mark === undefined ? null : `mark ${clock(mark, style.zone ?? "local")}`);
		this.#fill(slot, line, style.matcher);
	}

	#fill(slot: Slot, line: LogLine, matcher: Matcher | null): void {
		const known = slot.drawn?.line === line ? slot.drawn : null;
		if (known && !matcher && known.ranges.length === 0) return;
		const runs = rowRuns(line);
		const ranges = this.#found.of(line, runs.map((run) => run.text).join(""), matcher);
		if (known?.ranges === ranges) return;
		slot.drawn = { line, ranges };
		fillRuns(slot.text, runs, ranges);
	}
}

/** The index of the time nearest to a moment; -1 where that lies more than the reach before or after all of them. */
export function nearestRow(times: readonly number[], atMs: number, reachMs: number): number {
	if (!(Math.min(...times) - reachMs <= atMs && atMs <= Math.max(...times) + reachMs)) return -1;
	const far = times.map((t) => Math.abs(t - atMs));
	return far.indexOf(Math.min(...far));
}

/** Text in its colours with its matches marked: text nodes, spans and <mark> elements, never markup. */
export function fillRuns(el: HTMLElement, runs: readonly Run[], ranges: readonly Range[]): void {
	if (runs.length === 1 && !runs[0]?.ink && ranges.length === 0) {
		if (el.childElementCount) el.replaceChildren();
		setText(el, runs[0]?.text ?? "");
		return;
	}
	const parts: Node[] = [];
	let start = 0;
	for (const { text, ink } of runs) {
		const end = start + text.length;
		let at = start;
		const add = (to: number, marked: boolean) => {
			if (to <= at) return;
			const piece = text.slice(at - start, to - start);
			const inked = ink ? h("span", { class: ink }, piece) : document.createTextNode(piece);
			parts.push(marked ? h("mark", {}, inked) : inked);
			at = to;
		};
		for (const [from, to] of ranges) {
			if (to <= start || from >= end) continue;
			add(Math.min(from, end), false);
			add(Math.min(to, end), true);
		}
		add(end, false);
		start = end;
	}
	el.replaceChildren(...parts);
}

/** How many columns of text fit into a wrapped row's text column, or 40 where that cannot be told. */
export function textColumns(list: HTMLElement, charPx: number, takenPx: number): number {
	const width = list.clientWidth - takenPx;
	return width > 0 && charPx > 0 ? Math.max(10, Math.floor(width / charPx)) : 40;
}

/** One line as it is copied: the full message, nothing shortened. */
export function plainText(line: LogLine): string {
	const meta = line.metadata ? ` ${JSON.stringify(line.metadata)}` : "";
	return `${new Date(line.tMs).toISOString()} ${(line.level || "-").toUpperCase()} ${line.component} ${line.message}${meta}`;
}
