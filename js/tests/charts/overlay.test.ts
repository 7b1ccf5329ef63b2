import type uPlot from "uplot";
import { describe, expect, it } from "vitest";
import { drawBands, drawMarks, marksNear, overlayOf } from "../../src/charts/overlay";
import type { Moment } from "../../src/wire/types";

const moment = (changes: Partial<Moment>): Moment => ({
	tMs: 1000,
	endMs: null,
	kind: "alert",
	tone: "bad",
	title: "LokiDown firing",
	detail: "no replica",
	platform: "production",
	component: "loki",
	lasting: true,
	...changes,
});

describe("overlayOf", () => {
	it("marks the begin and the end of alerts and operations, and notes once, by time", () => {
		const { marks } = overlayOf(
			[
				moment({ title: "LokiDown resolved", tMs: 3000, endMs: 5000, lasting: false }),
				moment({ kind: "operation", tone: "good", title: "backup succeeded", tMs: 1000, endMs: 4000, detail: "" }),
				moment({ kind: "note", tone: "busy", title: "deployed", tMs: 2000, component: "", detail: "by ada" }),
			],
			null,
		);
		expect(marks.map((m) => [m.tMs, m.shape, m.tone, m.words])).toEqual([
			[1000, "◆", "good", "backup succeeded · loki"],
			[2000, "✎", "busy", "deployed · by ada"],
			[3000, "▲", "bad", "LokiDown resolved · loki · no replica"],
			[4000, "✓", "good", "backup succeeded, ended"],
			[5000, "✓", "good", "LokiDown ended"],
		]);
	});

	it("gives a deploy a shape, a word and a line of its own, and tells when it ended", () => {
		const deploy = moment({ kind: "deploy", tone: "good", title: "upgrade succeeded", endMs: 4000, detail: "" });
		const { marks } = overlayOf([deploy], null);
		expect(marks.map((m) => [m.shape, m.words, m.whole])).toEqual([
			["⇧", "deploy · upgrade succeeded · loki", true],
			["✓", "upgrade succeeded, ended", false],
		]);
	});

	it("shows gaps as bands, and leaves Kubernetes events to the timeline", () => {
		const gap = moment({ kind: "gap", tMs: 1000, endMs: 2000 });
		const overlay = overlayOf([gap, moment({ kind: "event" })], { fromMs: 1, toMs: 2 });
		expect(overlay).toEqual({
			marks: [],
			gaps: [{ fromMs: 1000, toMs: 2000 }],
			selected: { fromMs: 1, toMs: 2 },
		});
	});
});

describe("a note on a stretch", () => {
	const { marks } = overlayOf([moment({ kind: "note", tone: "busy", tMs: 200, endMs: 600, title: "tuned" })], null);
	const boxes = (overlay = { marks, gaps: [], selected: null }) => {
		const drawn: [string, number, number, number, number][] = [];
		const ctx = {
			fillStyle: "",
			save() {},
			restore() {},
			fillRect: (x: number, y: number, w: number, h: number) => drawn.push([ctx.fillStyle, x, y, w, h]),
		};
		// A pixel a millisecond; the picture is of 100 to 500.
		const bbox = { left: 0, top: 10, width: 400, height: 90 };
		const plot = { ctx, bbox, valToPos: (t: number) => t - 100 } as unknown as uPlot;
		const tones = { good: "g", busy: "b", warn: "w", bad: "r", quiet: "q" };
		drawBands(plot, overlay, { tones, gap: "gap", selected: "sel" });
		return drawn;
	};

	it("is one mark that knows its end", () => {
		expect(marks).toEqual([
			{ tMs: 200, untilMs: 600, tone: "busy", shape: "✎", words: "tuned · loki · no replica", whole: false },
		]);
	});

	it("is shaded over the whole stretch as far as it is in sight, with a bar along its foot", () => {
		expect(boxes()).toEqual([
			["b", 100, 10, 300, 90],
			["b", 100, 97, 300, 3],
		]);
	});

	it("leaves notes on a moment, and all others, without a shade", () => {
		const others = [moment({ kind: "note", tMs: 200 }), moment({ tMs: 200, endMs: 300 })];
		expect(boxes(overlayOf(others, null) as never)).toEqual([]);
	});

	it("is told anywhere within it", () => {
		expect(marksNear(marks, 450, 10)).toHaveLength(1);
		expect(marksNear(marks, 609, 10)).toHaveLength(1);
		expect(marksNear(marks, 611, 10)).toHaveLength(0);
		expect(marksNear(marks, 189, 10)).toHaveLength(0);
	});
});

describe("the line of a mark", () => {
	it("is dashed, and whole for a deploy", () => {
		const dashes: number[][] = [];
		const nothing = () => undefined;
		const drawing = { save: nothing, restore: nothing, beginPath: nothing, moveTo: nothing, lineTo: nothing };
		const ctx = { ...drawing, stroke: nothing, fillText: nothing, setLineDash: (dash: number[]) => dashes.push(dash) };
		const plot = { bbox: { left: 0, top: 0, width: 4000, height: 9 }, valToPos: (t: number) => t };
		const tones = { good: "g", busy: "b", warn: "w", bad: "r", quiet: "q" };
		const overlay = overlayOf([moment({ kind: "deploy", tMs: 10 }), moment({ tMs: 20 })], null);
		drawMarks(ctx as never, plot as unknown as uPlot, overlay, { tones, gap: "", selected: "" }, "12px x");
		expect(dashes.map((dash) => dash.length)).toEqual([0, 2]);
	});
});

describe("marksNear", () => {
	it("tells the marks in reach, nearest first", () => {
		const { marks } = overlayOf(
			[100, 160, 130].map((tMs) => moment({ tMs })),
			null,
		);
		expect(marksNear(marks, 125, 30).map((m) => m.tMs)).toEqual([130, 100]);
	});
});
