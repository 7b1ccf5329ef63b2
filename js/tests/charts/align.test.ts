import { describe, expect, it } from "vitest";
import { align } from "../../src/charts/align";

const s = (...points: [number, number][]) => ({
	x: Float64Array.from(points, (p) => p[0]),
	y: Float64Array.from(points, (p) => p[1]),
});

describe("align", () => {
	it("shares equal times", () => {
		expect(align([s([1, 10], [2, 20]), s([1, 11], [2, 21])], 0)).toEqual({
			x: [1, 2],
			columns: [
				[10, 20],
				[11, 21],
			],
		});
	});

	it("leaves a missing sample undefined (the line goes on) and NaN null (a gap)", () => {
		const { x, columns } = align([s([1, 10], [3, 30]), s([1, 1], [2, Number.NaN], [3, 3])], 0);
		expect(x).toEqual([1, 2, 3]);
		expect(columns).toEqual([
			[10, undefined, 30],
			[1, null, 3],
		]);
	});

	it("puts nearly equal times together, but never two samples of one series", () => {
		const { x, columns } = align([s([1000, 1], [1001, 2]), s([1000.4, 5], [1001.4, 6])], 5);
		expect(x).toEqual([1000, 1001]);
		expect(columns).toEqual([
			[1, 2],
			[5, 6],
		]);
	});

	it("keeps x ascending for any mix", () => {
		const random = (seed: number) =>
			Array.from({ length: 50 }, (_, i): [number, number] => [i * 7 + ((i * seed) % 5), i]);
		const { x, columns } = align([s(...random(3)), s(...random(7)), s()], 2);
		expect(x).toEqual([...x].sort((a, b) => a - b));
		expect(columns.map((c) => c.filter((v) => v !== undefined).length)).toEqual([50, 50, 0]);
		expect(columns.every((c) => c.length === x.length)).toBe(true);
	});

	it("makes nothing of nothing", () => {
		expect(align([], 1)).toEqual({ x: [], columns: [] });
	});
});
