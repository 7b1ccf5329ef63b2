import { describe, expect, it } from "vitest";
import { trace } from "../../src/charts/trace";

const at = { fromMs: 0, pixelMs: 1, y: (v: number) => v };

function drawn(x: number[], y: number[], start = 0, end = x.length, hangs = false) {
	const said: string[] = [];
	const pen = {
		moveTo: (px: number, py: number) => void said.push(`M${px},${py}`),
		lineTo: (px: number, py: number) => void said.push(`L${px},${py}`),
	};
	const dots: string[] = [];
	const samples = { x: Float64Array.from(x), y: Float64Array.from(y) };
	trace(pen, samples, start, end, at, (px, py) => dots.push(`${px},${py}`), hangs);
	return [said.join(" "), dots.join(" ")];
}

describe("trace", () => {
	it("joins samples, and breaks the line at a gap", () => {
		expect(drawn([0, 1, 2, 3, 4], [5, 6, Number.NaN, 7, 8])).toEqual(["M0,5 L1,6 M3,7 L4,8", ""]);
	});

	it("breaks the line at an infinite value too, also where samples are dense", () => {
		const endless = Number.POSITIVE_INFINITY;
		expect(drawn([0, 1, 2, 3, 4], [5, 6, endless, 7, 8])).toEqual(["M0,5 L1,6 M3,7 L4,8", ""]);
		const x = Array.from({ length: 60 }, (_, i) => i / 20);
		const y = x.map((_, i) => (i === 30 ? -endless : i));
		expect(drawn(x, y)[0]).toBe("M0.5,0 L0.5,19 M1.5,20 L1.5,39 L2.5,40 L2.5,59");
	});

	it("shows a sample between two gaps, and a first and only one, as a dot", () => {
		expect(drawn([0, 1, 2], [Number.NaN, 6, Number.NaN])[1]).toBe("1,6");
		expect(drawn([3], [6])[1]).toBe("3,6");
		expect(drawn([3, 4], [6, Number.NaN], 0, 2, true)[1]).toBe("");
	});

	it("draws of what is denser than pixels the lowest and the highest, in their order", () => {
		const x = Array.from({ length: 40 }, (_, i) => i / 20);
		const y = x.map((_, i) => (i === 3 ? 9 : i === 7 ? -9 : i === 25 ? -1 : 0));
		expect(drawn(x, y)[0]).toBe("M0.5,9 L0.5,-9 L1.5,0 L1.5,-1");
	});

	it("keeps a gap among dense samples", () => {
		const x = Array.from({ length: 60 }, (_, i) => i / 20);
		const y = x.map((_, i) => (i >= 20 && i < 40 ? Number.NaN : 1));
		expect(drawn(x, y)[0]).toBe("M0.5,1 M2.5,1");
	});
});
