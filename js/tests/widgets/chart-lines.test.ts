import { beforeEach, describe, expect, it } from "vitest";
import { SeriesRing, SeriesStore } from "../../src/store/series";
import { ChartLines } from "../../src/widgets/chart-lines";
import { seriesKey } from "../../src/widgets/chart-options";

const ring = (k: number, pod: string, metric = "cpu") =>
	new SeriesRing({ k, metric, labels: pod ? { pod } : {}, unit: "", name: `${metric} ${pod}` });
let lines: ChartLines;
beforeEach(() => {
	lines = new ChartLines();
	lines.take([ring(1, "p10"), ring(2, "p2"), ring(3, "p2", "mem"), ring(4, "")]);
	lines.style("light");
});

describe("ChartLines", () => {
	it("are one group without a facet, and one for each value of a label with it, in the order of the values", () => {
		expect(lines.groups("", 9)).toEqual([{ name: "", members: [0, 1, 2, 3] }]);
		expect(lines.groups("pod", 9)).toEqual([
			{ name: "no pod", members: [3] },
			{ name: "p2", members: [1, 2] },
			{ name: "p10", members: [0] },
		]);
		expect(lines.groups("metric", 9).map(({ name }) => name)).toEqual(["cpu", "mem"]);
	});

	it("put what is too much for the page into the last group", () => {
		expect(lines.groups("pod", 2)).toEqual([
			{ name: "no pod", members: [3] },
			{ name: "2 more", members: [1, 2, 0] },
		]);
	});

	it("keep what a frozen picture shows, and go on with what came meanwhile", () => {
		lines.rings[0]?.append(Float64Array.of(1), Float64Array.of(5));
		lines.keep();
		lines.rings[0]?.append(Float64Array.of(2), Float64Array.of(6));
		expect([...(lines.samples[0]?.y ?? [])]).toEqual([5]);
		lines.live();
		expect([...(lines.samples[0]?.y ?? [])]).toEqual([5, 6]);
	});

	it("take a refined stretch by what a series is, not by its number", () => {
		const store = new SeriesStore();
		const info = { k: 77, metric: "cpu", labels: { pod: "p2" }, unit: "", name: "" };
		const [k, x, y] = [Int32Array.of(77), Float64Array.of(1), Float64Array.of(9)];
		store.take({ series: [info], k, x, y, windowMs: 0, lost: 0, thinned: 0, loading: null, notice: "" }, true);
		lines.refine(store, { from: 0, to: 2 });
		expect(lines.samples.map((s) => [...s.y])).toEqual([[], [9], [], []]);
	});

	it("show the refined part while the stretch lies in it, and what was kept elsewhere", () => {
		lines.rings[0]?.append(Float64Array.of(1), Float64Array.of(5));
		lines.keep();
		const first = () => [...(lines.samples[0]?.y ?? [])];
		lines.refine(new SeriesStore(), { from: 10, to: 20 });
		lines.whole({ from: 12, to: 20 });
		expect(first()).toEqual([]);
		lines.whole({ from: 9, to: 20 });
		expect(first()).toEqual([5]);
	});

	it("are hidden one by one, or all but one, and shown again", () => {
		const key = seriesKey((lines.rings[1] as SeriesRing).info);
		const toggled = (alone: boolean) => {
			lines.toggle(key, alone);
			lines.style("light");
			return lines.lines.map((line) => line.show);
		};
		expect(toggled(false)).toEqual([true, false, true, true]);
		expect(toggled(false)).toEqual([true, true, true, true]);
		expect(toggled(true)).toEqual([false, true, false, false]);
		expect(toggled(true)).toEqual([true, true, true, true]);
	});
});
