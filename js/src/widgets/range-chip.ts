/** What a list shows of the session's time: all of it, or the stretch that somebody zoomed to, with the way out. */
import { setAttr, setText, show } from "../lib/dom";
import { clock, fullTime } from "../lib/format";
import { button } from "./marks";
import type { ViewContext } from "./view";

export interface Stretch {
	fromMs: number;
	toMs: number;
}

export class RangeChip {
	readonly el = button("", "", "gunj-range");

	constructor(private readonly ctx: ViewContext) {
		show(this.el, false);
		ctx.card.tools.prepend(this.el);
		// Unheard (no kernel): the chip stays, and so does the stretch.
		ctx.scope.listen(this.el, "click", () => void ctx.act("range", {}).catch(() => undefined));
	}

	/** Shows the session's stretch and returns it; null = all times. */
	paint(): Stretch | null {
		const range = this.ctx.cells.status?.value?.range;
		const fixed = range && !range.live && range.fromMs !== null && range.toMs !== null;
		show(this.el, Boolean(fixed));
		if (!fixed) return null;
		const { fromMs, toMs } = range as Stretch;
		setText(this.el, `${clock(fromMs)} – ${clock(toMs)} ✕`);
		const words = `Only what was between ${fullTime(fromMs)} and ${fullTime(toMs)}; click to see all times, live`;
		setAttr(this.el, "title", words);
		setAttr(this.el, "aria-label", words);
		return { fromMs, toMs };
	}
}
