import { describe, expect, it } from "vitest";
import { marksNear, overlayOf } from "../../src/charts/overlay";
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

describe("marksNear", () => {
	it("tells the marks in reach, nearest first", () => {
		const { marks } = overlayOf(
			[100, 160, 130].map((tMs) => moment({ tMs })),
			null,
		);
		expect(marksNear(marks, 125, 30).map((m) => m.tMs)).toEqual([130, 100]);
	});
});
