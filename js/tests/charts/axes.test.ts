import { describe, expect, it } from "vitest";
import {
	logTicks,
	timeLabels,
	timeTicks,
	unitScales,
	valueLabels,
	valueRange,
	valueSteps,
} from "../../src/charts/axes";
import { lineStyle, nameIndex } from "../../src/charts/palette";

const options = { unit: "", thresholds: [] };

describe("valueRange", () => {
	it("starts at zero where zero is near, and not where it is far", () => {
		expect(valueRange(20, 80, options)[0]).toBe(0);
		const [low, high] = valueRange(1000, 1010, options);
		expect(low).toBeGreaterThan(990);
		expect(high).toBeLessThan(1020);
	});

	it("is as high as the data, however small that is", () => {
		expect(valueRange(1e-14, 5e-14, options)[1]).toBeLessThan(5.5e-14);
		expect(valueRange(-5e-14, -1e-14, options)[0]).toBeGreaterThan(-5.5e-14);
	});

	it("never goes beyond 100 % unless the data does", () => {
		expect(valueRange(10, 98, { ...options, unit: "percent" })[1]).toBe(100);
		expect(valueRange(10, 130, { ...options, unit: "percent" })[1]).toBeGreaterThan(130);
	});

	it("makes room for a threshold in reach, and ignores one far away", () => {
		const at = (value: number) => valueRange(10, 40, { ...options, thresholds: [{ value, label: "" }] })[1];
		expect(at(80)).toBeGreaterThan(80);
		expect(at(1000)).toBeLessThan(50);
	});

	it("obeys yMin and yMax, and always has a height", () => {
		expect(valueRange(10, 40, { ...options, yMin: -5, yMax: 60 })).toEqual([-5, 60]);
		for (const range of [
			valueRange(null, null, options),
			valueRange(5, 5, options),
			valueRange(0, 0, options),
			valueRange(-1e-13, -1e-13, options),
			valueRange(1, 2, { ...options, yMin: 9 }),
		]) {
			expect(range[1]).toBeGreaterThan(range[0]);
		}
	});
});

describe("axis labels", () => {
	it("write one unit on all ticks", () => {
		expect(valueLabels([0, 2 ** 29, 2 ** 30], 2 ** 29, "bytes")).toEqual(["0 GiB", "0.5 GiB", "1 GiB"]);
		expect(timeLabels([Date.UTC(2024, 0, 1, 10, 0, 5)], 5000, "UTC")).toEqual(["10:00:05"]);
	});

	it("tell ticks apart that are tiny, huge, or near to one another", () => {
		const ticks = (from: number, step: number) => [0, 1, 2].map((n) => from + n * step);
		const labels = (from: number, step: number, unit = "") => valueLabels(ticks(from, step), step, unit);
		expect(labels(0, 5e-11)).toEqual(["0p", "50p", "100p"]);
		expect(labels(0, 2e-7, "s")).toEqual(["0 ns", "200 ns", "400 ns"]);
		expect(labels(0, 1e-12, "%")).toEqual(["0%", "1e-12%", "2e-12%"]);
		expect(labels(0, 2.5e-20)).toEqual(["0", "2.5e-20", "5e-20"]);
		expect(labels(1, 2e-10)).toEqual(["1", "1.0000000002", "1.0000000004"]);
		expect(labels(1e18, 5e17)).toEqual(["1E", "1.5E", "2E"]);
		expect(labels(0, 2.5e-6)).toEqual(["0µ", "2.5µ", "5µ"]);
	});

	it("write each tick of a log axis by itself, and only as many as there is room for", () => {
		const labels = (min: number, max: number, px: number, unit = "") =>
			valueLabels(logTicks(min, max, px, unit), 1, unit, true);
		expect(labels(1e-3, 1e12, 220)).toEqual(["0.01", "1", "100", "10k", "1M", "100M", "10G", "1T"]);
		expect(labels(1, 1000, 220)).toEqual(["1", "2", "5", "10", "20", "50", "100", "200", "500", "1k"]);
		expect(labels(40, 50, 220)).toEqual(["40", "50"]);
		expect(labels(1000, 1e7, 220, "bytes")).toEqual([
			"1 KiB",
			"4 KiB",
			"16 KiB",
			"64 KiB",
			"256 KiB",
			"1 MiB",
			"4 MiB",
		]);
		expect([...logTicks(0, 10, 220, ""), ...logTicks(1, Number.POSITIVE_INFINITY, 220, "")]).toEqual([]);
		expect(logTicks(1e-300, 1e300, 220, "").length).toBeLessThan(12);
	});

	it("step in powers of two for bytes only", () => {
		expect(valueSteps("bytes")?.slice(0, 3)).toEqual([1, 2, 4]);
		expect(valueSteps("percent")).toBeUndefined();
	});

	it("give each unit a scale of its own", () => {
		expect([...unitScales(["percent", "bytes", "percent", "s"])]).toEqual([
			["percent", "y1"],
			["bytes", "y2"],
			["s", "y3"],
		]);
	});
});

describe("time ticks", () => {
	const HOUR = 3_600_000;
	const berlin = (fromMs: number, toMs: number, stepMs: number) =>
		timeLabels(timeTicks(fromMs, toMs, stepMs, "Europe/Berlin"), stepMs, "Europe/Berlin");

	it("are round on the clock of the zone", () => {
		const from = Date.UTC(2026, 0, 1, 0, 10);
		expect(timeTicks(from, from + 4 * HOUR, 2 * HOUR, "Asia/Kolkata")).toEqual([
			Date.UTC(2026, 0, 1, 0, 30),
			Date.UTC(2026, 0, 1, 2, 30),
		]);
		expect(timeTicks(from + 0.7, from + 20_000, 5000, "UTC")[0]).toBe(from + 5000);
		const local = timeTicks(from, from + 3 * HOUR, HOUR, "local").map((t) => new Date(t).getMinutes());
		expect(local).toEqual([0, 0, 0]);
	});

	it("name the day where it begins, on the clock of the zone, however near they are", () => {
		const day = Date.UTC(2026, 10, 29);
		expect(berlin(day - 2 * HOUR, day, HOUR)).toEqual(["23:00", "11-29", "01:00"]);
		expect(timeLabels([day - 500, day, day + 500], 500, "UTC")).toEqual(["23:59:59.500", "11-29", "00:00:00.500"]);
	});

	it("go over the hour that is left out in spring", () => {
		const from = Date.UTC(2026, 2, 29, 0);
		expect(berlin(from, from + 3 * HOUR, HOUR)).toEqual(["01:00", "03:00", "04:00", "05:00"]);
		expect(berlin(from - HOUR, from + 5 * HOUR, 2 * HOUR)).toEqual(["03-29", "04:00", "06:00"]);
		expect(berlin(from - 24 * HOUR, from + 24 * HOUR, 12 * HOUR)).toEqual(["12:00", "03-29", "12:00", "03-30"]);
	});

	it("have both of the hours that come twice in autumn", () => {
		const from = Date.UTC(2026, 9, 24, 23);
		expect(berlin(from, from + 4 * HOUR, HOUR)).toEqual(["01:00", "02:00", "02:00", "03:00", "04:00"]);
		expect(berlin(from - HOUR, from + 6 * HOUR, 2 * HOUR)).toEqual(["10-25", "02:00", "04:00", "06:00"]);
		expect(berlin(from - 25 * HOUR, from + 48 * HOUR, 24 * HOUR)).toEqual(["10-24", "10-25", "10-26", "10-27"]);
	});
});

describe("palette", () => {
	it("tells sixteen lines apart by colour and dash", () => {
		const styles = Array.from({ length: 16 }, (_, i) => JSON.stringify(lineStyle(i, "light")));
		expect(new Set(styles).size).toBe(16);
	});

	it.each(["light", "dark"] as const)("has at least 3:1 against a %s background", (theme) => {
		const background = theme === "light" ? "#ffffff" : "#111111";
		for (let i = 0; i < 8; i++) expect(contrast(lineStyle(i, theme).color, background)).toBeGreaterThan(3);
	});

	it("gives a name one place for ever", () => {
		expect(nameIndex("loki", 8)).toBe(nameIndex("loki", 8));
		expect(nameIndex("", 8)).toBeLessThan(8);
	});
});

function contrast(a: string, b: string): number {
	const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

function luminance(hex: string): number {
	const channel = (i: number) => {
		const v = Number.parseInt(hex.slice(i, i + 2), 16) / 255;
		return v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
	};
	return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}
