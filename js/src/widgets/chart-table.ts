/** The chart's newest samples as a table: for screen readers, and for who wants the number. */
import type { Aligned } from "../charts/align";
import type { Line } from "../charts/plot";
import { h, setAttr, setText } from "../lib/dom";
import { formatValue } from "../lib/format";
import { oneLine } from "../lib/text";
import type { ViewContext } from "./view";

const MAX_ROWS = 50;
const MAX_COLUMNS = 12;

export class ChartTable {
	readonly el = h("div", { class: "gunj-samples", hidden: true, tabindex: 0, role: "region" });
	#caption = h("caption");
	#head = h("tr");
	#body = h("tbody");
	#drawn = "";

	constructor() {
		const table = h("table", {}, this.#caption, h("thead", {}, this.#head), this.#body);
		this.el.append(table);
		setAttr(this.el, "aria-label", "Samples as a table");
	}

	paint(data: Aligned, lines: readonly Line[], fromMs: number, toMs: number, when: ViewContext["when"]): void {
		if (this.el.hidden) return;
		const shown = lines.map((line, i) => ({ line, i })).filter(({ line }) => line.show);
		const columns = shown.slice(0, MAX_COLUMNS);
		const rows: number[] = [];
		for (let row = data.x.length - 1; row >= 0 && rows.length < MAX_ROWS; row--) {
			const t = data.x[row] as number;
			if (t >= fromMs && t <= toMs && columns.some(({ i }) => data.columns[i]?.[row] !== undefined)) rows.push(row);
		}
		const told = rows.map((row) => [
			when(data.x[row] as number, true),
			...columns.map(({ line, i }) => words(data.columns[i]?.[row], line.unit)),
		]);
		const key = JSON.stringify([columns.map(({ line }) => line.label), told]);
		if (key === this.#drawn) return;
		this.#drawn = key;
		const more = shown.length > columns.length ? `, ${shown.length - columns.length} more series not shown` : "";
		setText(this.#caption, `The newest ${rows.length} moments, newest first${more}`);
		this.#head.replaceChildren(
			h("th", { scope: "col" }, "time"),
			...columns.map(({ line }) =>
				h("th", { scope: "col", title: oneLine(line.label) }, oneLine(line.short ?? line.label)),
			),
		);
		this.#body.replaceChildren(
			...told.map(([time, ...values]) =>
				h("tr", {}, h("th", { scope: "row" }, time), ...values.map((value) => h("td", {}, value))),
			),
		);
	}
}

function words(value: number | null | undefined, unit: string): string {
	return value === undefined ? "" : value === null ? "gap" : formatValue(value, unit);
}
