/** Wheel and keyboard on a chart. */
import type { Scope } from "../lib/scope";

const WHEEL_FACTOR = 1.25;

/** Ctrl or shift with the wheel zooms at once; the plain wheel only once the chart has the focus, so that notebooks still scroll. */
export function bindWheel(scope: Scope, el: HTMLElement, zoom: (left: number, factor: number) => void): void {
	scope.listen<WheelEvent>(
		el,
		"wheel",
		(event) => {
			const delta = event.deltaY || event.deltaX;
			const meant = event.ctrlKey || event.shiftKey || event.metaKey || hasFocus(el);
			if (!delta || !meant) return;
			event.preventDefault();
			const over = el.querySelector(".u-over");
			const left = event.clientX - (over ?? el).getBoundingClientRect().left;
			zoom(left, delta > 0 ? WHEEL_FACTOR : 1 / WHEEL_FACTOR);
		},
		{ passive: false },
	);
}

function hasFocus(el: HTMLElement): boolean {
	const root = el.getRootNode();
	return (root instanceof Document || root instanceof ShadowRoot) && root.activeElement === el;
}

export interface ChartKeys {
	move(by: number | "first" | "last"): void;
	zoom(factor: number): void;
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
		" ": () => keys.toggle(),
		Escape: () => keys.live(),
		s: () => keys.select(),
	};
	scope.listen<KeyboardEvent>(el, "keydown", (event) => {
		const action = actions[event.key];
		if (!action || event.ctrlKey || event.metaKey || event.altKey) return;
		event.preventDefault();
		event.stopPropagation();
		action(event);
	});
}
