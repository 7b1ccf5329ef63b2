/** The timeline's end of the linked crosshair: a line over its lanes. */
import { h, show } from "../lib/dom";
import type { Stretch } from "./range-chip";
import type { ViewContext } from "./view";

/** A place on the axis means what is this near to it. */
const REACH_PX = 6;

export class TimelinePoint {
	/** As wide as the lanes, so that a share of them is a share of itself. */
	#line = h("i", { hidden: true });
	readonly el = h("div", { class: "gunj-tl-point" }, this.#line);
	#span: Stretch = { fromMs: 0, toMs: 1 };
	#atMs: number | null = null;

	constructor({ crosshair, scope }: Pick<ViewContext, "crosshair" | "scope">, lanes: HTMLElement) {
		const end = crosshair.fork();
		let box = { left: 0, width: 0 };
		const point = (atMs: number | null, reachMs?: number) => {
			this.#show(atMs);
			end.point(atMs, reachMs);
		};
		// Measured once for all moves: asking makes the browser lay out the page.
		scope.listen(lanes, "pointerenter", () => {
			box = this.el.getBoundingClientRect();
		});
		scope.listen<PointerEvent>(lanes, "pointermove", ({ clientX }) => {
			const { fromMs, toMs } = this.#span;
			const pixelMs = (toMs - fromMs) / box.width;
			const atMs = fromMs + (clientX - box.left) * pixelMs;
			point(atMs >= fromMs && atMs <= toMs ? atMs : null, REACH_PX * pixelMs);
		});
		scope.listen(lanes, "pointerleave", () => point(null));
		scope.add(end.listen((atMs) => this.#show(atMs)));
	}

	/** Puts the line where its moment is on this axis. */
	paint(span: Stretch): void {
		this.#span = span;
		this.#show(this.#atMs);
	}

	#show(atMs: number | null): void {
		this.#atMs = atMs;
		const { fromMs, toMs } = this.#span;
		const share = atMs === null ? -1 : (atMs - fromMs) / (toMs - fromMs);
		show(this.#line, share >= 0 && share <= 1);
		this.#line.style.transform = `translateX(${(share * 100).toFixed(2)}%)`;
	}
}
