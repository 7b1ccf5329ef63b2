import { beforeEach, describe, expect, it } from "vitest";
import { LogRing } from "../../src/store/logs";
import type { LogsBody } from "../../src/wire/types";

const logsOf = (from: number, n: number, changes: Partial<LogsBody> = {}): LogsBody => ({
	lines: Array.from({ length: n }, (_, i) => ({
		id: from + i,
		tMs: from + i,
		level: (from + i) % 2 ? "info" : "error",
		component: "loki",
		message: `line ${from + i}`,
		metadata: null,
	})),
	total: from + n,
	held: 0,
	filtered: 0,
	lost: 0,
	limit: 10,
	notice: "",
	...changes,
});

describe("LogRing", () => {
	let ring: LogRing;
	beforeEach(() => {
		ring = new LogRing();
	});
	const ids = () => Array.from({ length: ring.length }, (_, i) => ring.at(ring.first + i)?.id);

	it("keeps the newest lines and counts their levels", () => {
		ring.take(logsOf(1, 8), true);
		ring.take(logsOf(9, 8), false);
		expect(ids()).toEqual([7, 8, 9, 10, 11, 12, 13, 14, 15, 16]);
		expect(Object.fromEntries(ring.levels)).toEqual({ info: 5, error: 5 });
		expect([ring.first, ring.end]).toEqual([6, 16]);
	});

	it("starts over on snap, with positions that never come back", () => {
		ring.take(logsOf(1, 5), true);
		ring.take(logsOf(100, 3), true);
		expect(ids()).toEqual([100, 101, 102]);
		expect(ring.first).toBe(5);
		expect(ring.at(4)).toBeUndefined();
		expect([...ring.levels.values()].reduce((a, b) => a + b)).toBe(3);
	});

	it("finds a line by its id, or the next one kept", () => {
		ring.take(logsOf(10, 5), true);
		expect(ring.at(ring.seek(12))?.id).toBe(12);
		expect(ring.seek(1)).toBe(ring.first);
		expect(ring.seek(99)).toBe(ring.end);
	});

	it("keeps more while somebody reads, but not without end", () => {
		ring.take(logsOf(1, 10), true);
		const release = ring.hold();
		ring.take(logsOf(11, 8), false);
		expect(ring.length).toBe(18);
		ring.take(logsOf(19, 100), false);
		expect(ring.length).toBe(20);
		release();
		release();
		expect(ring.length).toBe(10);
	});

	it("stays right over many drops", () => {
		ring.take(logsOf(1, 0, { limit: 100 }), true);
		for (let i = 0; i < 500; i++) ring.take(logsOf(1 + i * 20, 20, { limit: 100 }), false);
		expect(ring.length).toBe(100);
		expect(ids()[0]).toBe(9901);
		expect(ring.at(ring.end - 1)?.id).toBe(10_000);
	});
});
