import { beforeEach, describe, expect, it, vi } from "vitest";
import { type LayerView, LineLayer, type Trace } from "../../src/charts/line-layer";
import { SeriesRing } from "../../src/store/series";

let said: string[];
beforeEach(() => {
	said = [];
	const note =
		(name: string) =>
		(...args: unknown[]) =>
			void said.push(`${name} ${args.filter((a) => typeof a === "number").join(",")}`.trim());
	const names = ["clearRect", "drawImage", "moveTo", "lineTo", "rect", "fillRect"];
	const context = Object.fromEntries(names.map((name) => [name, note(name)]));
	const inert = () => undefined;
	for (const name of ["beginPath", "stroke", "save", "restore", "clip", "setLineDash"]) context[name] = inert;
	vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue(context as never);
});

const ring = (...points: [number, number][]) => {
	const made = new SeriesRing({ k: 1, metric: "m", labels: {}, unit: "", name: "m" });
	add(made, ...points);
	return made;
};
const add = (to: SeriesRing, ...points: [number, number][]) =>
	to.append(Float64Array.from(points.map(([x]) => x)), Float64Array.from(points.map(([, y]) => y)));
const line = (samples: Trace["samples"], changes: Partial<Trace> = {}): Trace => ({
	samples,
	color: "red",
	dash: [],
	show: true,
	min: 0,
	max: 100,
	log: false,
	...changes,
});
/** A hundred pixels for a hundred milliseconds. */
const view = (fromMs: number, changes: Partial<LayerView> = {}): LayerView => ({
	fromMs,
	toMs: fromMs + 100,
	width: 100,
	height: 100,
	ratio: 1,
	anew: false,
	...changes,
});

describe("LineLayer", () => {
	it("draws everything first, then only what is new, as far back as that hangs", () => {
		const [layer, samples] = [new LineLayer(), ring([0, 0], [50, 50], [90, 60])];
		const traces = [line(samples)];
		expect(layer.draw(traces, view(0))).toBe("full");
		expect(said.filter((s) => s.startsWith("lineTo"))).toEqual(["lineTo 50,50", "lineTo 90,40"]);
		said = [];
		add(samples, [95, 70]);
		expect(layer.moves(traces, view(0))).toBe(true);
		expect(layer.draw(traces, view(0))).toBe("moved");
		expect(said).toEqual(["clearRect 89,0,11,100", "rect 89,0,11,100", "moveTo 50,50", "lineTo 90,40", "lineTo 95,30"]);
		said = [];
		expect(layer.draw(traces, view(0))).toBe("kept");
		expect(said).toEqual([]);
	});

	it("moves the picture by whole pixels", () => {
		const [layer, samples] = [new LineLayer(), ring([0, 0], [100, 50])];
		const traces = [line(samples)];
		layer.draw(traces, view(0));
		said = [];
		expect(layer.draw(traces, view(3))).toBe("moved");
		expect(said).toEqual(["drawImage -3,0"]);
	});

	it("draws everything again for another scale, width, picture, half a pixel, or a jump back", () => {
		const [layer, samples] = [new LineLayer(), ring([0, 0], [100, 50])];
		const traces = [line(samples)];
		layer.draw(traces, view(10));
		for (const other of [
			view(10.5),
			view(0),
			view(500),
			view(10, { width: 90 }),
			view(10, { ratio: 2 }),
			view(10, { anew: true }),
		]) {
			expect(layer.moves(traces, other)).toBe(false);
			expect(layer.draw(traces, other)).toBe("full");
			layer.draw(traces, view(10, { anew: true }));
		}
		expect(layer.draw([line(samples)], view(10))).toBe("full");
	});

	it("keeps what lies beyond the right edge until it comes into sight", () => {
		const [layer, samples] = [new LineLayer(), ring([90, 10])];
		const traces = [line(samples)];
		layer.draw(traces, view(0));
		add(samples, [104, 20]);
		expect(layer.draw(traces, view(0))).toBe("kept");
		said = [];
		expect(layer.draw(traces, view(5))).toBe("moved");
		expect(said.at(-1)).toBe("lineTo 99,80");
	});

	it("draws everything where a line comes from far back", () => {
		const [layer, samples] = [new LineLayer(), ring([10, 10])];
		const traces = [line(samples)];
		layer.draw(traces, view(0));
		add(samples, [99, 20]);
		expect(layer.draw(traces, view(0))).toBe("full");
	});

	it("has no place for what is not above zero on a log axis", () => {
		const [layer, samples] = [new LineLayer(), ring([0, 1], [10, 0], [20, 100])];
		layer.draw([line(samples, { log: true, min: 1 })], view(0));
		expect(said).toEqual(
			[
				"clearRect 0,0,100,100",
				"moveTo 0,100",
				"moveTo 20,0",
				"fillRect -1.5,98.5,3,3",
				"fillRect 18.5,-1.5,3,3",
			].slice(1),
		);
	});

	it("leaves hidden lines out", () => {
		const layer = new LineLayer();
		layer.draw([line(ring([0, 1], [10, 2]), { show: false })], view(0));
		expect(said.filter((s) => s.startsWith("lineTo"))).toEqual([]);
	});
});
