import { describe, expect, it } from "vitest";
import { extentFrom, extentOf, join, lowerBound } from "../../src/charts/extent";

const samples = (...points: [number, number][]) => ({
	x: Float64Array.from(points.map(([x]) => x)),
	y: Float64Array.from(points.map(([, y]) => y)),
});

describe("extentOf", () => {
	const line = samples([0, 50], [10, 1], [20, Number.NaN], [30, 9], [40, -5]);

	it("is of what is between the times, and of the sample from which the line comes in", () => {
		expect(extentOf(line, 15, 30)).toEqual({ min: 1, max: 9 });
		expect(extentOf(line, 10, 30)).toEqual({ min: 1, max: 50 });
	});

	it("is nothing where there are only gaps", () => {
		expect(extentOf(samples([0, Number.NaN]), 0, 1)).toBeNull();
		expect(extentOf(samples(), 0, 1)).toBeNull();
	});

	it("leaves out what is infinite: it would leave no room for the rest", () => {
		const { POSITIVE_INFINITY: up, NEGATIVE_INFINITY: down } = Number;
		expect(extentOf(samples([0, 1], [1, up], [2, down], [3, 4]), 0, 9)).toEqual({ min: 1, max: 4 });
		expect(extentOf(samples([0, up]), 0, 9)).toBeNull();
		expect(extentOf(samples([0, up], [1, 2]), 0, 9, true)).toEqual({ min: 2, max: 2 });
	});

	it("leaves out what a log axis has no place for", () => {
		expect(extentOf(line, 0, 100, true)).toEqual({ min: 1, max: 50 });
		expect(extentFrom(line, 4, 100, true)).toBeNull();
	});
});

describe("lowerBound", () => {
	it("finds the first that is not below", () => {
		const x = Float64Array.of(1, 3, 3, 5);
		expect([0, 1, 2, 3, 4, 6].map((t) => lowerBound(x, t))).toEqual([0, 0, 1, 1, 3, 4]);
	});
});

describe("join", () => {
	it("holds both", () => {
		expect(join({ min: 1, max: 2 }, { min: 0, max: 1 })).toEqual({ min: 0, max: 2 });
		expect(join(null, { min: 0, max: 1 })).toEqual({ min: 0, max: 1 });
		expect(join(null, null)).toBeNull();
	});
});
