/** The virtual list of log rows: only what is in sight exists. */
import { nameIndex } from "../charts/palette";
import { h, setAttr, setText } from "../lib/dom";
import { clock } from "../lib/format";
import { oneLine } from "../lib/text";
import type { LogLine } from "../wire/types";
import type { LogFilter } from "./log-filter";
import { type LogLayout, rowText } from "./log-layout";

/** Rows drawn beyond each edge, so that a small scroll shows no blank. */
const OVERSCAN = 8;
const MAX_MARKS = 50;
/** Hues of component names in the style sheet. */
const COMPONENT_COLOURS = 8;

export type TimeStyle = "local" | "utc" | "off";

export interface RowStyle {
	time: TimeStyle;
	expression: RegExp | null;
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
		const from = Math.max(0, this.layout.at(top) - OVERSCAN);
		const to = Math.min(this.filter.length, this.layout.at(top + this.el.clientHeight) + OVERSCAN + 1);
		const shown = this.filter.length === 0 ? 0 : to - from;
		for (let i = 0; i < shown; i++) this.#draw(this.#slot(i), from + i, style);
		while (this.#slots.length > shown) this.#slots.pop()?.el.remove();
	}

	#slot(i: number): Slot {
		const ready = this.#slots[i];
		if (ready) return ready;
		const span = (name: string) => h("span", { class: `gunj-log-${name}` });
		const slot = { time: span("time"), level: span("level"), component: span("component"), text: span("text") };
		const el = h("div", { class: "gunj-log-row" }, slot.time, slot.level, slot.component, slot.text);
		this.#canvas.append(el);
		this.#slots[i] = { ...slot, el };
		return this.#slots[i];
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
		setText(slot.time, style.time === "off" ? "" : clock(line.tMs, { utc: style.time === "utc", millis: true }));
		setText(slot.level, line.level || "–");
		setText(slot.component, oneLine(line.component));
		setAttr(slot.component, "data-hue", line.component ? nameIndex(line.component, COMPONENT_COLOURS) : null);
		fillText(slot.text, rowText(line), style.expression);
	}
}

/** Text with its matches marked, as text nodes and <mark> elements. */
export function fillText(el: HTMLElement, text: string, expression: RegExp | null): void {
	if (!expression) {
		setText(el, text);
		if (el.childElementCount) el.replaceChildren(text);
		return;
	}
	const parts: (Node | string)[] = [];
	let at = 0;
	for (const match of text.matchAll(expression)) {
		if (!match[0] || parts.length > MAX_MARKS * 2) break;
		parts.push(text.slice(at, match.index), h("mark", {}, match[0]));
		at = match.index + match[0].length;
	}
	parts.push(text.slice(at));
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
