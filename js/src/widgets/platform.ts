/** PlatformCard: one platform at a glance. */
import { h, setAttr, setText, show } from "../lib/dom";
import { age, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { PlatformBody } from "../wire/types";
import { phaseTone } from "./marks";
import { logTail, sparkPair } from "./platform-live";
import { alertCounts, componentTable, conditionList, eventList, operationList } from "./platform-parts";
import type { ViewContext, Widget } from "./view";

export function platformWidget(ctx: ViewContext): Widget {
	const phase = h("span", { class: "gunj-badge gunj-phase", hidden: true });
	ctx.card.lead.append(phase);
	const empty = h("p", { class: "gunj-empty" });
	const message = h("span", { class: "gunj-message" });
	const updated = h("span", { class: "gunj-muted gunj-updated" });
	const line = h("div", { class: "gunj-line" }, message, updated);
	const [alerts, components, operations] = [alertCounts(), componentTable(), operationList()];
	const [conditions, events] = [conditionList(ctx), eventList(ctx)];
	const sparks = sparkPair(ctx);
	const logs = logTail(ctx);
	const main = h(
		"div",
		{ class: "gunj-stack", hidden: true },
		line,
		alerts.el,
		sparks.el,
		operations.el,
		components.el,
		h("div", { class: "gunj-columns" }, conditions.el, events.el),
		logs.el,
	);
	ctx.card.body.append(empty, main);

	const header = (platform: PlatformBody | null) => {
		const named = platform?.name || str(ctx.options.title) || "Platform";
		ctx.card.title(str(ctx.options.title) || oneLine(named), platform ? platformSub(platform) : "");
		const shown = platform?.found ? platform.phase : null;
		setAttr(ctx.card.root, "data-phase", shown);
		show(phase, shown !== null);
		setText(phase, shown ?? "");
		setAttr(phase, "data-tone", shown ? phaseTone(shown) : null);
	};

	return {
		paint() {
			const platform = ctx.cells.platform?.value ?? null;
			header(platform);
			setText(empty, platform ? unknownWords(platform) : "waiting for first status");
			show(empty, !platform?.found);
			show(main, platform?.found ?? false);
			if (!platform?.found) return;
			setText(message, oneLine(platform.message));
			setText(updated, platform.updatedMs === null ? "" : `updated ${age(platform.updatedMs, ctx.now())}`);
			setAttr(updated, "title", platform.updatedMs === null ? null : fullTime(platform.updatedMs, ctx.zone()));
			for (const part of [alerts, components, operations, conditions, events]) part.paint(platform);
			sparks.paint();
			logs.paint();
		},
		recolour: () => sparks.recolour(),
		lost: () => (ctx.cells.metrics?.store.lost ?? 0) + (ctx.cells.logs?.ring.lost ?? 0),
	};
}

function platformSub(p: PlatformBody): string {
	return [p.namespace, p.version && `v${p.version.replace(/^v/, "")}`].filter(Boolean).map(oneLine).join(" · ");
}

function unknownWords(p: PlatformBody): string {
	const who = [p.namespace, p.name || p.id].filter(Boolean).join("/");
	return `? the operator knows no platform ${who ? `“${oneLine(who)}”` : "of this name"} — check name and namespace`;
}
