import { describe, expect, it } from "vitest";
import { stack } from "../../src/charts/stack";

describe("stack", () => {
	it("puts each series on those before it", () => {
		expect(
			stack(
				[
					[1, 2],
					[10, 20],
					[100, 200],
				],
				[true, true, true],
			),
		).toEqual([
			[1, 2],
			[11, 22],
			[111, 222],
		]);
	});

	it("carries a value on where a series has no sample, but not before its first nor through a gap", () => {
		expect(
			stack(
				[
					[undefined, 1, undefined, null, undefined],
					[10, 10, 10, 10, 10],
				],
				[true, true],
			),
		).toEqual([
			[undefined, 1, 1, null, null],
			[10, 11, 11, 10, 10],
		]);
	});

	it("takes what is infinite as a gap: it would carry off all above it", () => {
		expect(
			stack(
				[
					[1, Number.POSITIVE_INFINITY, 1],
					[10, 10, 10],
				],
				[true, true],
			),
		).toEqual([
			[1, null, 1],
			[11, 10, 11],
		]);
	});

	it("leaves hidden series out", () => {
		expect(stack([[1], [10]], [false, true])).toEqual([[undefined], [10]]);
		expect(stack([], [])).toEqual([]);
	});

	it("adds up only what has the same unit", () => {
		const columns = [[1], [10], [2], [20]];
		expect(stack(columns, [true, true, true, true], ["s", "B", "s", "B"])).toEqual([[1], [10], [3], [30]]);
	});
});
