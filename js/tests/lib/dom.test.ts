import { describe, expect, it, vi } from "vitest";
import { h, KeyedRows, setAttr, setText, show } from "../../src/lib/dom";
import { Scope } from "../../src/lib/scope";

describe("h", () => {
	it("makes text of hostile strings, never elements", () => {
		const el = h(
			"div",
			{ title: '"><img src=x onerror=alert(1)>' },
			"<b>bold</b>",
			null,
			false,
			h("i", {}, "<script>"),
		);
		expect(el.querySelector("b, img, script")).toBeNull();
		expect(el.textContent).toBe("<b>bold</b><script>");
		expect(el.title).toContain("<img");
	});

	it("sets and removes attributes and text only on change", () => {
		const el = h("p", { a: 1, b: true, c: false, d: null });
		expect([...el.attributes].map((a) => `${a.name}=${a.value}`)).toEqual(["a=1", "b="]);
		const spy = vi.spyOn(el, "setAttribute");
		setAttr(el, "a", 1);
		expect(spy).not.toHaveBeenCalled();
		setAttr(el, "a", null);
		expect(el.hasAttribute("a")).toBe(false);
		setText(el, "x");
		const node = el.firstChild;
		setText(el, "x");
		expect(el.firstChild).toBe(node);
		show(el, false);
		expect(el.hidden).toBe(true);
	});
});

describe("KeyedRows", () => {
	const make = (parent: HTMLElement) =>
		new KeyedRows<{ id: string; text: string }>(
			parent,
			(item) => item.id,
			() => {
				const el = h("li");
				return { el, update: (item) => setText(el, item.text) };
			},
		);
	const items = (...ids: string[]) => ids.map((id) => ({ id, text: id }));

	it("reuses rows, keeps the order, drops what is gone", () => {
		const parent = h("ul");
		const rows = make(parent);
		rows.update(items("a", "b", "c"));
		const [a, b] = [...parent.children];
		rows.update(items("c", "b", "d"));
		expect([...parent.children].map((el) => el.textContent)).toEqual(["c", "b", "d"]);
		expect(parent.children[1]).toBe(b);
		expect(a?.isConnected || parent.contains(a ?? null)).toBe(false);
	});

	it("moves no row because others go: one that has the focus keeps it", () => {
		const parent = h("ul");
		document.body.append(parent);
		const rows = make(parent);
		rows.update(items("a", "b", "c"));
		const b = parent.children[1] as HTMLElement;
		b.tabIndex = 0;
		b.focus();
		rows.update(items("b", "c"));
		expect(document.activeElement).toBe(b);
		rows.update(items("new", "b"));
		expect(document.activeElement).toBe(b);
		parent.remove();
	});

	it("shows two items of one key as two rows", () => {
		const parent = h("ul");
		make(parent).update(items("a", "a", "a"));
		expect(parent.children).toHaveLength(3);
	});
});

describe("Scope", () => {
	it("releases everything once, newest first, even if one release fails", () => {
		const warn = vi.spyOn(console, "warn").mockImplementation(() => undefined);
		const controller = new AbortController();
		const scope = new Scope(controller.signal);
		const order: number[] = [];
		scope.add(() => order.push(1));
		scope.add(() => {
			throw new Error("no");
		});
		scope.add(() => order.push(2));
		controller.abort();
		scope.close();
		expect(order).toEqual([2, 1]);
		expect(warn).toHaveBeenCalledTimes(1);
		scope.add(() => order.push(3));
		expect(order).toEqual([2, 1, 3]);
	});

	it("is closed from the start on an aborted signal", () => {
		const scope = new Scope(AbortSignal.abort());
		const target = new EventTarget();
		const spy = vi.spyOn(target, "addEventListener");
		scope.listen(target, "x", () => undefined);
		expect([scope.closed, spy.mock.calls.length]).toEqual([true, 0]);
	});
});
