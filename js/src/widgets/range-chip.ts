/** What a list shows of the session's time: all of it, or the stretch that somebody chose, with the way out. */
import { setAttr, setText, show } from "../lib/dom";
import { clock, duration, fullTime } from "../lib/format";
import { button } from "./marks";
import type { ViewContext } from "./view";

export interface Stretch {
	fromMs: number;
	toMs: number;
}

/** A stretch that moves with now has no end where that is now: a server's clock may be ahead. */
export interface Shown extends Stretch {
	/** The same as long as the same was chosen. */
	key: string;
	live: boolean;
}

/** A live stretch that ends this near to now ends there. */
const NOW_MS = 1000;
/** The end of another live stretch moves so often. */
const MOVES_MS = 5000;

export class RangeChip {
	readonly el = button("", "", "gunj-range");
	#live = false;

	constructor(private readonly ctx: ViewContext) {
		show(this.el, false);
		ctx.card.tools.prepend(this.el);
		// Unheard (no kernel): the chip stays, and so does the stretch.
		const leave = () => void ctx.act("range", this.#live ? { all: true } : {}).catch(() => undefined);
		ctx.scope.listen(this.el, "click", leave);
	}

	/** Shows the session's stretch and returns it; null = all times. */
	paint(): Shown | null {
		const status = this.ctx.cells.status?.value;
		const { fromMs = null, toMs = null, live = true, version = 0 } = status?.range ?? {};
		show(this.el, fromMs !== null && toMs !== null);
		if (!status || fromMs === null || toMs === null) return null;
		this.#live = live;
		const open = live && toMs > status.kernelMs - NOW_MS;
		const since = live ? this.ctx.now() - status.kernelMs : 0;
		const ago = (t: number) => duration(status.kernelMs - t + 500);
		const last = open ? `last ${ago(fromMs)}` : `${ago(fromMs)} – ${ago(toMs)} ago`;
		setText(this.el, live ? `${last} ✕` : `${clock(fromMs)} – ${clock(toMs)} ✕`);
		const what = live ? `what was in: ${last}` : `what was between ${fullTime(fromMs)} and ${fullTime(toMs)}`;
		const words = `Only ${what}; click to see all times${live ? "" : ", live"}`;
		setAttr(this.el, "title", words);
		setAttr(this.el, "aria-label", words);
		const end = open ? Number.POSITIVE_INFINITY : toMs + since;
		const key = live ? `live ${version} ${Math.floor(end / MOVES_MS)}` : `${fromMs} ${toMs}`;
		return { fromMs: fromMs + since, toMs: end, live, key };
	}
}
