/** AlertPanel: what fires, worst first, with the two answers an operator has: acknowledge and silence. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { age, clock, count, duration, fullTime } from "../lib/format";
import { oneLine, readable } from "../lib/text";
import { str } from "../wire/read";
import type { AlertInfo, Verb } from "../wire/types";
import { button, type Tone } from "./marks";
import type { ViewContext, Widget } from "./view";

const SEVERITIES = ["critical", "warning", "info"];
const SHAPE: Record<string, string> = { critical: "■", warning: "▲", info: "●" };
const TONE: Record<string, Tone> = { critical: "bad", warning: "warn", info: "busy" };
/** Seconds, as the kernel speaks. */
export const SILENCE_S = 3600;

/** Worst first; within a severity the oldest first, because it burns longest. */
export function bySeverityThenAge(a: AlertInfo, b: AlertInfo): number {
	return rank(a.severity) - rank(b.severity) || (a.startsMs ?? 0) - (b.startsMs ?? 0);
}

function rank(severity: string): number {
	const at = SEVERITIES.indexOf(severity);
	return at < 0 ? SEVERITIES.length : at;
}

/** What became of a button press on an alert, until the alert itself says so. */
interface Deed {
	pending: boolean;
	error: string;
}

export function alertsWidget(ctx: ViewContext): Widget {
	const deeds = new Map<string, Deed>();
	const counts = h("div", { class: "gunj-line gunj-alert-counts" });
	const chips = new KeyedRows<[string, number]>(counts, ([name]) => name, countChip);
	const activeList = h("ul", { class: "gunj-alerts", "aria-label": "Active alerts" });
	const resolvedList = h("ul", { class: "gunj-alerts" });
	const summary = h("summary");
	const resolvedBox = h("details", { class: "gunj-resolved" }, summary, resolvedList);
	const empty = h("p", { class: "gunj-empty" });
	ctx.card.body.append(counts, empty, activeList, resolvedBox);
	const answer = (verb: Verb, alert: AlertInfo, args: Record<string, unknown>) => act(ctx, deeds, verb, alert, args);
	const rows = new KeyedRows<AlertInfo>(
		activeList,
		(a) => a.fingerprint,
		() => activeRow(ctx, deeds, answer),
	);
	const past = new KeyedRows<AlertInfo>(
		resolvedList,
		(a) => a.fingerprint,
		() => resolvedRow(ctx),
	);
	let calmSinceMs: number | null = null;
	ctx.scope.listen(resolvedBox, "toggle", () => ctx.invalidate());

	return {
		paint() {
			const value = ctx.cells.alerts?.value ?? null;
			ctx.card.title(str(ctx.options.title) || "Alerts");
			const active = [...(value?.active ?? [])].sort(bySeverityThenAge);
			const resolved = value?.resolved ?? [];
			calmSinceMs = active.length || !value ? null : (calmSinceMs ?? ctx.now());
			const ended = resolved.reduce<number>((last, a) => Math.max(last, a.endsMs ?? 0), 0);
			setText(empty, emptyWords(value !== null, ended || calmSinceMs));
			show(empty, active.length === 0);
			show(counts, value !== null);
			if (value) {
				const { critical, warning, info, pending } = value.counts;
				chips.update(Object.entries({ critical, warning, info, pending }));
			}
			for (const fingerprint of deeds.keys()) {
				if (!active.some((a) => a.fingerprint === fingerprint)) deeds.delete(fingerprint);
			}
			rows.update(active);
			show(resolvedBox, resolved.length > 0);
			setText(summary, `resolved (${count(resolved.length)})`);
			if (resolvedBox.open) past.update(resolved);
			setAttr(ctx.card.root, "data-active", active.length);
		},
	};
}

function emptyWords(known: boolean, sinceMs: number | null): string {
	if (!known) return "waiting for the first alerts";
	return `no active alerts ✓${sinceMs ? ` since ${clock(sinceMs)}` : ""}`;
}

async function act(
	ctx: ViewContext,
	deeds: Map<string, Deed>,
	verb: Verb,
	alert: AlertInfo,
	args: Record<string, unknown>,
): Promise<void> {
	deeds.set(alert.fingerprint, { pending: true, error: "" });
	ctx.invalidate();
	try {
		await ctx.act(verb, { fingerprint: alert.fingerprint, ...args });
		deeds.delete(alert.fingerprint);
	} catch (problem) {
		deeds.set(alert.fingerprint, { pending: false, error: (problem as Error).message });
	}
	ctx.invalidate();
}

function countChip(): Row<[string, number]> {
	const el = h("span", { class: "gunj-chip" });
	return {
		el,
		update([name, n]) {
			setText(el, `${SHAPE[name] ?? "○"} ${count(n)} ${name}`);
			setAttr(el, "data-tone", n > 0 ? (TONE[name] ?? "quiet") : "quiet");
		},
	};
}

/** The parts every alert row has. */
function alertParts() {
	const severity = h("span", { class: "gunj-severity" });
	const name = h("strong", { class: "gunj-alert-name" });
	const where = h("span", { class: "gunj-muted" });
	const when = h("span", { class: "gunj-muted gunj-alert-age" });
	const text = h("span", { class: "gunj-alert-summary" });
	const fill = (a: AlertInfo, now: number) => {
		setText(severity, `${SHAPE[a.severity] ?? "○"} ${a.severity || "unknown"}`);
		setAttr(severity, "data-tone", TONE[a.severity] ?? "quiet");
		setText(name, oneLine(a.name));
		setText(where, [a.platform, a.component].filter(Boolean).map(oneLine).join(" / "));
		setText(text, oneLine(a.summary || a.description));
		setAttr(text, "title", a.description ? readable(a.description) : null);
		setText(when, a.startsMs === null ? "" : duration(now - a.startsMs));
		setAttr(when, "title", a.startsMs === null ? null : `since ${fullTime(a.startsMs)}`);
	};
	return { severity, name, where, when, text, fill };
}

function activeRow(
	ctx: ViewContext,
	deeds: Map<string, Deed>,
	answer: (verb: Verb, alert: AlertInfo, args: Record<string, unknown>) => void,
): Row<AlertInfo> {
	const parts = alertParts();
	const state = h("span", { class: "gunj-alert-state" });
	const ack = button("Acknowledge", "Tell everybody that you look after this alert");
	const silence = button("Silence 1h", "No notifications about this alert for one hour");
	const error = h("span", { class: "gunj-error", role: "alert" });
	let shown: AlertInfo | null = null;
	// The row outlives many updates, so the listeners hang on the button and ask which alert is shown now.
	ack.onclick = () => shown && answer("ack", shown, {});
	silence.onclick = () => shown && answer("silence", shown, { duration: SILENCE_S });
	const el = h(
		"li",
		{ class: "gunj-alert" },
		h("div", { class: "gunj-alert-main" }, parts.severity, parts.name, parts.where, state, parts.when),
		h("div", { class: "gunj-alert-more" }, parts.text, h("span", { class: "gunj-alert-acts" }, error, ack, silence)),
	);
	return {
		el,
		update(a) {
			shown = a;
			const deed = deeds.get(a.fingerprint);
			setAttr(el, "data-fingerprint", a.fingerprint);
			setAttr(el, "data-severity", a.severity);
			parts.fill(a, ctx.now());
			setText(state, stateWords(a, ctx.now()));
			setAttr(el, "data-acknowledged", a.acknowledged === "" ? null : "true");
			setAttr(ack, "aria-label", `Acknowledge ${a.name}`);
			setAttr(silence, "aria-label", `Silence ${a.name} for one hour`);
			show(ack, a.acknowledged === "");
			ack.disabled = silence.disabled = deed?.pending ?? false;
			setAttr(el, "data-pending", deed?.pending ?? false);
			setText(error, deed?.pending ? "asking …" : (deed?.error ?? ""));
			setAttr(error, "data-pending", deed?.pending ?? false);
		},
	};
}

function stateWords(a: AlertInfo, now: number): string {
	const words = [a.state];
	if (a.acknowledged) words.push(`✓ acknowledged by ${oneLine(a.acknowledged)}`);
	if (a.silencedUntilMs !== null && a.silencedUntilMs > now)
		words.push(`silenced until ${clock(a.silencedUntilMs).slice(0, 5)}`);
	return words.join(" · ");
}

function resolvedRow(ctx: ViewContext): Row<AlertInfo> {
	const parts = alertParts();
	const el = h(
		"li",
		{ class: "gunj-alert gunj-alert-past" },
		h("div", { class: "gunj-alert-main" }, parts.severity, parts.name, parts.where, parts.when),
		h("div", { class: "gunj-alert-more" }, parts.text),
	);
	return {
		el,
		update(a) {
			setAttr(el, "data-fingerprint", a.fingerprint);
			parts.fill(a, ctx.now());
			setText(parts.when, a.endsMs === null ? "resolved" : `resolved ${age(a.endsMs, ctx.now())}`);
		},
	};
}
