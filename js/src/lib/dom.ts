/** Small DOM helpers. Data only ever becomes text nodes and attribute values: nothing here parses HTML. */

export type Child = Node | string | null | undefined | false;
export type Attrs = Record<string, string | number | boolean | null | undefined>;

/** Makes an element. `true` is an empty attribute; `false`, null and undefined leave it out. */
export function h<K extends keyof HTMLElementTagNameMap>(
	tag: K,
	attrs: Attrs = {},
	...children: Child[]
): HTMLElementTagNameMap[K] {
	const el = document.createElement(tag);
	for (const name of Object.keys(attrs)) setAttr(el, name, attrs[name]);
	for (const child of children) {
		if (child !== null && child !== undefined && child !== false) el.append(child);
	}
	return el;
}

/** Sets or removes an attribute, touching the DOM only on change. */
export function setAttr(el: Element, name: string, value: string | number | boolean | null | undefined): void {
	if (value === null || value === undefined || value === false) {
		if (el.hasAttribute(name)) el.removeAttribute(name);
		return;
	}
	const text = value === true ? "" : String(value);
	if (el.getAttribute(name) !== text) el.setAttribute(name, text);
}

/** Sets text, touching the DOM only on change. */
export function setText(el: Element, text: string): void {
	if (el.textContent !== text) el.textContent = text;
}

export function show(el: HTMLElement, visible: boolean): void {
	if (el.hidden === visible) el.hidden = !visible;
}

/** One row of a keyed list. */
export interface Row<T> {
	el: HTMLElement;
	update(item: T): void;
}

/** Keeps a parent's children in step with a list, reusing rows by key, in the list's order. */
export class KeyedRows<T> {
	#rows = new Map<string, Row<T>>();

	constructor(
		private readonly parent: HTMLElement,
		private readonly key: (item: T) => string,
		private readonly create: (item: T) => Row<T>,
	) {}

	update(items: readonly T[]): void {
		const kept = new Map<string, Row<T>>();
		for (const item of items) {
			const key = uniqueKey(this.key(item), kept);
			const row = this.#rows.get(key) ?? this.create(item);
			row.update(item);
			kept.set(key, row);
		}
		// What is gone goes first: a row that is moved loses focus and selection, and none has to be for that.
		for (const [key, row] of this.#rows) if (!kept.has(key)) row.el.remove();
		this.#rows = kept;
		let next: ChildNode | null = this.parent.firstChild;
		for (const { el } of kept.values()) {
			if (el === next) next = next.nextSibling;
			else this.parent.insertBefore(el, next);
		}
	}
}

function uniqueKey(key: string, taken: Map<string, unknown>): string {
	let unique = key;
	for (let i = 2; taken.has(unique); i++) unique = `${key}#${i}`;
	return unique;
}
