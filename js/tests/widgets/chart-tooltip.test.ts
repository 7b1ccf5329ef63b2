/** What the tooltip says, and which line it points out; uPlot is real, what it draws on is not. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Line } from "../../src/charts/plot";
import { clock } from "../../src/lib/format";
import { Tooltip } from "../../src/widgets/chart-tooltip";
import { metricsBody, type Row, series } from "../kernel";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const rows = (tip: Element) => [...tip.querySelectorAll("ul:first-of-type li")];
const pointedOut = (tip: Element) => [...tip.querySelectorAll(".gunj-nearest")].map(seen);

describe("Tooltip", () => {
	const line = (i: number, show = true): Line => ({ label: `l${i}`, unit: "", color: "red", dash: [], show });
	const tip = (
		values: (number | null)[],
		far?: (i: number, value: number) => number,
		lines = values.map((_, i) => line(i)),
	) => {
		const made = new Tooltip((tMs, millis) => clock(tMs, "UTC", millis));
		const data = { x: [NOW], columns: values.map((v) => [v]) };
		made.paint(data, 0, lines, 10, 10, { left: 0, top: 0 }, 600, [], far);
		return made.el;
	};

	it("lists the twelve highest, and says how many more there are", () => {
		const el = tip(Array.from({ length: 15 }, (_, i) => i));
		expect(rows(el).map(seen).slice(0, 2)).toEqual(["l1414", "l1313"]);
		expect([rows(el).length, seen(el).includes("and 3 more")]).toEqual([12, true]);
		expect(pointedOut(el), "by key no line is pointed at").toEqual([]);
	});

	it("points out the line nearest to the pointer, in its place", () => {
		const el = tip([10, 20, 30], (_, value) => Math.abs(value - 22));
		expect(rows(el).map(seen)).toEqual(["l230", "l120", "l010"]);
		expect(pointedOut(el)).toEqual(["l120"]);
	});

	it("lists it even where twelve others are higher", () => {
		const el = tip(
			Array.from({ length: 15 }, (_, i) => i),
			(_, value) => value,
		);
		expect(rows(el).length).toBe(12);
		expect(seen(rows(el)[11] as Element)).toBe("l00");
		expect(pointedOut(el)).toEqual(["l00"]);
	});

	it("points out no line that is hidden, has no value or is no number of pixels away", () => {
		const el = tip([10, null, 30], (i) => [0, 1, Number.NaN][i] as number, [line(0, false), line(1), line(2)]);
		expect([rows(el).map(seen), pointedOut(el)]).toEqual([["l230"], []]);
	});
});

describe("the pointer on a chart", () => {
	beforeEach(() => {
		vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
		vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(180);
		vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue({
			left: 0,
			top: 0,
			width: 540,
			height: 180,
		} as DOMRect);
	});
	afterEach(() => vi.restoreAllMocks());

	/** Three lines at 10, 50 and 90 of 100. */
	const chart = (options = {}) => {
		const view = bench().mount("chart", { metrics: "metrics:1" }, { windowMs: 60_000, yMin: 0, yMax: 100, ...options });
		const samples: Row[] = [];
		for (const [k, y] of [
			[1, 10],
			[2, 50],
			[3, 90],
		] as const)
			for (let i = 60; i >= 0; i--) samples.push({ k, x: NOW - i * 1000, y });
		const { body, buffers } = metricsBody(
			[1, 2, 3].map((k) => series(k, { unit: "" })),
			samples,
		);
		bench().show([bench().status(), bench().kernel.part("metrics:1", "metrics", body)], buffers);
		const plot = view.root().querySelector(".gunj-plot") as HTMLElement;
		const over = view.root().querySelector(".u-over") as HTMLElement;
		plot.dispatchEvent(new MouseEvent("pointerenter"));
		vi.advanceTimersByTime(500);
		return (clientX: number, clientY: number) => {
			const at = { bubbles: true, clientX, clientY };
			plot.dispatchEvent(new MouseEvent("pointermove", at));
			over.dispatchEvent(new MouseEvent("mouseenter", at));
			over.dispatchEvent(new MouseEvent("mousemove", at));
			vi.advanceTimersByTime(50);
			return pointedOut(view.root());
		};
	};

	it("points out the line it is nearest to", () => {
		const move = chart();
		expect(move(300, 5)).toEqual(["c390"]);
		expect(move(300, 90)).toEqual(["c250"]);
		expect(move(300, 175)).toEqual(["c110"]);
	});

	it("points out the layer of a stack that it is in, and none above them all", () => {
		const move = chart({ stacked: true, yMax: 200 });
		// Layers end at 10, 60 and 150 of 200.
		expect(move(300, 178)).toEqual(["c110"]);
		expect(move(300, 130)).toEqual(["c250"]);
		expect(move(300, 100)).toEqual(["c390"]);
		expect(move(300, 10)).toEqual([]);
	});
});
