/** The legend: every line with its newest value; a click hides it, alt-click shows it alone. */

import { unitScales } from "../charts/axes";
import type { Line } from "../charts/plot";
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { duration, formatValue } from "../lib/format";
import { oneLine } from "../lib/text";
import type { SeriesRing } from "../store/series";
import { seriesKey } from "./chart-options";

/** How long a series may be silent beside others that go on: as the kernel has it, in store/staleness.py. */
const STALE_AFTER_MS = 300_000;
const MISSED = 3;

interface Entry {
	key: string;
	ring: SeriesRing;
	line: Line;
	/** A third unit has a scale but no axis to read it from. */
	noAxis: boolean;
	/** The newest sample of all series. */
	newest: number;
}

/** The newest of all samples, in ms. */
export function newestOf(rings: readonly SeriesRing[]): number {
	return rings.reduce((newest, ring) => Math.max(newest, ring.lastX ?? 0), 0);
}

/** What a series says now: its newest value, or that it is stale and for how long it has said nothing. */
export function nowOf(ring: SeriesRing, newest: number): string {
	const last = ring.lastX;
	if (last !== null && newest - last > STALE_AFTER_MS) {
		const interval = (last - (ring.x[0] as number)) / Math.max(1, ring.length - 1);
		if (newest - last > MISSED * interval) return `⊘ stale ${duration(newest - last)}`;
	}
	return formatValue(ring.lastY, ring.info.unit);
}

export class Legend {
	readonly el = h("ul", { class: "gunj-legend", "aria-label": "Series" });
	/** What the names have in common, said once. */
	readonly shared = h("div", { class: "gunj-shared gunj-muted", hidden: true });
	#entries: Entry[] = [];
	#rows: KeyedRows<Entry>;

	/** `toggle(key, alone)`: the user clicked a series. */
	constructor(toggle: (key: string, alone: boolean) => void) {
		this.#rows = new KeyedRows<Entry>(
			this.el,
			(entry) => entry.key,
			(entry) => legendRow(entry.key, toggle),
		);
	}

	/** `shared`: what the short names leave out, as far as nothing above says it. */
	series(rings: readonly SeriesRing[], lines: readonly Line[], shared: string): void {
		setText(this.shared, shared && `all: ${oneLine(shared)}`);
		setAttr(this.shared, "title", oneLine(shared) || null);
		const axes = [...unitScales(lines.map((line) => line.unit)).keys()].slice(0, 2);
		const newest = newestOf(rings);
		this.#entries = rings.map((ring, i) => {
			const line = lines[i] as Line;
			return { key: seriesKey(ring.info), ring, line, noAxis: !axes.includes(line.unit), newest };
		});
		this.#rows.update(this.#entries);
	}

	show(visible: boolean): void {
		show(this.el, visible);
		show(this.shared, visible && this.shared.textContent !== "");
	}

	/** The newest values changed. */
	values(): void {
		const newest = newestOf(this.#entries.map(({ ring }) => ring));
		for (const entry of this.#entries) entry.newest = newest;
		this.#rows.update(this.#entries);
	}
}

function legendRow(key: string, toggle: (key: string, alone: boolean) => void): Row<Entry> {
	const swatch = h("i", { class: "gunj-swatch", "aria-hidden": "true" });
	const [name, value] = [h("span", { class: "gunj-legend-name" }), h("span", { class: "gunj-legend-value" })];
	const press = h("button", { type: "button", class: "gunj-legend-item" }, swatch, name, value);
	press.onclick = (event) => toggle(key, event.altKey);
	return {
		el: h("li", {}, press),
		update({ ring, line, noAxis, newest }) {
			swatch.style.borderTop = `3px ${line.dash.length ? "dashed" : "solid"} ${line.color}`;
			setText(name, oneLine(line.short ?? line.label));
			const now = nowOf(ring, newest);
			setText(value, now);
			const was = now.startsWith("⊘") ? [`last: ${formatValue(ring.lastY, ring.info.unit)}`] : [];
			setAttr(press, "aria-pressed", line.show ? "true" : "false");
			const axis = noAxis ? ["no axis for this unit: its line shows the shape only"] : [];
			const help = [oneLine(line.label), ...was, ...axis, "click: hide or show · alt-click: show alone"];
			setAttr(press, "title", help.join("\n"));
		},
	};
}
