/** Keys that are pressed in a widget. */
import type { Scope } from "./scope";

/**
 * Keeps what is typed in a widget from the notebook around it, whose commands of one letter mean the cell: while a button of
 * the widget has the focus, x would cut it, m make text of it, and Enter write in it. Keys with ctrl, alt or meta go on.
 */
export function keepKeys(scope: Scope, root: HTMLElement): void {
	scope.listen<KeyboardEvent>(root, "keydown", (event) => {
		const plain = !(event.ctrlKey || event.metaKey || event.altKey);
		if (plain && (event.key.length === 1 || (event.key === "Enter" && !event.shiftKey))) event.stopPropagation();
	});
}

/** Whether a key is meant for what has the focus: something to write in, or a button that it presses. */
export function isMeantFor(target: EventTarget | null, key: string): boolean {
	if (!(target instanceof Element)) return false;
	const tag = target.tagName;
	return ["INPUT", "SELECT", "TEXTAREA"].includes(tag) || (tag === "BUTTON" && (key === "Enter" || key === " "));
}
