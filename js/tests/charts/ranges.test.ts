import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Ranges } from "../../src/charts/ranges";
import { SeriesRing } from "../../src/store/series";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const ring = (...values: number[]) => {
	const made = new SeriesRing({ k: 1, metric: "m", labels: {}, unit: "", name: "m" });
	made.append(Float64Array.from(values.keys()), Float64Array.from(values));
	return made;
};
const lines = (...units: string[]) => units.map((unit) => ({ label: unit, unit, color: "", dash: [], show: true }));
const config = (...units: string[]) => ({
	lines: lines(...units),
	thresholds: [],
	yMin: undefined,
	yMax: undefined,
	log: false,
});
const scene = (...samples: SeriesRing[]) => ({ samples, fromMs: 0, toMs: 100, anew: false });

describe("Ranges", () => {
	it("widens at once, and narrows when it next looks at everything", () => {
		const [ranges, samples] = [new Ranges(), ring(10, 90)];
		expect(ranges.take(config("x"), scene(samples))).toBe(true);
		const before = ranges.of("x").max;
		expect(ranges.take(config("x"), scene(samples))).toBe(false);
		samples.append(Float64Array.of(3), Float64Array.of(500));
		expect(ranges.take(config("x"), scene(samples))).toBe(true);
		expect(ranges.of("x").max).toBeGreaterThan(500);
		const later = { ...scene(samples), toMs: 2 };
		vi.advanceTimersByTime(1500);
		expect(ranges.take(config("x"), later)).toBe(true);
		expect(ranges.of("x").max).toBe(before);
	});

	it("has a range for each unit, whatever is shown of it", () => {
		const ranges = new Ranges();
		ranges.take(config("bytes", "s"), scene(ring(1000), ring(2)));
		expect(ranges.of("bytes").max).toBeGreaterThan(1000);
		expect(ranges.of("s").max).toBeLessThan(10);
		const hidden = config("bytes");
		for (const line of hidden.lines) line.show = false;
		const none = new Ranges();
		none.take(hidden, scene(ring(1000)));
		expect(none.of("bytes")).toEqual({ min: 0, max: 1.08 });
	});

	it("takes what is given to all panels", () => {
		const ranges = new Ranges();
		ranges.take(config("x"), { ...scene(ring(1)), spans: new Map([["x", { min: -5, max: 5 }]]) });
		expect(ranges.of("x")).toEqual({ min: -5, max: 5 });
	});

	it("leaves out what is not above zero on a log axis", () => {
		const ranges = new Ranges();
		ranges.take({ ...config("x"), log: true }, scene(ring(0, 3, 250)));
		expect(ranges.of("x")).toEqual({ min: 3, max: 1000 });
	});

	it("has near thresholds and the bounds that were asked for on a log axis too", () => {
		const of = (changes: object) => {
			const ranges = new Ranges();
			ranges.take({ ...config("x"), log: true, ...changes }, scene(ring(3, 250)));
			return ranges.of("x");
		};
		expect(of({ thresholds: [{ value: 2000 }, { value: 0.5 }] })).toEqual({ min: 0.5, max: 10_000 });
		expect(of({ thresholds: [{ value: 5000 }, { value: 0.1 }, { value: 0 }, { value: -1 }] })).toEqual(of({}));
		expect(of({ yMin: 1, yMax: 300 })).toEqual({ min: 1, max: 300 });
		expect(of({ yMin: 0, yMax: -5 }), "there is no place for these").toEqual(of({}));
		expect(of({ yMin: 20_000 })).toEqual({ min: 20_000, max: 200_000 });
	});
});
