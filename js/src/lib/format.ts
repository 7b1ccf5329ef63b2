/** Numbers and times as people read them. Times are epoch milliseconds, durations milliseconds unless named otherwise. */

const BYTE_STEPS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] as const;
const SI_STEPS = ["", "k", "M", "G", "T", "P", "E"] as const;
const SMALL_STEPS = "µnp";

/** Below this a number is not written out. */
const SMALL = 1e-4;
/** Decimals that still read well. */
const MOST_DECIMALS = 9;

/** What to divide by, and what to write behind the number, its space included. */
interface Scaled {
	factor: number;
	suffix: string;
}

/** Formats values of one unit. `near` is a value of the size being shown and `step` a distance that must stay visible (axis ticks). */
export function formatValue(value: number | null | undefined, unit: string, step?: number, near?: number): string {
	if (value === null || value === undefined || Number.isNaN(value)) return "–";
	if (!Number.isFinite(value)) return value > 0 ? "+∞" : "−∞";
	const { factor, suffix } = scaleFor(Math.max(Math.abs(value), Math.abs(near ?? 0)), unit);
	return digits(value / factor, step === undefined ? undefined : step / factor) + suffix;
}

function scaleFor(size: number, unit: string): Scaled {
	switch (unit.trim().toLowerCase()) {
		case "":
		case "none":
		case "count":
		case "short":
			return si(size, "");
		case "percent":
		case "%":
		case "pct":
			return { factor: 1, suffix: "%" };
		case "ratio":
		case "percentunit":
			return { factor: 0.01, suffix: "%" };
		case "b":
		case "by":
		case "byte":
		case "bytes":
			return bytes(size, "");
		case "b/s":
		case "bytes/s":
			return bytes(size, "/s");
		case "s":
		case "sec":
		case "second":
		case "seconds":
			return seconds(size);
		case "ms":
		case "millisecond":
		case "milliseconds":
			return scaleSeconds(size, 1e-3);
		case "req/s":
		case "reqps":
		case "rps":
		case "requests/s":
			return si(size, "req/s");
		default:
			return si(size, unit.trim());
	}
}

function si(size: number, unit: string): Scaled {
	const behind = unit && ` ${unit}`;
	// Beyond all prefixes the exponent says it.
	if (size < 1e-15 || size >= 1e21) return { factor: 1, suffix: behind };
	if (size < SMALL) {
		const n = Math.min(4, Math.ceil(-Math.log10(size) / 3));
		return { factor: 10 ** (-3 * n), suffix: SMALL_STEPS[n - 2] + behind };
	}
	let i = 0;
	let factor = 1;
	while (size / factor >= 1000 && i < SI_STEPS.length - 1) {
		factor *= 1000;
		i++;
	}
	return { factor, suffix: SI_STEPS[i] + behind };
}

function bytes(size: number, per: string): Scaled {
	let i = 0;
	let factor = 1;
	while (size / factor >= 1024 && i < BYTE_STEPS.length - 1) {
		factor *= 1024;
		i++;
	}
	return { factor, suffix: ` ${BYTE_STEPS[i]}${per}` };
}

function scaleSeconds(size: number, unitSeconds: number): Scaled {
	const inner = seconds(size * unitSeconds);
	return { factor: inner.factor / unitSeconds, suffix: inner.suffix };
}

function seconds(size: number): Scaled {
	if (size === 0) return { factor: 1, suffix: " s" };
	if (size < 1e-6) return { factor: 1e-9, suffix: " ns" };
	if (size < 1e-3) return { factor: 1e-6, suffix: " µs" };
	if (size < 1) return { factor: 1e-3, suffix: " ms" };
	if (size < 120) return { factor: 1, suffix: " s" };
	if (size < 7200) return { factor: 60, suffix: " min" };
	if (size < 172_800) return { factor: 3600, suffix: " h" };
	return { factor: 86_400, suffix: " d" };
}

function digits(value: number, step?: number): string {
	const size = Math.abs(value);
	if (step !== undefined && step > 0) {
		const places = decimals(step);
		if (places <= MOST_DECIMALS || size >= SMALL) return minus(trimZeros(value.toFixed(Math.min(places, 15))));
		if (size < step / 1e3) return "0";
		return minus(String(Number(value.toPrecision(Math.min(15, Math.max(0, Math.ceil(Math.log10(size / step))) + 2)))));
	}
	if (size >= 100 || size === 0) return minus(String(Math.round(value)));
	if (size < SMALL) return minus(value.toExponential(1));
	return minus(trimZeros(value.toPrecision(3)));
}

/** Decimals that write a step exactly (0.25 → 2), or nearly so where it takes more than two beyond its first digit. */
function decimals(step: number): number {
	const least = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
	for (let places = least; places < least + 2; places++) {
		const scaled = step * 10 ** places;
		if (Math.abs(scaled - Math.round(scaled)) < 1e-6) return places;
	}
	return least + 2;
}

function trimZeros(text: string): string {
	return text.includes(".") ? text.replace(/\.?0+$/, "") : text;
}

function minus(text: string): string {
	return text.startsWith("-") ? `−${text.slice(1)}` : text;
}

/** An exact count with thousands separated: 12,345. */
export function count(n: number): string {
	return Math.round(n)
		.toString()
		.replace(/\B(?=(\d{3})+$)/g, ",");
}

/** How long: `0 s`, `59 s`, `2 min`, `3 h 5 min`, `4 d 2 h`. Negative (a clock ahead of ours) counts as 0. */
export function duration(ms: number): string {
	const s = Math.max(0, Math.floor(ms / 1000));
	if (s < 120) return `${s} s`;
	const min = Math.floor(s / 60);
	if (min < 60) return `${min} min`;
	const hours = Math.floor(min / 60);
	if (hours < 24) return min % 60 ? `${hours} h ${min % 60} min` : `${hours} h`;
	const days = Math.floor(hours / 24);
	return hours % 24 ? `${days} d ${hours % 24} h` : `${days} d`;
}

/** Age of `tMs` at `nowMs`; "never" where it never was. */
export function age(tMs: number | null, nowMs: number): string {
	if (tMs === null) return "never";
	const ms = nowMs - tMs;
	return ms < 1000 ? "now" : `${duration(ms)} ago`;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const DIGITS = "2-digit";

/** `2026-10-25 02:30:00 CEST`: the time in a zone, "local" where the browser is; "" where it is none. UTC for a zone this browser does not know. */
function written(tMs: number, zone: string): string {
	if (!(Math.abs(tMs) <= 8.64e15)) return "";
	let format = formats.get(zone);
	if (!format) {
		const make = (timeZone: string | undefined) =>
			// Swedes write times as ISO 8601 does.
			new Intl.DateTimeFormat("sv", {
				year: "numeric",
				month: DIGITS,
				day: DIGITS,
				hour: DIGITS,
				minute: DIGITS,
				second: DIGITS,
				timeZoneName: "short",
				timeZone,
			});
		try {
			format = make(zone === "local" ? undefined : zone);
		} catch {
			format = make("UTC");
		}
		formats.set(zone, format);
	}
	return format.format(tMs);
}

/** HH:MM:SS, with milliseconds where asked, in a zone. */
export function clock(tMs: number, zone: string, millis = false): string {
	const text = written(tMs, zone).slice(11, 19) || "--:--:--";
	return millis && text > "0" ? `${text}.${String(new Date(tMs).getUTCMilliseconds()).padStart(3, "0")}` : text;
}

/** As `clock`, behind month and day where these are other ones than now. */
export function moment(tMs: number, nowMs: number, zone: string, millis = false): string {
	const [day, today] = [tMs, nowMs].map((t) => written(t, zone).slice(5, 11));
	return (day === today ? "" : day) + clock(tMs, zone, millis);
}

/** YYYY-MM-DD HH:MM:SS and the zone, for titles and details: an hour that comes twice tells which of them. */
export function fullTime(tMs: number, zone: string): string {
	return written(tMs, zone) || "unknown time";
}

/** Axis labels: as fine as the distance between ticks needs, and the day where it begins. */
export function axisTime(tMs: number, stepMs: number, zone: string): string {
	const time = clock(tMs, zone, stepMs < 1000);
	if (stepMs >= 86_400_000 || !/[1-9]/.test(time)) return written(tMs, zone).slice(5, 10);
	return stepMs < 1000 ? time : time.slice(0, stepMs < 60_000 ? 8 : 5);
}

/** How far a zone's clock is ahead of UTC then. */
export function offsetMs(tMs: number, zone: string): number {
	return Date.parse(`${written(tMs, zone).slice(0, 19).replace(" ", "T")}Z`) - Math.floor(tMs / 1000) * 1000;
}

/** A zone as a button says it. */
export function zoneName(zone: string): string {
	return zone === "local" ? "local time" : zone.replace(/.*\//, "").replaceAll("_", " ");
}
