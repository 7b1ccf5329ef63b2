import { describe, expect, it } from "vitest";
import {
	age,
	axisTime,
	clock,
	count,
	duration,
	formatValue,
	fullTime,
	moment,
	offsetMs,
	zoneName,
} from "../../src/lib/format";

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
		[0.00001, "", "10µ"],
		[0.0001, "", "0.0001"],
		[2.5e-10, "", "250p"],
		[-3e-9, "cores", "−3n cores"],
		[1e-20, "", "1.0e-20"],
		[1.02e18, "", "1.02E"],
		[2e22, "", "2e+22"],
		[2 ** 61, "bytes", "2 EiB"],
		[3e-9, "s", "3 ns"],
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

	it("writes the day where it is not today's, by the clock of the zone", () => {
		const t = Date.UTC(2024, 0, 2, 23, 4, 5, 6);
		expect(moment(t, t + 55 * 60_000, "UTC")).toBe("23:04:05");
		expect(moment(t, t + 56 * 60_000, "UTC", true)).toBe("01-02 23:04:05.006");
		expect(moment(t, t + 56 * 60_000, "Asia/Kolkata")).toBe("04:34:05");
		expect(moment(t + 86_400_000, t, "UTC")).toBe("01-03 23:04:05");
	});

	it("writes clocks in UTC, local time and a zone", () => {
		const t = Date.UTC(2024, 0, 2, 3, 4, 5, 6);
		expect(clock(t, "UTC", true)).toBe("03:04:05.006");
		expect(clock(t, "UTC")).toBe("03:04:05");
		expect(clock(t, "Asia/Kolkata")).toBe("08:34:05");
		const local = new Date(t);
		expect(clock(t, "local").slice(0, 2)).toBe(String(local.getHours()).padStart(2, "0"));
		expect(clock(Number.NaN, "UTC", true)).toBe("--:--:--");
		expect(clock(1e20, "UTC")).toBe("--:--:--");
		expect(fullTime(t, "UTC")).toBe("2024-01-02 03:04:05 UTC");
		expect(fullTime(1e20, "UTC")).toBe("unknown time");
	});

	it("writes UTC where the browser does not know the zone, and says so", () => {
		expect(fullTime(Date.UTC(2024, 0, 2), "Mars/Olympus")).toBe("2024-01-02 00:00:00 UTC");
	});

	it("tells the two hours apart that come once each in autumn and never in spring", () => {
		const zone = "Europe/Berlin";
		const [spring, autumn] = [Date.UTC(2026, 2, 29, 1), Date.UTC(2026, 9, 25, 1)];
		expect([spring - 1000, spring].map((t) => fullTime(t, zone))).toEqual([
			"2026-03-29 01:59:59 CET",
			"2026-03-29 03:00:00 CEST",
		]);
		expect([autumn - 1000, autumn].map((t) => fullTime(t, zone))).toEqual([
			"2026-10-25 02:59:59 CEST",
			"2026-10-25 02:00:00 CET",
		]);
		expect([spring - 1, spring, autumn - 1, autumn].map((t) => offsetMs(t, zone) / 3_600_000)).toEqual([1, 2, 2, 1]);
		expect(offsetMs(-1, "UTC")).toBe(0);
	});

	it("names zones briefly", () => {
		expect(["local", "UTC", "America/New_York"].map(zoneName)).toEqual(["local time", "UTC", "New York"]);
	});

	it("labels an axis as finely as its ticks need", () => {
		const t = Date.UTC(2024, 0, 2, 3, 4, 5, 250);
		expect([250, 5000, 60_000, 86_400_000].map((step) => axisTime(t, step, "UTC"))).toEqual([
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
