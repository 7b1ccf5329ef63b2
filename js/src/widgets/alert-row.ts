/** One alert as a row: what, where, since when, who has it; its labels and two answers. */

import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { refocus } from "../lib/focus";
import { age, duration, fullTime } from "../lib/format";
import { oneLine, readable } from "../lib/text";
import type { AlertInfo } from "../wire/types";
import type { Deeds } from "./alert-deeds";
import { button, type Tone } from "./marks";
import { setMoments } from "./pointed-rows";
import type { ViewContext } from "./view";

export const SHAPE: Record<string, string> = { critical: "■", warning: "▲", info: "●" };
export const TONE: Record<string, Tone> = { critical: "bad", warning: "warn", info: "busy" };
const MAX_LABELS = 50;

/** What a row asks of its panel. */
export interface RowActions {
	silence(alert: AlertInfo, opener: HTMLElement): void;
	/** Narrows the panel to one label's value. */
	narrow(name: string, value: string): void;
}

/** The parts every alert row has. */
function alertParts(ctx: ViewContext) {
	const severity = h("span", { class: "gunj-severity" });
	const name = h("strong", { class: "gunj-alert-name" });
	const where = h("span", { class: "gunj-muted gunj-alert-where" });
	const when = h("span", { class: "gunj-muted gunj-alert-age" });
	const text = h("span", { class: "gunj-alert-summary" });
	const fill = (a: AlertInfo, now: number) => {
		setText(severity, `${SHAPE[a.severity] ?? "○"} ${oneLine(a.severity) || "unknown"}`);
		setAttr(severity, "data-tone", TONE[a.severity] ?? "quiet");
		setText(name, oneLine(a.name));
		setText(where, [a.platform, a.component].filter(Boolean).map(oneLine).join(" / "));
		setText(text, oneLine(a.summary || a.description));
		setText(when, a.startsMs === null ? "" : duration(now - a.startsMs));
		setAttr(when, "title", a.startsMs === null ? null : `since ${fullTime(a.startsMs, ctx.zone())}`);
	};
	return { severity, name, where, when, text, fill };
}

export function activeRow(ctx: ViewContext, deeds: Deeds, actions: RowActions): Row<AlertInfo> {
	const parts = alertParts(ctx);
	const state = h("span", { class: "gunj-alert-state" });
	const ack = button("Acknowledge", "Tell everybody that you look after this alert");
	const silence = button("Silence …", "No notifications for a while: asks for how long, and shows what it would mute");
	const more = button("labels", "Labels and description");
	const error = h("span", { class: "gunj-error", role: "alert" });
	const facts = labelFacts(actions);
	let shown: AlertInfo | null = null;
	// The row outlives many updates, so the listeners hang on the button and ask which alert is shown now.
	ack.onclick = async () => {
		const next = shown && (await deeds.act("ack", shown, {})) ? silence : ack;
		next.disabled = false;
		// What was pressed lost the focus when it was disabled, and goes once the alert is acknowledged.
		refocus(next);
	};
	silence.onclick = () => shown && actions.silence(shown, silence);
	more.onclick = () => {
		show(facts.el, facts.el.hidden === true);
		setAttr(more, "aria-expanded", String(!facts.el.hidden));
		if (shown) facts.update(shown);
	};
	setAttr(more, "aria-expanded", "false");
	const el = h(
		"li",
		{ class: "gunj-alert" },
		h("div", { class: "gunj-alert-main" }, parts.severity, parts.name, parts.where, state, parts.when),
		h(
			"div",
			{ class: "gunj-alert-more" },
			parts.text,
			h("span", { class: "gunj-alert-acts" }, error, ack, silence, more),
		),
		facts.el,
	);
	return {
		el,
		update(a) {
			shown = a;
			const deed = deeds.of(a);
			const silenced = isSilenced(a, ctx.now());
			setAttr(el, "data-fingerprint", a.fingerprint);
			setMoments(el, a.startsMs, a.endsMs);
			setAttr(el, "data-severity", a.severity);
			parts.fill(a, ctx.now());
			setText(state, stateWords(a, silenced, ctx.when));
			setAttr(el, "data-acknowledged", a.acknowledged === "" ? null : "true");
			setAttr(el, "data-silenced", silenced);
			setAttr(ack, "aria-label", `Acknowledge ${oneLine(a.name)}`);
			setAttr(silence, "aria-label", `Silence ${oneLine(a.name)}`);
			setAttr(more, "aria-label", `Labels of ${oneLine(a.name)}`);
			show(ack, a.acknowledgeable && a.acknowledged === "");
			show(more, Object.keys(a.labels).length > 0 || a.description !== "");
			const closed = ctx.cells.status?.value?.state === "closed"; // there is nobody left to ask
			ack.disabled = silence.disabled = closed || (deed?.pending ?? false);
			setAttr(el, "data-pending", deed?.pending ?? false);
			setText(error, deed?.pending ? "asking …" : (deed?.error ?? ""));
			setAttr(error, "data-pending", deed?.pending ?? false);
			if (!facts.el.hidden) facts.update(a);
		},
	};
}

export function isSilenced(a: AlertInfo, now: number): boolean {
	return a.silencedUntilMs !== null && a.silencedUntilMs > now;
}

function labelFacts(actions: RowActions): Row<AlertInfo> {
	const text = h("p", { class: "gunj-alert-description" });
	const list = h("div", { class: "gunj-chips", role: "group", "aria-label": "Labels" });
	const rows = new KeyedRows<[string, string]>(
		list,
		([name]) => name,
		() => {
			const el = button("", "Show only alerts with this label", "gunj-chip");
			return {
				el,
				update([name, value]) {
					setText(el, `${oneLine(name)}=${oneLine(value)}`);
					el.onclick = () => actions.narrow(name, value);
				},
			};
		},
	);
	const el = h("div", { class: "gunj-alert-facts", hidden: true }, text, list);
	return {
		el,
		update(a) {
			setText(text, readable(a.description));
			show(text, a.description !== "");
			rows.update(Object.entries(a.labels).slice(0, MAX_LABELS));
		},
	};
}

function stateWords(a: AlertInfo, silenced: boolean, when: ViewContext["when"]): string {
	const words = [oneLine(a.state)];
	if (a.acknowledged) words.push(`✓ acknowledged by ${oneLine(a.acknowledged)}`);
	if (silenced) words.push(`silenced until ${when(a.silencedUntilMs ?? 0).slice(0, -3)}`);
	return words.join(" · ");
}

export function resolvedRow(ctx: ViewContext): Row<AlertInfo> {
	const parts = alertParts(ctx);
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
			setMoments(el, a.startsMs, a.endsMs);
			parts.fill(a, ctx.now());
			setText(parts.when, resolvedWords(a, ctx.now()));
			setAttr(parts.when, "title", a.endsMs === null ? null : `resolved ${fullTime(a.endsMs, ctx.zone())}`);
		},
	};
}

function resolvedWords(a: AlertInfo, now: number): string {
	if (a.endsMs === null) return "resolved";
	const fired = a.startsMs === null || a.endsMs < a.startsMs ? "" : ` after ${duration(a.endsMs - a.startsMs)}`;
	return `resolved ${age(a.endsMs, now)}${fired}`;
}
