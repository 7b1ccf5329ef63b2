/** EventFeed: what Kubernetes said, newest first; a repetition is one row with a count. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { age, count, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { EventInfo } from "../wire/types";
import { button } from "./marks";
import { PointedRows, setMoments } from "./pointed-rows";
import { RangeChip } from "./range-chip";
import type { ViewContext, Widget } from "./view";

export function eventsWidget(ctx: ViewContext): Widget {
	const input = h("input", {
		type: "search",
		class: "gunj-search",
		placeholder: "words in reason, message or component",
		"aria-label": "Filter events",
		spellcheck: "false",
		"data-lm-suppress-shortcuts": "true",
	});
	const warnings = button("", "Only warnings");
	const bar = h("div", { class: "gunj-activity-bar" }, warnings, h("div", { class: "gunj-searchbox" }, input));
	const list = h("ul", { class: "gunj-events", "aria-label": "Kubernetes events", tabindex: 0 });
	const empty = h("p", { class: "gunj-empty" });
	ctx.card.body.append(bar, empty, list);
	const rows = new KeyedRows<EventInfo>(
		list,
		(e) => JSON.stringify([e.platform, e.component, e.type, e.reason, e.message]),
		() => eventRow(ctx),
	);
	const chip = new RangeChip(ctx);
	const pointed = new PointedRows(ctx, list);
	let onlyWarnings = ctx.options.warnings === true;
	input.value = str(ctx.options.words);
	ctx.scope.listen(input, "input", () => {
		ctx.keep({ words: input.value });
		ctx.invalidate();
	});
	ctx.scope.listen(warnings, "click", () => {
		onlyWarnings = !onlyWarnings;
		ctx.keep({ warnings: onlyWarnings });
		ctx.invalidate();
	});
	return {
		paint() {
			const value = ctx.cells.events?.value ?? null;
			const all = value?.events ?? [];
			const words = input.value.trim().toLowerCase();
			const range = chip.paint();
			const within = (e: EventInfo) =>
				!range || ((e.tMs ?? 0) >= range.fromMs && (e.firstMs ?? e.tMs ?? 0) <= range.toMs);
			const shown = all.filter((e) => within(e) && (!onlyWarnings || isWarning(e)) && (!words || says(e, words)));
			const older = (value?.total ?? 0) - all.length;
			const parts = [
				shown.length < all.length
					? `${count(shown.length)} of ${count(all.length)} shown`
					: `${count(all.length)} event${all.length === 1 ? "" : "s"}`,
				older > 0 ? `${count(older)} older` : "",
			];
			ctx.card.title(str(ctx.options.title) || "Events", value ? parts.filter(Boolean).join(", ") : "");
			show(bar, value !== null);
			const n = all.filter(isWarning).length;
			setText(warnings, `▲ ${count(n)} warning${n === 1 ? "" : "s"}`);
			setAttr(warnings, "aria-pressed", onlyWarnings ? "true" : "false");
			setText(
				empty,
				value ? (all.length ? "no event passes the filter" : "no events yet") : "waiting for the first events",
			);
			show(empty, shown.length === 0);
			show(list, shown.length > 0);
			rows.update(shown);
			pointed.paint();
			setAttr(ctx.card.root, "data-rows", shown.length);
		},
	};
}

function isWarning(e: EventInfo): boolean {
	return e.type !== "Normal";
}

function says(e: EventInfo, words: string): boolean {
	return `${e.reason}\n${e.message}\n${e.component}\n${e.platform}`.toLowerCase().includes(words);
}

function eventRow(ctx: ViewContext): Row<EventInfo> {
	const reason = h("strong", { class: "gunj-event-reason" });
	const [where, times] = [h("span", { class: "gunj-muted" }), h("span", { class: "gunj-event-count" })];
	const [text, when] = [h("span", { class: "gunj-event-text" }), h("span", { class: "gunj-muted gunj-right" })];
	const el = h("li", { class: "gunj-event" }, reason, where, times, when, text);
	return {
		el,
		update(e) {
			const warning = isWarning(e);
			setAttr(el, "data-type", warning ? "warning" : "normal");
			setMoments(el, e.tMs, e.firstMs);
			setText(reason, `${warning ? "▲" : "·"} ${oneLine(e.reason) || "no reason"}`);
			setAttr(reason, "data-tone", warning ? "warn" : null);
			setText(where, [e.platform, e.component].filter(Boolean).map(oneLine).join(" / "));
			setText(times, e.count > 1 ? `×${count(e.count)}` : "");
			setText(text, oneLine(e.message));
			setText(when, e.tMs === null ? "" : age(e.tMs, ctx.now()));
			setAttr(when, "title", spanWords(e));
		},
	};
}

function spanWords(e: EventInfo): string | null {
	const [first, last] = [e.firstMs, e.tMs].map((t) => (t === null ? "" : fullTime(t)));
	if (!last) return null;
	return first && first !== last ? `first ${first}\nlast ${last}` : last;
}
