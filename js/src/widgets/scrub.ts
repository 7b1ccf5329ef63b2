/** Where a recording stands and the way about in it: play, a lane to drag along, the time. Under every view of a recording, and in its bar. */
import { h, setAttr, setText } from "../lib/dom";
import { clock, duration, fullTime } from "../lib/format";
import type { Scope } from "../lib/scope";
import type { ReplayInfo } from "../wire/types";
import { button } from "./marks";

const STEPS = 1000;

export type Act = (args: Record<string, unknown>) => void;

export class Scrub {
	readonly play = button("▷ Play", "Play on, or pause (space)", "gunj-play");
	readonly place = h("strong", { class: "gunj-place" });
	readonly lane: HTMLElement;
	#range = h("input", { type: "range", class: "gunj-scrub", min: 0, max: STEPS, step: 1, "aria-label": "Place" });
	#shown: ReplayInfo | null = null;
	/** While the user drags, the place is theirs; and until the kernel has gone there. */
	#dragged: number | null = null;

	constructor(scope: Scope, act: Act, invalidate: () => void) {
		this.lane = h("div", { class: "gunj-scrub-lane" }, this.#range);
		const toggle = () => act({ play: !this.#shown?.playing });
		scope.listen(this.play, "click", toggle);
		scope.listen(this.#range, "input", () => {
			this.#dragged = Number(this.#range.value);
			invalidate();
		});
		scope.listen(this.#range, "change", () => {
			if (this.#shown) act({ seekMs: this.#at(this.#shown, Number(this.#range.value)) });
			this.#dragged = null;
		});
		scope.listen<KeyboardEvent>(this.#range, "keydown", (event) => {
			if (event.key !== " ") return;
			event.preventDefault();
			toggle();
		});
	}

	/** Shows the place, `nowMs` of the recording unless somebody drags; returns how far into it that is, in words. */
	paint(info: ReplayInfo, nowMs: number, zone: string): string {
		this.#shown = info;
		const span = Math.max(1, info.toMs - info.fromMs);
		const now = this.#dragged === null ? nowMs : this.#at(info, this.#dragged);
		const far = `${duration(now - info.fromMs)} of ${duration(span)}`;
		setText(this.play, info.playing ? "‖ Pause" : "▷ Play");
		if (this.#dragged === null) this.#range.value = String(Math.round(((now - info.fromMs) / span) * STEPS));
		setAttr(this.#range, "aria-valuetext", `${fullTime(now, zone)}, ${far}`);
		setText(this.place, clock(now, zone));
		setAttr(this.place, "title", `${fullTime(now, zone)}, ${far}`);
		return far;
	}

	#at(info: ReplayInfo, step: number): number {
		return info.fromMs + (Math.max(1, info.toMs - info.fromMs) * step) / STEPS;
	}
}
