/** What a list shows of the session's time: all of it, or the stretch that somebody chose, with the way out. */
import { setAttr, setText, show } from "../lib/dom";
import { duration, fullTime, zoneName } from "../lib/format";
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
	#zone = button("", "The zone that times are written in; click for the next, in all views", "gunj-zone");
	#live = false;

	/** `zoned`: with the zone beside it, and the way to the next one. */
	constructor(
		private readonly ctx: ViewContext,
		private readonly zoned = true,
	) {
		show(this.el, false);
		ctx.card.tools.prepend(this.#zone, this.el);
		ctx.scope.listen(this.#zone, "click", () => nextZone(ctx));
		// Unheard (no kernel): the chip stays, and so does the stretch.
		const leave = () => void ctx.act("range", this.#live ? { all: true } : {}).catch(() => undefined);
		ctx.scope.listen(this.el, "click", leave);
	}

	/** Shows the session's stretch and returns it; null = all times. */
	paint(): Shown | null {
		const status = this.ctx.cells.status?.value;
		const { fromMs = null, toMs = null, live = true, version = 0 } = status?.range ?? {};
		const zone = this.ctx.zone();
		show(this.el, fromMs !== null && toMs !== null);
		// Beside the stretch; without one only where it is not what everybody takes for granted.
		show(this.#zone, this.zoned && (!this.el.hidden || zone !== "local"));
		setText(this.#zone, zoneName(zone));
		if (!status || fromMs === null || toMs === null) return null;
		this.#live = live;
		const open = live && toMs > status.kernelMs - NOW_MS;
		const since = live ? this.ctx.now() - status.kernelMs : 0;
		const ago = (t: number) => duration(status.kernelMs - t + 500);
		const last = open ? `last ${ago(fromMs)}` : `${ago(fromMs)} – ${ago(toMs)} ago`;
		setText(this.el, live ? `${last} ✕` : `${this.ctx.when(fromMs)} – ${this.ctx.when(toMs)} ✕`);
		const what = live
			? `what was in: ${last}`
			: `what was between ${fullTime(fromMs, zone)} and ${fullTime(toMs, zone)}`;
		const words = `Only ${what}; click to see all times${live ? "" : ", live"}`;
		setAttr(this.el, "title", words);
		setAttr(this.el, "aria-label", words);
		const end = open ? Number.POSITIVE_INFINITY : toMs + since;
		const key = live ? `live ${version} ${Math.floor(end / MOVES_MS)}` : `${fromMs} ${toMs}`;
		return { fromMs: fromMs + since, toMs: end, live, key };
	}
}

/** Goes on to the next zone, in all views of the session. */
export function nextZone(ctx: ViewContext): void {
	// Unheard (no kernel): all stays as it is.
	ctx.act("range", { zone: true }).catch(() => undefined);
}
