import { beforeEach, describe, expect, it } from "vitest";
import { MAX_POINTS, SeriesRing, SeriesStore } from "../../src/store/series";
import type { MetricsBody, SeriesInfo } from "../../src/wire/types";

const info = (k: number): SeriesInfo => ({ k, metric: "m", labels: {}, unit: "", name: `s${k}` });
const body = (rows: [number, number, number][], changes: Partial<MetricsBody> = {}): MetricsBody => ({
	series: [],
	k: Int32Array.from(rows, (r) => r[0]),
	x: Float64Array.from(rows, (r) => r[1]),
	y: Float64Array.from(rows, (r) => r[2]),
	windowMs: 100,
	lost: 0,
	thinned: 0,
	loading: null,
	notice: "",
	...changes,
});

describe("SeriesStore", () => {
	let store: SeriesStore;
	beforeEach(() => {
		store = new SeriesStore();
	});
	const xs = (i = 0) => [...(store.rings[i]?.x ?? [])];

	it("replaces on snap and appends on delta", () => {
		store.take(body([[1, 1, 10]], { series: [info(1)] }), true);
		store.take(body([[1, 2, 20]]), false);
		expect(xs()).toEqual([1, 2]);
		store.take(body([[2, 5, 1]], { series: [info(2)] }), true);
		expect(store.rings.map((r) => r.info.k)).toEqual([2]);
		expect(xs()).toEqual([5]);
	});

	it("takes grouped rows of several series, and new series in a delta", () => {
		store.take(body([], { series: [info(1)] }), true);
		const before = store.shape;
		const rows: [number, number, number][] = [
			[1, 1, 1],
			[1, 2, 2],
			[7, 1, 5],
			[7, 2, 6],
		];
		store.take(body(rows, { series: [info(7)] }), false);
		expect([xs(0), xs(1)]).toEqual([
			[1, 2],
			[1, 2],
		]);
		expect(store.shape).toBeGreaterThan(before);
		expect([store.points, store.lastX]).toEqual([4, 2]);
	});

	it("trims by the window, keeping the one sample the line comes in from", () => {
		store.take(body([], { series: [info(1)] }), true);
		for (let t = 0; t <= 1000; t += 10) store.take(body([[1, t, t]]), false);
		expect(xs()[0]).toBe(890);
		expect(xs().at(-1)).toBe(1000);
	});

	it("trims a series that went silent by the clock of the others", () => {
		store.take(
			body(
				[
					[1, 0, 0],
					[1, 5, 0],
					[2, 0, 0],
				],
				{ series: [info(1), info(2)] },
			),
			true,
		);
		store.take(body([[2, 1000, 0]]), false);
		expect(xs(0)).toEqual([5]);
	});

	it("leaves out late and unknown rows, and counts them", () => {
		store.take(body([[1, 10, 1]], { series: [info(1)] }), true);
		store.take(
			body([
				[1, 5, 1],
				[1, Number.NaN, 1],
				[9, 11, 1],
				[1, 11, 1],
			]),
			false,
		);
		expect(xs()).toEqual([10, 11]);
		expect(store.late).toBe(3);
	});

	it("keeps the newest value that is no gap", () => {
		store.take(
			body(
				[
					[1, 1, 4],
					[1, 2, Number.NaN],
				],
				{ series: [info(1)] },
			),
			true,
		);
		expect(store.rings[0]?.lastY).toBe(4);
		expect(store.rings[0]?.lastX).toBe(2);
	});
});

describe("SeriesRing", () => {
	it("shows what was appended, also where it had to make room first", () => {
		const ring = new SeriesRing(info(1));
		for (const length of [1, 3, 1000, 1, 5000]) {
			const before = ring.length;
			const x = Float64Array.from({ length }, (_, j) => before + j);
			expect(ring.x).toHaveLength(before);
			ring.append(x, x);
			expect([ring.x.length, ring.y.at(-1), ring.appended]).toEqual([
				before + length,
				before + length - 1,
				before + length,
			]);
		}
		ring.trim(100);
		expect([ring.x[0], ring.x[1], ring.appended]).toEqual([99, 100, 6005]);
	});

	it("never keeps more than its bound, whatever the window", () => {
		const ring = new SeriesRing(info(1));
		const chunk = 40_000;
		for (let i = 0; i < 4; i++) {
			const x = Float64Array.from({ length: chunk }, (_, j) => i * chunk + j);
			ring.append(x, x);
		}
		expect(ring.length).toBe(MAX_POINTS);
		expect(ring.lastX).toBe(4 * chunk - 1);
		expect(ring.x[0]).toBe(4 * chunk - MAX_POINTS);
	});
});
