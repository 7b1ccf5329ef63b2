/** The stretch of a chart that is selected: what it is, and what can be done with it. */
import type { Band } from "../charts/overlay";
import { copyText } from "../lib/clipboard";
import { h, setText, show } from "../lib/dom";
import { clock, duration } from "../lib/format";
import { isBag, numOrNull } from "../wire/read";
import { button } from "./marks";
import type { ViewContext } from "./view";

export interface SelectionActions {
	/** The stretch changed, by whatever way. */
	changed(): void;
	zoom(band: Band): void;
}

function bandOf(kept: unknown): Band | null {
	if (!isBag(kept)) return null;
	const [fromMs, toMs] = [numOrNull(kept.fromMs), numOrNull(kept.toMs)];
	return fromMs !== null && toMs !== null && fromMs < toMs ? { fromMs, toMs } : null;
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
		this.#show(bandOf(ctx.options.selection));
	}

	/** Selects a stretch, or nothing, and tells the kernel: there it is `chart.selection`. */
	set(band: Band | null): void {
		this.#show(band);
		this.ctx.keep({ selection: band });
		this.actions.changed();
	}

	#show(band: Band | null): void {
		this.band = band;
		show(this.el, band !== null);
		if (band)
			setText(
				this.#words,
				`selected ${clock(band.fromMs)} – ${clock(band.toMs)} (${duration(band.toMs - band.fromMs)})`,
			);
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
