import { describe, expect, it } from "vitest";
import { age, axisTime, clock, count, duration, formatValue, fullTime } from "../../src/lib/format";

describe("formatValue", () => {
	it.each([
		[0, "percent", "0%"],
		[43.256, "percent", "43.3%"],
		[100, "%", "100%"],
		[0.256, "ratio", "25.6%"],
		[0, "bytes", "0 B"],
		[1023, "bytes", "1023 B"],
		[1536, "bytes", "1.5 KiB"],
		[7.27 * 2 ** 30, "bytes", "7.27 GiB"],
		[2048, "bytes/s", "2 KiB/s"],
		[0.00035, "seconds", "350 µs"],
		[0.0123, "s", "12.3 ms"],
		[1.5, "seconds", "1.5 s"],
		[300, "seconds", "5 min"],
		[86_400 * 3, "seconds", "3 d"],
		[3.4, "ms", "3.4 ms"],
		[2500, "ms", "2.5 s"],
		[12, "req/s", "12 req/s"],
		[1234, "req/s", "1.23k req/s"],
		[0.25, "cores", "0.25 cores"],
		[1234567, "", "1.23M"],
		[999, "", "999"],
		[-5.5, "", "−5.5"],
		[0.00001, "", "1.0e-5"],
		[3_000_000_000, "count", "3G"],
	])("%d %s is %s", (value, unit, text) => {
		expect(formatValue(value, unit)).toBe(text);
	});

	it.each([
		[null, "–"],
		[undefined, "–"],
		[Number.NaN, "–"],
		[Number.POSITIVE_INFINITY, "+∞"],
		[Number.NEGATIVE_INFINITY, "−∞"],
	])("%s is %s", (value, text) => {
		expect(formatValue(value, "percent")).toBe(text);
	});

	it("shows a tick's step, whatever the size of the value", () => {
		expect([99.9, 99.95, 100].map((v) => formatValue(v, "percent", 0.05))).toEqual(["99.9%", "99.95%", "100%"]);
	});

	it("gives all ticks of an axis one unit, and steps of a quarter their digits", () => {
		const step = 2 ** 28;
		const near = 2 ** 30;
		expect([0, step, 2 * step, near].map((v) => formatValue(v, "bytes", step, near))).toEqual([
			"0 GiB",
			"0.25 GiB",
			"0.5 GiB",
			"1 GiB",
		]);
	});
});

describe("times", () => {
	it.each([
		[-5, "0 s"],
		[999, "0 s"],
		[59_999, "59 s"],
		[119_000, "119 s"],
		[120_000, "2 min"],
		[3_600_000, "1 h"],
		[11_100_000, "3 h 5 min"],
		[86_400_000, "1 d"],
		[93_600_000, "1 d 2 h"],
	])("%d ms last %s", (ms, text) => {
		expect(duration(ms)).toBe(text);
	});

	it("tells ages, a clock ahead of ours included", () => {
		expect([age(null, 5), age(1000, 1500), age(9000, 1000), age(0, 5000)]).toEqual(["never", "now", "now", "5 s ago"]);
	});

	it("writes clocks in UTC and local time", () => {
		const t = Date.UTC(2024, 0, 2, 3, 4, 5, 6);
		expect(clock(t, { utc: true, millis: true })).toBe("03:04:05.006");
		expect(clock(t, { utc: true })).toBe("03:04:05");
		const local = new Date(t);
		expect(clock(t).slice(0, 2)).toBe(String(local.getHours()).padStart(2, "0"));
		expect(clock(Number.NaN)).toBe("--:--:--");
		expect(clock(1e20)).toBe("--:--:--");
		expect(fullTime(t, true)).toBe("2024-01-02 03:04:05 UTC");
		expect(fullTime(1e20)).toBe("unknown time");
	});

	it("labels an axis as finely as its ticks need", () => {
		const t = new Date(2024, 0, 2, 3, 4, 5, 250).getTime();
		expect([axisTime(t, 250), axisTime(t, 5000), axisTime(t, 60_000), axisTime(t, 86_400_000)]).toEqual([
			"03:04:05.250",
			"03:04:05",
			"03:04",
			"01-02",
		]);
	});

	it("separates thousands", () => {
		expect([0, 999, 1000, 1234567, 12.6].map(count)).toEqual(["0", "999", "1,000", "1,234,567", "13"]);
	});
});
