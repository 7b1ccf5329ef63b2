/** Wheel and keyboard on a chart. */
import { hasFocus } from "../lib/focus";
import type { Scope } from "../lib/scope";

const WHEEL_FACTOR = 1.25;

/** Of a wheel that turns by lines. */
const LINE_PX = 40;

/** What a user reads about it. */
export const HINT =
	"ctrl+wheel or + − zoom · shift+wheel or [ ] pan · Alt+← Alt+→ earlier and later ranges · ← → Home End samples · s select · space pause · Esc live";

/**
 * Ctrl with the wheel zooms and shift pans at once; the plain wheel only once the chart has the focus, so that notebooks
 * still scroll. `pan` is told a share of the width.
 */
export function bindWheel(
	scope: Scope,
	el: HTMLElement,
	zoom: (left: number, factor: number) => void,
	pan: (share: number) => void,
): void {
	scope.listen<WheelEvent>(
		el,
		"wheel",
		(event) => {
			const { deltaX, deltaY } = event;
			const delta = deltaY || deltaX;
			const zooming = event.ctrlKey || event.metaKey;
			if (!delta || !(zooming || event.shiftKey || hasFocus(el))) return;
			event.preventDefault();
			const { left, width } = (el.querySelector(".u-over") ?? el).getBoundingClientRect();
			const sideways = Math.abs(deltaX) > Math.abs(deltaY);
			if (zooming || !(event.shiftKey || sideways)) {
				zoom(event.clientX - left, delta > 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR);
			} else pan(((sideways ? deltaX : deltaY) * (event.deltaMode ? LINE_PX : 1)) / (width || 1));
		},
		{ passive: false },
	);
}

export interface ChartKeys {
	move(by: number | "first" | "last"): void;
	zoom(factor: number): void;
	/** By a share of the width. */
	pan(share: number): void;
	/** Through the ranges that were shown. */
	step(to: "back" | "forward"): void;
	toggle(): void;
	live(): void;
	/** Puts an end of the selection where the cursor is. */
	select(): void;
}

export function bindKeys(scope: Scope, el: HTMLElement, keys: ChartKeys): void {
	const actions: Record<string, (event: KeyboardEvent) => void> = {
		ArrowLeft: (event) => keys.move(event.shiftKey ? -10 : -1),
		ArrowRight: (event) => keys.move(event.shiftKey ? 10 : 1),
		Home: () => keys.move("first"),
		End: () => keys.move("last"),
		"+": () => keys.zoom(1 / WHEEL_FACTOR),
		"-": () => keys.zoom(WHEEL_FACTOR),
		"[": () => keys.pan(-0.25),
		"]": () => keys.pan(0.25),
		"Alt+ArrowLeft": () => keys.step("back"),
		"Alt+ArrowRight": () => keys.step("forward"),
		" ": () => keys.toggle(),
		Escape: () => keys.live(),
		s: () => keys.select(),
	};
	scope.listen<KeyboardEvent>(el, "keydown", (event) => {
		const action = actions[(event.altKey ? "Alt+" : "") + event.key];
		if (!action || event.ctrlKey || event.metaKey) return;
		event.preventDefault();
		event.stopPropagation();
		action(event);
	});
}
