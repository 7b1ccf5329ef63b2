/** What can be taken away from a chart, or read: PNG, CSV, Parquet, a table. */
import { h, setAttr, setText } from "../lib/dom";
import { zoneName } from "../lib/format";
import type { Scope } from "../lib/scope";
import { HINT } from "./chart-input";
import { button } from "./marks";

export interface MenuActions {
	png(): void;
	csv(): void;
	/** Asks the kernel, which knows the format; resolves with words where it cannot. */
	parquet(): void;
	table(shown: boolean): void;
	/** Goes on to the next zone. */
	zone(): void;
}

export class ChartMenu {
	readonly el = h("div", { class: "gunj-chart-menu" });
	#zone = button("", "The zone that times are written in; click for the next, in all views");
	#table = button("Table", "The newest samples as a table");
	#said = h("span", { class: "gunj-muted", role: "status" });

	constructor(scope: Scope, actions: MenuActions) {
		const png = button("PNG", "Save the picture with title and legend");
		const csv = button("CSV", "Save the visible samples, one row a time (UTC)");
		const parquet = button("Parquet", "Save the visible samples as the kernel has them, at full resolution");
		this.el.append(
			h("span", { class: "gunj-muted gunj-hint" }, HINT),
			png,
			csv,
			parquet,
			this.#table,
			this.#zone,
			this.#said,
		);
		scope.listen(png, "click", () => actions.png());
		scope.listen(csv, "click", () => actions.csv());
		scope.listen(this.#zone, "click", () => actions.zone());
		scope.listen(parquet, "click", () => actions.parquet());
		scope.listen(this.#table, "click", () => {
			const pressed = this.#table.getAttribute("aria-pressed") !== "true";
			this.table(pressed);
			actions.table(pressed);
		});
	}

	/** Says whether the table is shown. */
	table(shown: boolean): void {
		setAttr(this.#table, "aria-pressed", String(shown));
	}

	zone(zone: string): void {
		setText(this.#zone, zoneName(zone));
	}

	/** Says how an export that takes a while stands. */
	say(words: string): void {
		setText(this.#said, words);
	}
}
