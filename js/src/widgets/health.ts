/** ComponentHealth: the components of one platform, what ails them first. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { age, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { ComponentInfo, Health } from "../wire/types";
import { HEALTH_SHAPE, type Tone } from "./marks";
import type { ViewContext, Widget } from "./view";

const WORST_FIRST: readonly Health[] = ["unhealthy", "degraded", "unknown", "healthy"];
const TONE: Record<Health, Tone> = { unhealthy: "bad", degraded: "warn", unknown: "quiet", healthy: "good" };

export function healthWidget(ctx: ViewContext): Widget {
	const chosen = Array.isArray(ctx.options.components) ? ctx.options.components.map(String) : [];
	const counts = WORST_FIRST.map((health) => ({ health, el: h("span", { "data-tone": TONE[health], hidden: true }) }));
	const list = h("ul", { class: "gunj-health-list" });
	const empty = h("p", { class: "gunj-empty" });
	const rows = new KeyedRows<ComponentInfo>(
		list,
		(c) => c.name,
		() => healthRow(ctx),
	);
	const line = h("p", { class: "gunj-health-counts", role: "status" }, ...counts.map(({ el }) => el));
	ctx.card.body.append(line, list, empty);
	return {
		paint() {
			const platform = ctx.cells.platform?.value ?? null;
			const known = platform?.components ?? [];
			const shown = known.filter(({ name }) => chosen.length === 0 || chosen.includes(name)).sort(worstFirst);
			ctx.card.title(
				str(ctx.options.title) || `${platform?.name || "Platform"}: components`,
				oneLine(platform?.namespace ?? ""),
			);
			for (const { health, el } of counts) {
				const n = shown.filter((c) => c.health === health).length;
				show(el, n > 0);
				setText(el, `${HEALTH_SHAPE[health]} ${n} ${health}`);
			}
			show(line, shown.length > 0);
			show(empty, shown.length === 0);
			setText(empty, emptyWords(platform?.found ?? null, chosen));
			rows.update(shown);
		},
	};
}

export function worstFirst(a: ComponentInfo, b: ComponentInfo): number {
	return WORST_FIRST.indexOf(a.health) - WORST_FIRST.indexOf(b.health) || a.name.localeCompare(b.name);
}

function emptyWords(found: boolean | null, chosen: readonly string[]): string {
	if (found === null) return "waiting for first status";
	if (!found) return "? the operator knows no platform of this name — check name and namespace";
	return chosen.length
		? `no component is called ${chosen.map(oneLine).join(" or ")}`
		: "the platform names no component";
}

function healthRow(ctx: ViewContext): Row<ComponentInfo> {
	const state = h("span", { class: "gunj-health" });
	const name = h("strong");
	const facts = h("span", { class: "gunj-muted" });
	const message = h("p", { class: "gunj-message" });
	const el = h("li", {}, h("div", { class: "gunj-line" }, state, name, facts), message);
	return {
		el,
		update(c) {
			setAttr(el, "data-health", c.health);
			setAttr(el, "data-component", c.name);
			setText(state, `${HEALTH_SHAPE[c.health]} ${c.health}`);
			setAttr(state, "data-tone", TONE[c.health]);
			setText(name, oneLine(c.name));
			const ready = c.replicas === null && c.ready === null ? "" : `${c.ready ?? "?"}/${c.replicas ?? "?"} ready`;
			const old = c.updatedMs === null ? "" : `updated ${age(c.updatedMs, ctx.now())}`;
			const version = c.version && `v${oneLine(c.version).replace(/^v/, "")}`;
			setText(facts, [version, ready, old].filter(Boolean).join(" · "));
			setAttr(facts, "title", c.updatedMs === null ? null : fullTime(c.updatedMs, ctx.zone()));
			const text = c.message || (c.phase && c.phase !== "Ready" ? c.phase : "");
			setText(message, oneLine(text));
			show(message, text !== "");
		},
	};
}
