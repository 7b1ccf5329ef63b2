/** BackpressureMonitor: how much comes in, how much is shown, what sets the pace, and what was left out. */
import { type Spark, sparkline } from "../charts/sparkline";
import { h, setAttr, setText, show } from "../lib/dom";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { PressureBody } from "../wire/types";
import type { Tone } from "./marks";
import type { ViewContext, Widget } from "./view";

const NONE = "–";
const [SPARK_WIDTH, SPARK_HEIGHT] = [110, 26];

/** One reading: its words, and from where on it is bad (as the kernel's Pacer has it). */
interface Gauge {
	name: string;
	title: string;
	words(b: PressureBody): string;
	tone(b: PressureBody): Tone;
	history?(b: PressureBody): readonly number[];
}

const GAUGES: readonly Gauge[] = [
	{
		name: "incoming",
		title: "Messages received, a second",
		words: (b) => `${count(Math.round(b.incoming))}/s`,
		tone: () => "quiet",
	},
	{
		name: "shown",
		title: "Updates a second that may go to the browser; it moves between the two bounds",
		words: (b) => `${Math.round(b.rate)}/s`,
		tone: (b) => (b.rate <= b.minRate ? "warn" : "good"),
		history: (b) => b.history.rate,
	},
	{
		name: "fps",
		title: "Frames the page paints, a second; below 30 the pace falls",
		words: (b) => plain(b.readings.fps, 0),
		tone: (b) => below(b.readings.fps, 30, 50),
		history: (b) => b.history.fps,
	},
	{
		name: "paint",
		title: "What drawing costs a frame",
		words: (b) => millis(b.readings.paint),
		tone: (b) => above(b.readings.paint, 1 / 30, 1 / 60),
	},
	{
		name: "loop lag",
		title: "How late the kernel's I/O loop runs",
		words: (b) => millis(b.readings.lag),
		tone: (b) => above(b.readings.lag, 0.1, 0.05),
		history: (b) => b.history.lagMs,
	},
	{
		name: "queued",
		title: "Updates that wait, of how many may",
		words: (b) => `${count(b.depth)} of ${count(b.capacity)}`,
		tone: (b) => (b.slow ? "bad" : "good"),
		history: (b) => b.history.depth,
	},
	{
		name: "unpainted",
		title: "Envelopes the page has not painted yet",
		words: (b) => plain(b.readings.unacked, 0),
		tone: (b) => above(b.readings.unacked, 3, 2),
	},
	{
		name: "kernel cpu",
		title: "This kernel's share of the machine's processors",
		words: (b) => percent(b.readings.cpu),
		tone: (b) => above(b.readings.cpu, 0.8, 0.5),
	},
	{
		name: "memory",
		title: "Memory of the machine in use",
		words: (b) => percent(b.readings.memory),
		tone: (b) => above(b.readings.memory, 0.85, 0.6),
	},
];

/** What became of messages: name of the count, words, and whether more than none is worth a colour. */
const COUNTS: readonly [string, string, Tone][] = [
	["received", "received", "quiet"],
	["stored", "stored", "quiet"],
	["conflated", "conflated", "quiet"],
	["duplicate", "duplicates", "quiet"],
	["dropped", "dropped on the way to the browser", "warn"],
	["expired", "too old on the way to the browser", "warn"],
	["gap", "put aside after a gap", "quiet"],
	["reset", "gaps that stay", "bad"],
	["malformed", "malformed", "warn"],
	["refused", "over a bound", "warn"],
	["handler_dropped", "dropped before slow handlers", "warn"],
	["handler_errors", "errors in handlers", "warn"],
	["handler_timeouts", "handlers over their time", "warn"],
	["handler_blocked", "handlers that held up others", "warn"],
	["envelopes", "envelopes sent", "quiet"],
	["slow_pages", "times a page was behind", "warn"],
	["envelopes_lost", "envelopes lost and sent again", "warn"],
	["feed_errors", "errors of the feed", "bad"],
];

export function pressureWidget(ctx: ViewContext): Widget {
	const empty = h("p", { class: "gunj-empty" }, "waiting for the first reading");
	const why = h("p", { class: "gunj-pressure-why" });
	const gauges = GAUGES.map(gauge);
	const counts = COUNTS.map(counted);
	const content = h(
		"div",
		{},
		h("div", { class: "gunj-gauges", role: "list", "aria-label": "Pace" }, ...gauges.map((g) => g.el)),
		why,
		h(
			"div",
			{ class: "gunj-tally", role: "list", "aria-label": "Counts since the session began" },
			...counts.map((c) => c.el),
		),
	);
	ctx.card.body.append(empty, content);
	return {
		paint() {
			const body = ctx.cells.pressure?.value ?? null;
			show(empty, body === null);
			show(content, body !== null);
			const policy = body ? `${oneLine(body.policy).replace("_", " ")} gives way` : "";
			ctx.card.title(str(ctx.options.title) || "Backpressure", policy);
			if (!body) return;
			for (const g of gauges) g.update(body);
			for (const c of counts) c.update(body);
			const bounds = `${Math.round(body.minRate)}–${Math.round(body.maxRate)}/s`;
			const moves = `slowed ${count(body.backoffs)}×, recovered ${count(body.recoveries)}×`;
			setText(why, `${oneLine(body.reason)} – pace within ${bounds}, ${moves}`);
			setAttr(ctx.card.root, "data-slow", body.slow);
		},
	};
}

function gauge(spec: Gauge): { el: HTMLElement; update(b: PressureBody): void } {
	const words = h("strong");
	const spark: Spark | null = spec.history
		? sparkline(SPARK_WIDTH, SPARK_HEIGHT, `${spec.name}, last two minutes`)
		: null;
	const el = h(
		"div",
		{ class: "gunj-gauge", role: "listitem", title: spec.title },
		h("span", {}, spec.name),
		words,
		spark?.el,
	);
	return {
		el,
		update(b) {
			setText(words, spec.words(b));
			setAttr(el, "data-tone", spec.tone(b));
			const at = b.history.atMs;
			const [first, last] = [at[0], at[at.length - 1]];
			if (spark && spec.history && first !== undefined && last !== undefined) {
				spark.draw(at, spec.history(b), first, last);
			}
		},
	};
}

function counted([name, label, tone]: (typeof COUNTS)[number]): { el: HTMLElement; update(b: PressureBody): void } {
	const words = h("strong");
	const el = h("div", { role: "listitem", "data-count": name }, h("span", {}, label), words);
	return {
		el,
		update(b) {
			const value = b.counts[name] ?? 0;
			setText(words, count(value));
			setAttr(el, "data-tone", value > 0 ? tone : "quiet");
		},
	};
}

function below(value: number | null, bad: number, good: number): Tone {
	return value === null ? "quiet" : value < bad ? "bad" : value < good ? "warn" : "good";
}

function above(value: number | null, bad: number, good: number): Tone {
	return value === null ? "quiet" : value > bad ? "bad" : value > good ? "warn" : "good";
}

function plain(value: number | null, digits: number): string {
	return value === null ? NONE : value.toFixed(digits);
}

function millis(seconds: number | null): string {
	return seconds === null ? NONE : `${(seconds * 1000).toFixed(seconds < 0.01 ? 1 : 0)} ms`;
}

function percent(share: number | null): string {
	return share === null ? NONE : `${Math.round(share * 100)} %`;
}
