/** Keys and wheel on a focused chart, and what they come to; uPlot is real, what it draws on is not. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Crosshair } from "../../src/lib/crosshair";
import { metricsBody, type Row, series } from "../kernel";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const WINDOW_MS = 60_000;

beforeEach(() => {
	vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
	vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(200);
});
afterEach(() => vi.restoreAllMocks());

/** Ten samples, a second apart, the last now; 1 % to 10 %. */
const samples: Row[] = Array.from({ length: 10 }, (_, i) => ({ k: 1, x: NOW - 9000 + i * 1000, y: i + 1 }));

function chart(rows = samples, range = {}) {
	const view = bench().mount("chart", { metrics: "metrics:1" }, { windowMs: WINDOW_MS });
	const { body, buffers } = metricsBody([series(1)], rows);
	const status = () => bench().status({ range: { version: 1, live: true, ...range } });
	bench().show([status(), bench().kernel.part("metrics:1", "metrics", body)], buffers);
	vi.advanceTimersByTime(500);
	const plot = view.root().querySelector<HTMLElement>(".gunj-plot") as HTMLElement;
	plot.focus();
	bench().show();
	const send = (event: Event) => {
		plot.dispatchEvent(event);
		vi.advanceTimersByTime(500);
		const replies = bench()
			.kernel.said("act")
			.map(({ id }) => bench().kernel.part("reply", "reply", { re: id, ok: true }));
		bench().show([status(), ...replies]);
		return event.defaultPrevented;
	};
	const press = (key: string, init: KeyboardEventInit = {}) =>
		send(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...init }));
	const wheel = (init: WheelEventInit) => send(new WheelEvent("wheel", { bubbles: true, cancelable: true, ...init }));
	const tip = () => view.root().querySelector<HTMLElement>(".gunj-tip") as HTMLElement;
	/** What the line says under the cursor. */
	const value = () => (tip().hidden ? null : seen(tip().querySelector("strong")));
	const asked = () => bench().kernel.said("act").at(-1)?.args as { fromMs: number; toMs: number };
	return { view, plot, press, wheel, value, asked, width: () => asked().toMs - asked().fromMs };
}

describe("keys on a chart", () => {
	it("walk the samples: ← and → by one, with shift by ten, Home and End to the ends", () => {
		const { press, value } = chart();
		expect(value()).toBeNull();
		const at = (key: string, init = {}) => {
			press(key, init);
			return value();
		};
		expect(at("End")).toBe("10%");
		expect(at("ArrowLeft")).toBe("9%");
		expect(at("ArrowLeft")).toBe("8%");
		expect(at("ArrowRight")).toBe("9%");
		expect(at("Home")).toBe("1%");
		expect(at("ArrowLeft"), "no further").toBe("1%");
		expect(at("ArrowRight", { shiftKey: true })).toBe("10%");
	});

	it("walk only what is in sight", () => {
		const { press, value, asked } = chart([{ k: 1, x: NOW - 600_000, y: 50 }, ...samples]);
		press("Home");
		expect(value(), "the oldest sample is long out of sight").toBe("1%");
		for (const _ of "1234567890") press("+");
		press("[");
		press("End");
		const last = samples.findLast(({ x }) => x <= asked().toMs);
		expect(value()).toBe(last ? `${last.y}%` : null);
	});

	it("zoom about the middle with + and −", () => {
		const { press, asked, width, view } = chart([{ k: 1, x: NOW - 600_000, y: 1 }, ...samples]);
		press("+");
		expect(view.root().dataset.live).toBe("paused");
		expect(width()).toBeCloseTo(WINDOW_MS / 1.25, -1);
		const middle = (asked().fromMs + asked().toMs) / 2;
		press("-");
		expect(width()).toBeCloseTo(WINDOW_MS, -1);
		expect((asked().fromMs + asked().toMs) / 2).toBeCloseTo(middle, -2);
	});

	it("pan by a quarter of the width with [ and ], not beyond now", () => {
		const { press, asked, width, view } = chart([{ k: 1, x: NOW - 600_000, y: 1 }, ...samples]);
		press("]");
		expect([asked(), view.root().dataset.live], "there is nothing later").toEqual([undefined, "live"]);
		press("[");
		const first = asked().toMs;
		expect(Date.now() - first).toBeGreaterThan(WINDOW_MS / 4 - 1);
		expect(width()).toBeCloseTo(WINDOW_MS, 0);
		press("[");
		expect(first - asked().toMs).toBeCloseTo(WINDOW_MS / 4, 0);
		press("]");
		expect(asked().toMs).toBeCloseTo(first, 0);
		press("]");
		press("]");
		expect(Date.now() - asked().toMs, "as far as now").toBeLessThan(1100);
		expect(width()).toBeCloseTo(WINDOW_MS, 0);
	});

	it("pan so far back that a quarter of the chart has samples", () => {
		const { press, asked } = chart([{ k: 1, x: NOW - 70_000, y: 1 }, ...samples]);
		for (const _ of "1234567") press("[");
		expect(asked().fromMs).toBe(NOW - 70_000 - 45_000);
	});

	it("pause and follow with space, and follow with Esc", () => {
		const { press, asked, view } = chart();
		press(" ");
		expect([view.root().dataset.live, asked().toMs - asked().fromMs]).toEqual(["paused", WINDOW_MS]);
		press(" ");
		expect([view.root().dataset.live, asked()]).toEqual(["live", {}]);
		press(" ");
		press("Escape");
		expect([view.root().dataset.live, asked()]).toEqual(["live", {}]);
	});

	it("select from sample to sample with s", () => {
		const { press, view } = chart();
		press("Home");
		press("s");
		press("ArrowRight");
		press("ArrowRight");
		press("s");
		expect(view.root().querySelector<HTMLElement>(".gunj-selection")?.hidden).toBe(false);
		expect(view.model.get("_kept")).toMatchObject({ selection: { fromMs: NOW - 9000, toMs: NOW - 7000 } });
	});

	it("walk through the ranges that were shown with Alt+← and Alt+→", () => {
		const { press, asked } = chart();
		expect(press("ArrowLeft", { altKey: true }), "the page is not left").toBe(true);
		expect(asked()).toEqual({ back: true });
		press("ArrowRight", { altKey: true });
		expect(asked()).toEqual({ forward: true });
	});

	it("leave to the notebook what is not theirs", () => {
		const { press } = chart();
		for (const [key, init] of [
			["a"],
			["s", { ctrlKey: true }],
			["Home", { altKey: true }],
			["[", { metaKey: true }],
		] as const)
			expect(press(key, init ?? {}), key).toBe(false);
		expect(bench().kernel.said("act")).toEqual([]);
	});
});

describe("the cursor", () => {
	it("stays at the moment that another view points at, while the picture moves", () => {
		const { view } = chart();
		const left = () => {
			const style = view.root().querySelector<HTMLElement>(".u-cursor-x")?.style.transform ?? "";
			return Number(/translate\((-?[\d.]+)px/.exec(style)?.[1]);
		};
		const end = new Crosshair("status:1");
		end.point(NOW - 5000);
		const before = left();
		vi.advanceTimersByTime(10_000);
		const pixels = (10_000 / WINDOW_MS) * 540;
		expect(before - left()).toBeGreaterThan(pixels * 0.8);
		expect(before - left()).toBeLessThan(pixels * 1.2);
		expect(view.root().querySelector<HTMLElement>(".gunj-tip")?.hidden).toBe(true);
		end.point(null);
		expect(left()).toBe(-10);
	});
});

describe("the wheel on a chart", () => {
	const box = { left: 0, width: 500 } as DOMRect;
	const long = [{ k: 1, x: NOW - 600_000, y: 1 }, ...samples];

	it("pans with shift by what it turned, as far as the pointer would move, and sideways where the chart has the focus", () => {
		vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(box);
		const { wheel, asked, width } = chart(long);
		const moved = (init: WheelEventInit) => {
			const before = asked()?.toMs ?? Date.now();
			expect(wheel(init)).toBe(true);
			return (asked().toMs - before) / WINDOW_MS;
		};
		expect(moved({ deltaY: -100, shiftKey: true })).toBeCloseTo(-0.2, 1);
		expect(moved({ deltaX: -100, shiftKey: true })).toBeCloseTo(-0.2, 5);
		expect(moved({ deltaX: -50, deltaY: 10 })).toBeCloseTo(-0.1, 5);
		expect(moved({ deltaY: 1, deltaMode: 1, shiftKey: true })).toBeCloseTo(0.08, 5);
		expect(width()).toBeCloseTo(WINDOW_MS, 0);
	});

	it("zooms with ctrl, and alone where the chart has the focus; else the notebook scrolls", () => {
		vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(box);
		const { wheel, width, plot } = chart(long);
		wheel({ deltaY: -100, ctrlKey: true, clientX: 250 });
		expect(width()).toBeCloseTo(WINDOW_MS / 1.25, -1);
		wheel({ deltaY: -100, clientX: 250 });
		expect(width()).toBeCloseTo(WINDOW_MS / 1.25 ** 2, -1);
		plot.blur();
		expect(wheel({ deltaY: -100, clientX: 250 })).toBe(false);
	});
});

describe("the way through what was shown", () => {
	const steps = (root: Element) =>
		[...root.querySelectorAll<HTMLButtonElement>(".gunj-tools button")].filter((b) =>
			"‹›".includes(b.textContent as string),
		);

	it("has its buttons only where there is one, and each only where it leads somewhere", () => {
		const { view } = chart();
		expect(steps(view.root()).map((b) => b.hidden)).toEqual([true, true]);
		bench().show([bench().status({ range: { version: 2, live: true, back: true, forward: false } })]);
		const [before, after] = steps(view.root());
		expect([before?.hidden, before?.disabled, after?.hidden, after?.disabled]).toEqual([false, false, false, true]);
		before?.click();
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args: { back: true } });
		bench().show([bench().status({ range: { version: 3, live: true, back: false, forward: true } })]);
		after?.click();
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args: { forward: true } });
		expect(before?.getAttribute("aria-label")).toContain("range before");
	});

	it("says in the chart's menu what keys there are", () => {
		const { view } = chart();
		[...view.root().querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === "⋯")?.click();
		for (const word of ["shift+wheel or [ ] pan", "Alt+←", "s select"])
			expect(seen(view.root().querySelector(".gunj-chart-menu"))).toContain(word);
	});
});
