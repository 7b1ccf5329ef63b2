/** The stretch of a chart that is selected: what it is, and what can be done with it. */
import type { Band } from "../charts/overlay";
import { copyText } from "../lib/clipboard";
import { h, setText, show } from "../lib/dom";
import { duration } from "../lib/format";
import { bag, num } from "../wire/read";
import { button } from "./marks";
import type { ViewContext } from "./view";

export interface SelectionActions {
	/** The stretch changed, by whatever way. */
	changed(): void;
	zoom(band: Band): void;
}

export class ChartSelection {
	readonly el = h("div", { class: "gunj-selection", hidden: true, role: "group", "aria-label": "Selection" });
	band: Band | null = null;
	#words = h("span", { role: "status" });
	#from: number | null = null;

	constructor(
		private readonly ctx: ViewContext,
		private readonly code: string,
		private readonly actions: SelectionActions,
	) {
		const copy = button("Copy as code", "Copy a line of Python that gives these samples as a DataFrame");
		const zoom = button("Zoom", "Show this stretch in all charts of the session");
		const clear = button("✕", "Select nothing");
		this.el.append(this.#words, copy, zoom, clear);
		ctx.scope.listen(copy, "click", () => void this.#copy(copy));
		ctx.scope.listen(zoom, "click", () => {
			const band = this.band;
			this.set(null);
			if (band) actions.zoom(band);
		});
		ctx.scope.listen(clear, "click", () => this.set(null));
		const { fromMs, toMs } = bag(ctx.options.selected);
		if (num(toMs) > num(fromMs)) this.#show({ fromMs: num(fromMs), toMs: num(toMs) });
	}

	/** Selects a stretch, or nothing: in the kernel it is `chart.selection`. */
	set(band: Band | null): void {
		this.ctx.keep({ selected: band });
		this.#show(band);
		this.actions.changed();
	}

	#show(band: Band | null): void {
		this.band = band;
		show(this.el, band !== null);
		this.paint();
	}

	/** Says which stretch it is, in the zone that times are written in now. */
	paint(): void {
		if (!this.band) return;
		const { fromMs, toMs } = this.band;
		const { when } = this.ctx;
		setText(this.#words, `selected ${when(fromMs)} – ${when(toMs)} (${duration(toMs - fromMs)})`);
	}

	/** Puts one end where the cursor is, as the keyboard does: the second press selects. */
	mark(tMs: number): void {
		if (this.#from === null || this.#from === tMs) this.#from = tMs;
		else {
			this.set({ fromMs: Math.min(this.#from, tMs), toMs: Math.max(this.#from, tMs) });
			this.#from = null;
		}
	}

	/** A cell's line for the stretch. */
	get python(): string {
		if (!this.band) return "";
		const [from, to] = [this.band.fromMs, this.band.toMs].map((t) => new Date(t).toISOString().replace("Z", "+00:00"));
		return `${this.code || "m"}.df.loc["${from}":"${to}"]`;
	}

	async #copy(button: HTMLButtonElement): Promise<void> {
		const done = await copyText(this.python, this.el);
		setText(button, done ? "Copied ✓" : "Could not copy");
		setTimeout(() => setText(button, "Copy as code"), 2000);
	}
}
