/** A list's end of the linked crosshair: the row under the pointer tells its moment, the rows of the others' moment are marked. */
import { setAttr } from "../lib/dom";
import type { ViewContext } from "./view";

/** A row has its moments in `data-at`, epoch milliseconds, the one it tells first. */
export class PointedRows {
	#atMs: number | null = null;
	#reachMs = 0;
	/** Tells the moment of the row that an element is in. */
	readonly tell: (at: Element | null | undefined) => void;

	constructor(
		{ crosshair, scope }: Pick<ViewContext, "crosshair" | "scope">,
		private readonly list: HTMLElement,
	) {
		const end = crosshair.fork();
		this.tell = (at) => {
			const tMs = Number.parseFloat(at?.closest("[data-at]")?.getAttribute("data-at") ?? "");
			end.point(Number.isNaN(tMs) ? null : tMs);
		};
		const come = ({ target }: Event) => this.tell(target as Element);
		const leave = () => this.tell(null);
		for (const type of ["pointerover", "focusin"]) scope.listen(list, type, come);
		for (const type of ["pointerleave", "focusout"]) scope.listen(list, type, leave);
		const hear = (atMs: number | null, reachMs: number) => {
			this.#atMs = atMs;
			this.#reachMs = reachMs;
			this.paint();
		};
		scope.add(end.listen(hear));
	}

	/** Marks the rows anew, after they changed. */
	paint(): void {
		const at = this.#atMs;
		for (const row of this.list.querySelectorAll("[data-at]")) {
			const times = row.getAttribute("data-at")?.split(" ") ?? [];
			setAttr(row, "data-pointed", at !== null && times.some((t) => Math.abs(Number(t) - at) <= this.#reachMs));
		}
	}
}

/** Puts a row's moments where they are looked for. */
export function setMoments(row: HTMLElement, ...moments: (number | null)[]): void {
	setAttr(row, "data-at", moments.filter((t) => t !== null).join(" ") || null);
}
