import { afterEach, describe, expect, it } from "vitest";
import { hasFocus, refocus } from "../../src/lib/focus";

const button = (parent: ParentNode = document.body) => {
	const el = document.createElement("button");
	parent.append(el);
	return el;
};

afterEach(() => document.body.replaceChildren());

describe("focus", () => {
	it("is found in the page and within a shadow root, and nowhere else", () => {
		const host = document.createElement("div");
		document.body.append(host);
		const [light, deep] = [button(), button(host.attachShadow({ mode: "open" }))];
		deep.focus();
		expect([hasFocus(light), hasFocus(deep), hasFocus(document.createElement("button"))]).toEqual([false, true, false]);
		light.focus();
		expect([hasFocus(light), hasFocus(deep)]).toEqual([true, false]);
	});

	it("comes back only where it was lost", () => {
		const [first, second] = [button(), button()];
		first.focus();
		refocus(second);
		expect(hasFocus(first)).toBe(true);
		first.remove();
		refocus(second);
		expect(hasFocus(second)).toBe(true);
	});
});
