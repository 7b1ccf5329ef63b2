import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Line, Plot, type PlotConfig } from "../../src/charts/plot";

const T = 1_700_000_000_000;
const NAMES = ["axes", "gunj-traces", "gunj-top"];
let host: HTMLElement;
/** What was drawn: on which canvas, and what. */
let strokes: string[];

beforeEach(() => {
	host = document.body.appendChild(document.createElement("div"));
	strokes = [];
	const inert = HTMLCanvasElement.prototype.getContext as unknown as () => object;
	vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockImplementation(function (this: HTMLCanvasElement) {
		const told = { canvas: this, fillText: (text: string) => strokes.push(`${this.className || "axes"}: ${text}`) };
		return new Proxy(inert.call(this), {
			get: (ctx, name) => Reflect.get(name in told ? told : ctx, name),
		}) as never;
	});
});
afterEach(() => {
	vi.restoreAllMocks();
	host.remove();
});

const line = (label: string, unit: string, show = true): Line => ({ label, unit, color: "#000", dash: [], show });
const overlay = { tones: { good: "g", busy: "b", warn: "w", bad: "r", quiet: "q" }, gap: "", selected: "" };
const colors = { text: "#000", grid: "#ccc", background: "#fff", threshold: "#f00", overlay };
const nothing = () => undefined;

/** Draws two units, of which the lines are shown or not. */
function drawn(lines: Line[], changes: Partial<PlotConfig> = {}): Plot {
	const plot = new Plot(host, { cursor: nothing, zoom: nothing, select: nothing, reset: nothing });
	const config = { lines, thresholds: [], colors, font: "12px x", log: false, stacked: false, zone: "UTC", ...changes };
	plot.configure(config, 600, 200);
	plot.overlay = { marks: [], gaps: [], selected: null };
	const samples = lines.map(() => ({ x: Float64Array.of(T, T + 1000), y: Float64Array.of(1, 2) }));
	plot.draw({ samples, rows: null, fromMs: T, toMs: T + 1000, anew: true, cheap: false, stepMs: 0 });
	return plot;
}
/** Axes beside the one of time. */
const valueAxes = () => host.querySelectorAll(".u-axis").length - 1;

describe("Plot", () => {
	it("draws thresholds on a canvas over the lines, which would hide them, and has it in the picture", async () => {
		const plot = drawn([line("a", "s")], { thresholds: [{ value: 1.5, label: "slo" }] });
		await Promise.resolve();
		expect([...host.querySelectorAll("canvas")].map((c) => c.className || "axes")).toEqual(NAMES);
		expect(strokes).toContain("gunj-top: slo");
		expect(plot.layers.map(({ canvas }) => canvas.className || "axes")).toEqual(NAMES);
	});

	it("has no axis for a unit of which every line is hidden, nor its thresholds", async () => {
		const thresholds = [{ value: 1.5, label: "slo" }];
		drawn([line("a", "s"), line("b", "percent")], { thresholds }).destroy();
		drawn([line("a", "s"), line("b", "percent")], { thresholds });
		expect(valueAxes()).toBe(2);
		await Promise.resolve();
		expect(strokes).toContain("gunj-top: slo");
		host.replaceChildren();
		strokes = [];
		drawn([line("a", "s", false), line("b", "percent")], { thresholds });
		await Promise.resolve();
		expect(valueAxes()).toBe(1);
		expect(strokes).not.toContain("gunj-top: slo");
	});

	it("keeps its axes where every line is hidden", () => {
		drawn([line("a", "s", false), line("b", "percent", false)]);
		expect(valueAxes()).toBe(2);
	});
});
