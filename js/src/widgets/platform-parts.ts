/** The lists inside a PlatformCard. Each knows how to draw itself from the whole platform. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { age, count, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import type { ComponentInfo, ConditionInfo, KubeEventInfo, OperationInfo, PlatformBody } from "../wire/types";
import { HEALTH_SHAPE, type Tone } from "./marks";
import type { ViewContext } from "./view";

export interface PlatformPart {
	el: HTMLElement;
	paint(platform: PlatformBody): void;
}

/** Conditions where True is the bad news. */
const BAD_WHEN_TRUE = /(Pressure|Degraded|Failed|Failing|Stalled|Error|Unavailable|Progressing|Paused)$/;

export function componentTable(): PlatformPart {
	const rows = h("tbody");
	const heads = ["health", "component", "version", "ready", "message"];
	const table = h(
		"table",
		{ class: "gunj-table gunj-components" },
		h("caption", { class: "gunj-sr" }, "Components"),
		h("thead", {}, h("tr", {}, ...heads.map((text) => h("th", { scope: "col" }, text)))),
		rows,
	);
	const list = new KeyedRows<ComponentInfo>(rows, (c) => c.name, componentRow);
	return {
		el: table,
		paint(platform) {
			show(table, platform.components.length > 0);
			list.update(platform.components);
		},
	};
}

function componentRow(): Row<ComponentInfo> {
	const health = h("td", { class: "gunj-health" });
	const name = h("th", { scope: "row" });
	const [version, ready, message] = [h("td", { class: "gunj-version" }), h("td"), h("td", { class: "gunj-grow" })];
	const el = h("tr", {}, health, name, version, ready, message);
	return {
		el,
		update(c) {
			setAttr(el, "data-health", c.health);
			setAttr(el, "data-component", c.name);
			setText(health, `${HEALTH_SHAPE[c.health]} ${c.health}`);
			setText(name, oneLine(c.name));
			setAttr(name, "title", oneLine(c.name));
			setText(version, oneLine(c.version) || "–");
			setText(ready, c.replicas === null && c.ready === null ? "–" : `${c.ready ?? "?"}/${c.replicas ?? "?"}`);
			setAttr(ready, "data-tone", c.replicas !== null && (c.ready ?? 0) < c.replicas ? "warn" : null);
			const text = c.message || (c.phase && c.phase !== "Ready" ? c.phase : "");
			setText(message, oneLine(text));
			setAttr(message, "title", text ? oneLine(text) : null);
		},
	};
}

export function conditionList(ctx: ViewContext): PlatformPart {
	const rows = h("ul", { class: "gunj-lines" });
	const el = h("div", { class: "gunj-block" }, h("h4", {}, "conditions"), rows);
	const list = new KeyedRows<ConditionInfo>(
		rows,
		(c) => c.type,
		() => conditionRow(ctx),
	);
	return {
		el,
		paint(platform) {
			show(el, platform.conditions.length > 0);
			list.update(platform.conditions);
		},
	};
}

/** Whether a condition is good news: most say so by True, a few by False. */
export function conditionTone(c: Pick<ConditionInfo, "type" | "status">): Tone {
	if (c.status !== "True" && c.status !== "False") return "quiet";
	if (!BAD_WHEN_TRUE.test(c.type)) return c.status === "True" ? "good" : "bad";
	if (c.type.endsWith("Progressing")) return c.status === "True" ? "busy" : "quiet";
	return c.status === "True" ? "bad" : "good";
}

const CONDITION_SHAPE: Partial<Record<Tone, string>> = { good: "✓", bad: "■", busy: "◌", quiet: "○" };

function conditionRow(ctx: ViewContext): Row<ConditionInfo> {
	const [type, status, reason, when] = [
		h("strong"),
		h("span"),
		h("span", { class: "gunj-clip" }),
		h("span", { class: "gunj-muted gunj-right" }),
	];
	const el = h("li", {}, status, type, reason, when);
	return {
		el,
		update(c) {
			const tone = conditionTone(c);
			setAttr(el, "data-condition", c.type);
			setText(type, oneLine(c.type));
			setText(status, `${c.status === "Unknown" ? "?" : CONDITION_SHAPE[tone]} ${c.status}`);
			setAttr(status, "data-tone", tone);
			setText(reason, oneLine(c.reason));
			setAttr(el, "title", c.message ? oneLine(c.message) : null);
			setText(when, c.sinceMs === null ? "" : age(c.sinceMs, ctx.now()));
		},
	};
}

export function eventList(ctx: ViewContext): PlatformPart {
	const rows = h("ul", { class: "gunj-lines" });
	const el = h("div", { class: "gunj-block" }, h("h4", {}, "last events"), rows);
	const list = new KeyedRows<KubeEventInfo>(
		rows,
		(e) => `${e.tMs} ${e.reason} ${e.component} ${e.message}`,
		() => eventRow(ctx),
	);
	return {
		el,
		paint(platform) {
			show(el, platform.events.length > 0);
			list.update([...platform.events].sort((a, b) => (b.tMs ?? 0) - (a.tMs ?? 0)));
		},
	};
}

function eventRow(ctx: ViewContext): Row<KubeEventInfo> {
	const reason = h("strong");
	const [text, when] = [h("span", { class: "gunj-clip" }), h("span", { class: "gunj-muted gunj-right" })];
	const el = h("li", {}, reason, text, when);
	return {
		el,
		update(e) {
			const warning = e.type === "Warning";
			setText(reason, `${warning ? "▲" : "·"} ${oneLine(e.reason)}`);
			setAttr(reason, "data-tone", warning ? "warn" : null);
			const words = [e.component, e.message].filter(Boolean).map(oneLine).join(": ");
			setText(text, words);
			setAttr(el, "title", `${words}${e.tMs === null ? "" : `\n${fullTime(e.tMs, ctx.zone())}`}`);
			setText(when, e.tMs === null ? "" : age(e.tMs, ctx.now()));
		},
	};
}

export function operationList(): PlatformPart {
	const el = h("div", { class: "gunj-operations" });
	const list = new KeyedRows<OperationInfo>(el, (o) => o.id, operationRow);
	return {
		el,
		paint(platform) {
			show(el, platform.operations.length > 0);
			list.update(platform.operations);
		},
	};
}

const OPERATION_TONE: Record<string, Tone> = {
	running: "busy",
	pending: "quiet",
	succeeded: "good",
	failed: "bad",
	cancelled: "quiet",
};

function operationRow(): Row<OperationInfo> {
	const [kind, stage, percent] = [h("strong"), h("span", { class: "gunj-clip" }), h("span", { class: "gunj-right" })];
	const fill = h("i");
	const bar = h("div", { class: "gunj-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
	const el = h("div", { class: "gunj-operation" }, h("div", { class: "gunj-line" }, kind, stage, percent), bar);
	return {
		el,
		update(o) {
			const done = Math.round(o.progress * 100);
			setAttr(el, "data-operation", o.id);
			setAttr(el, "data-tone", OPERATION_TONE[o.status] ?? "quiet");
			setText(kind, oneLine(o.kind));
			setText(stage, [o.status, o.stage, o.message].filter(Boolean).map(oneLine).join(" · "));
			setText(percent, `${done}%`);
			setAttr(bar, "aria-valuenow", done);
			setAttr(bar, "aria-label", oneLine(`${o.kind} ${o.stage}`).trim());
			fill.style.width = `${done}%`;
		},
	};
}

export function alertCounts(): PlatformPart {
	const shapes: [keyof PlatformBody["alerts"], string, Tone][] = [
		["critical", "■", "bad"],
		["warning", "▲", "warn"],
		["info", "●", "busy"],
	];
	const el = h("div", { class: "gunj-line gunj-alert-counts" });
	const calm = h("span", { class: "gunj-muted" }, "✓ no active alerts");
	const chips = shapes.map(([severity, shape, tone]) => ({
		severity,
		shape,
		el: h("span", { class: "gunj-chip", "data-tone": tone }),
	}));
	el.append(calm, ...chips.map((chip) => chip.el));
	return {
		el,
		paint({ alerts }) {
			show(calm, alerts.critical + alerts.warning + alerts.info === 0);
			for (const chip of chips) {
				show(chip.el, alerts[chip.severity] > 0);
				setText(chip.el, `${chip.shape} ${count(alerts[chip.severity])} ${chip.severity}`);
			}
		},
	};
}
