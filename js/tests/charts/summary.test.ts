import { describe, expect, it } from "vitest";
import { summarise } from "../../src/charts/summary";
import { SeriesRing } from "../../src/store/series";

function ring(unit: string, ...points: [number, number][]): SeriesRing {
	const made = new SeriesRing({ k: 1, metric: "m", labels: {}, unit, name: "n" });
	made.append(
		Float64Array.from(points, (p) => p[0]),
		Float64Array.from(points, (p) => p[1]),
	);
	return made;
}

describe("summarise", () => {
	it("shows a single series as it is, gaps included", () => {
		expect(summarise([ring("percent", [1, 5], [2, Number.NaN])], 0)).toEqual({
			how: "",
			unit: "percent",
			x: [1, 2],
			y: [5, Number.NaN],
			last: 5,
		});
	});

	it("takes the mean of percentages and the sum of everything else, and says so", () => {
		expect(summarise([ring("percent", [1, 10]), ring("percent", [1, 30])], 0)).toMatchObject({
			how: "mean of 2",
			last: 20,
		});
		expect(summarise([ring("bytes", [1, 10]), ring("bytes", [1, 30])], 0)).toMatchObject({ how: "sum of 2", last: 40 });
	});

	it("holds a series' last value where only others have a sample, but not through a gap", () => {
		const sum = summarise([ring("bytes", [1, 10], [4, Number.NaN]), ring("bytes", [1, 1], [2, 2], [4, 4])], 0);
		expect(sum?.y).toEqual([11, 12, 4]);
	});

	it("is nothing without series", () => {
		expect(summarise([], 0)).toBeNull();
	});
});
