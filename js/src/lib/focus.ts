/** Who has the focus, and what gets it back. */

/** Whether it is on this element, also within a shadow root. */
export function hasFocus(el: Element): boolean {
	return (el.getRootNode() as Document | ShadowRoot).activeElement === el;
}

/** Gives an element the focus, where it was lost with what had it: a button that was disabled, or has gone. */
export function refocus(el: HTMLElement): void {
	if (document.activeElement === document.body) el.focus();
}
