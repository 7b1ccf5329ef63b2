/** What can be taken away from a chart, behind its ⋯: a picture, its samples as CSV, Parquet or a table. */
import type { Aligned } from "../charts/align";
import type { Line } from "../charts/plot";
import { show } from "../lib/dom";
import { fileName, saveBlob } from "../lib/save";
import { bytes, type RawBuffer, str } from "../wire/read";
import { resolveColor } from "./chart-colors";
import { csvOf, type PanelPicture, pictureOf } from "./chart-export";
import { ChartMenu } from "./chart-menu";
import type { Stretch } from "./chart-range";
import { ChartTable } from "./chart-table";
import { nextZone } from "./range-chip";
import type { ViewContext } from "./view";

/** What it asks of the chart. */
export interface Takeable {
	readonly title: string;
	/** What the panels are in. */
	readonly grid: HTMLElement;
	/** All samples on one x. */
	rows(): Aligned;
	lines(): readonly Line[];
	at(): Stretch;
	/** null where nothing is drawn. */
	panels(): readonly PanelPicture[] | null;
}

export class ChartTakeaway {
	readonly table = new ChartTable();
	#menu: ChartMenu;
	/** A Parquet file was asked for. */
	#awaited = false;

	constructor(
		private readonly ctx: ViewContext,
		private readonly chart: Takeable,
	) {
		this.#menu = new ChartMenu(ctx.scope, {
			png: () => this.picture()?.toBlob((blob) => blob && this.#save(blob, "png"), "image/png"),
			csv: () => this.#csv(),
			parquet: () => this.#parquet(),
			zone: () => nextZone(ctx),
			table: (shown) => {
				ctx.keep({ table: shown });
				show(this.table.el, shown);
				this.paint();
			},
		});
		this.#menu.table(ctx.options.table === true);
		show(this.table.el, ctx.options.table === true);
	}

	get menu(): HTMLElement {
		return this.#menu.el;
	}

	paint(): void {
		this.#menu.zone(this.ctx.zone());
		if (this.table.el.hidden) return;
		const { from, to } = this.chart.at();
		this.table.paint(this.chart.rows(), this.chart.lines(), from, to, this.ctx.when);
	}

	/** Takes a Parquet file, or why there is none. */
	take(error: unknown, buffers: readonly RawBuffer[]): void {
		// What another view of this widget asked for comes here too.
		if (!this.#awaited) return;
		this.#awaited = false;
		const file = bytes(buffers[0]);
		this.#menu.say(file ? "" : str(error) || "no samples there");
		if (file) this.#save(new Blob([file], { type: "application/vnd.apache.parquet" }), "parquet");
	}

	picture(): HTMLCanvasElement | null {
		const { grid } = this.chart;
		const panels = this.chart.panels();
		if (!panels) return null;
		const { from: fromMs, to: toMs } = this.chart.at();
		const text = resolveColor(grid, "--gunj-fg");
		const background = resolveColor(grid, "--gunj-bg");
		const title = this.ctx.card.root.getAttribute("aria-label") ?? "chart";
		const size = { width: grid.clientWidth, height: grid.clientHeight };
		const times = { fromMs, toMs, zone: this.ctx.zone() };
		const font = "12px sans-serif";
		return pictureOf({ title, panels, ...size, lines: this.chart.lines(), ...times, text, background, font });
	}

	#csv(): void {
		const { from, to } = this.chart.at();
		const text = csvOf(this.chart.rows(), this.chart.lines(), from, to);
		this.#save(new Blob([text], { type: "text/csv;charset=utf-8" }), "csv");
	}

	#parquet(): void {
		const { from: fromMs, to: toMs } = this.chart.at();
		this.#awaited = this.ctx.tell({ op: "tell", parquet: { fromMs, toMs } });
		this.#menu.say(this.#awaited ? "asking the kernel …" : "the kernel cannot be reached: re-run the cell");
	}

	#save(blob: Blob, ending: string): void {
		saveBlob(blob, fileName(this.chart.title, "chart", ending, this.ctx.now()), this.ctx.card.root);
	}
}
