/** What can be taken away from a chart, or read: PNG, CSV, Parquet, a table. */
import { h, setAttr, setText, show } from "../lib/dom";
import { HINT } from "./chart-input";
import { button } from "./marks";
import type { ViewContext } from "./view";

export interface MenuActions {
	png(): void;
	csv(): void;
	/** Asks the kernel, which knows the format; resolves with words where it cannot. */
	parquet(): void;
	table(shown: boolean): void;
}

export class ChartMenu {
	readonly button = button("⋯", "Keys, and what can be taken away: PNG, CSV, Parquet, table");
	readonly el = h("div", { class: "gunj-chart-menu", hidden: true });
	#said = h("span", { class: "gunj-muted", role: "status" });

	constructor({ scope, options }: ViewContext, actions: MenuActions) {
		const png = button("PNG", "Save the picture with title and legend");
		const csv = button("CSV", "Save the visible samples, one row a time (UTC)");
		const parquet = button("Parquet", "Save the visible samples as the kernel has them, at full resolution");
		const table = button("Table", "The newest samples as a table");
		this.el.append(h("span", { class: "gunj-muted gunj-hint" }, HINT), png, csv, parquet, table, this.#said);
		setAttr(this.button, "aria-expanded", "false");
		setAttr(table, "aria-pressed", String(options.table === true));
		scope.listen(this.button, "click", () => {
			show(this.el, Boolean(this.el.hidden));
			setAttr(this.button, "aria-expanded", String(!this.el.hidden));
		});
		scope.listen(png, "click", () => actions.png());
		scope.listen(csv, "click", () => actions.csv());
		scope.listen(parquet, "click", () => actions.parquet());
		scope.listen(table, "click", () => {
			const pressed = table.getAttribute("aria-pressed") !== "true";
			setAttr(table, "aria-pressed", String(pressed));
			actions.table(pressed);
		});
	}

	/** Says how an export that takes a while stands. */
	say(words: string): void {
		setText(this.#said, words);
	}
}
