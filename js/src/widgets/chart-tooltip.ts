/** What the lines say under the cursor. */
import type { Aligned } from "../charts/align";
import type { Mark } from "../charts/overlay";
import type { Line } from "../charts/plot";
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { formatValue } from "../lib/format";
import { oneLine } from "../lib/text";
import type { ViewContext } from "./view";

const MAX_ROWS = 12;
const MAX_MARKS = 4;
const OFFSET_PX = 14;
/** How many rows of the data to look around for a line that has no sample exactly under the cursor. */
const REACH = 50;

interface Reading {
	line: Line;
	value: number;
	/** It is the one that is pointed at. */
	near: boolean;
}

/** How many pixels the pointer is from what a line says at the row. */
export type Far = (line: number, value: number) => number;

export class Tooltip {
	readonly el = h("div", { class: "gunj-tip", role: "status", hidden: true });
	#time = h("div", { class: "gunj-muted" });
	#list = h("ul");
	#more = h("div", { class: "gunj-muted" });
	#marks = h("ul", { class: "gunj-tip-marks" });
	#markRows = new KeyedRows<Mark>(
		this.#marks,
		(m) => `${m.tMs} ${m.words}`,
		() => markRow(this.when),
	);
	#rows = new KeyedRows<Reading>(this.#list, (r) => r.line.label, tipRow);

	constructor(private readonly when: ViewContext["when"]) {
		this.el.append(this.#time, this.#list, this.#more, this.#marks);
	}

	paint(
		data: Aligned,
		row: number | null,
		lines: readonly Line[],
		left: number,
		top: number,
		inset: { left: number; top: number },
		width: number,
		marks: readonly Mark[] = [],
		far?: Far,
	): void {
		const t = row === null ? undefined : data.x[row];
		const readings = row === null ? [] : readAt(data, row, lines, far);
		show(this.el, t !== undefined && readings.length > 0);
		if (t === undefined || readings.length === 0) return;
		setText(this.#time, this.when(t, true));
		const listed = readings.slice(0, MAX_ROWS);
		// The line that is pointed at is never among those left out.
		for (const reading of readings.slice(MAX_ROWS)) if (reading.near) listed[MAX_ROWS - 1] = reading;
		this.#rows.update(listed);
		setText(this.#more, readings.length > MAX_ROWS ? `and ${readings.length - MAX_ROWS} more` : "");
		this.#markRows.update(marks.slice(0, MAX_MARKS));
		const x = inset.left + left;
		const flip = x > width / 2;
		this.el.style.maxWidth = `${Math.min(width * 0.6, (flip ? x : width - x) - 2 * OFFSET_PX)}px`;
		this.el.style.left = flip ? "" : `${x + OFFSET_PX}px`;
		this.el.style.right = flip ? `${width - x + OFFSET_PX}px` : "";
		this.el.style.top = `${Math.max(0, inset.top + Math.min(top, 60) - 10)}px`;
	}
}

/** The visible lines' values at a row, highest first; a line without a sample there lends its nearest. */
function readAt(data: Aligned, row: number, lines: readonly Line[], far?: Far): Reading[] {
	const readings: Reading[] = [];
	let best = Number.POSITIVE_INFINITY;
	let near: Reading | undefined;
	lines.forEach((line, i) => {
		const value = line.show ? nearest(data.columns[i] ?? [], row) : null;
		if (value === null) return;
		const reading = { line, value, near: false };
		readings.push(reading);
		const px = far?.(i, value) ?? best;
		if (px < best) [best, near] = [px, reading];
	});
	if (near) near.near = true;
	return readings.sort((a, b) => b.value - a.value);
}

function nearest(column: readonly (number | null | undefined)[], row: number): number | null {
	for (let d = 0; d <= REACH; d++) {
		for (const at of d === 0 ? [row] : [row - d, row + d]) {
			const value = column[at];
			if (value === null && d === 0) return null;
			if (value !== null && value !== undefined) return value;
		}
	}
	return null;
}

function markRow(when: ViewContext["when"]): Row<Mark> {
	const el = h("li");
	return {
		el,
		update(mark) {
			setAttr(el, "data-tone", mark.tone);
			setText(el, `${mark.shape} ${when(mark.tMs)} ${oneLine(mark.words)}`);
		},
	};
}

function tipRow(): Row<Reading> {
	const swatch = h("i", { class: "gunj-swatch", "aria-hidden": "true" });
	const [name, value] = [h("span", { class: "gunj-legend-name" }), h("strong")];
	const el = h("li", {}, swatch, name, value);
	return {
		el,
		update({ line, value: v, near }) {
			el.className = near ? "gunj-nearest" : "";
			swatch.style.borderTop = `3px ${line.dash.length ? "dashed" : "solid"} ${line.color}`;
			setText(name, oneLine(line.short ?? line.label));
			setAttr(name, "title", oneLine(line.label));
			setText(value, formatValue(v, line.unit));
			setAttr(value, "title", String(v));
		},
	};
}
