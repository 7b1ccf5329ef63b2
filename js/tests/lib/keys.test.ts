import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isMeantFor, keepKeys } from "../../src/lib/keys";
import { Scope } from "../../src/lib/scope";

let heard: string[];
const notebook = (event: KeyboardEvent) => void heard.push(event.key);
beforeEach(() => {
	heard = [];
	document.addEventListener("keydown", notebook);
});
afterEach(() => {
	document.removeEventListener("keydown", notebook);
	document.body.replaceChildren();
});

describe("keepKeys", () => {
	it("keeps what a notebook would take for its own, and lets go what is said with ctrl, alt or meta, and what moves", () => {
		const root = document.body.appendChild(document.createElement("section"));
		const button = root.appendChild(document.createElement("button"));
		const scope = new Scope();
		keepKeys(scope, root);
		const press = (key: string, init: KeyboardEventInit = {}) =>
			button.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, ...init }));
		for (const key of ["x", "d", "M", "0", " ", "Enter"]) press(key);
		expect(heard).toEqual([]);
		press("s", { ctrlKey: true });
		press("k", { metaKey: true });
		press("e", { altKey: true });
		press("Enter", { shiftKey: true });
		for (const key of ["Escape", "ArrowDown", "Tab"]) press(key);
		expect(heard).toEqual(["s", "k", "e", "Enter", "Escape", "ArrowDown", "Tab"]);
		scope.close();
		press("x");
		expect(heard.at(-1)).toBe("x");
	});
});

describe("isMeantFor", () => {
	it("tells what is written, and what presses a button", () => {
		const of = (tag: string, key: string) => isMeantFor(document.createElement(tag), key);
		expect(["input", "select", "textarea"].map((tag) => of(tag, "x"))).toEqual([true, true, true]);
		expect(["Enter", " ", "x"].map((key) => of("button", key))).toEqual([true, true, false]);
		expect([of("div", "x"), isMeantFor(null, "x")]).toEqual([false, false]);
	});
});
