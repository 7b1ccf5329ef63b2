/** AlertPanel: what fires, worst first, narrowed and grouped; with the two answers an operator has. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { AlertInfo } from "../wire/types";
import { AlertBar } from "./alert-bar";
import { Deeds } from "./alert-deeds";
import { bySeverityThenAge, type Group, grouped, groupNames } from "./alert-groups";
import { accepts, parseMatchers } from "./alert-matchers";
import { activeRow, isSilenced, type RowActions, resolvedRow } from "./alert-row";
import { SilenceForm } from "./alert-silence";
import { AlertSound } from "./alert-sound";
import { AlertSpeech } from "./alert-speech";
import { PointedRows } from "./pointed-rows";
import { RangeChip, type Stretch } from "./range-chip";
import type { ViewContext, Widget } from "./view";

/** Rows drawn at most: more, nobody reads; the rest is counted. */
const MAX_ROWS = 200;

export function alertsWidget(ctx: ViewContext): Widget {
	const deeds = new Deeds(ctx);
	const sound = new AlertSound(() => ctx.invalidate());
	const speech = new AlertSpeech();
	ctx.scope.add(() => sound.close());
	const bar = new AlertBar(ctx, sound);
	const silence = new SilenceForm(ctx, deeds);
	const groupBox = h("div", { class: "gunj-alert-groups" });
	const resolvedList = h("ul", { class: "gunj-alerts", "aria-label": "Resolved alerts" });
	const summary = h("summary");
	const resolvedBox = h("details", { class: "gunj-resolved" }, summary, resolvedList);
	const empty = h("p", { class: "gunj-empty" });
	const surplus = h("p", { class: "gunj-muted gunj-surplus", hidden: true });
	ctx.card.body.append(bar.el, silence.el, empty, groupBox, surplus, resolvedBox, ...speech.els);
	ctx.scope.listen(bar.silence, "click", () => silence.open(bar.silence, bar.text));
	const actions: RowActions = {
		silence: (alert, opener) => silence.open(opener, alert),
		narrow: (name, value) => bar.narrow(name, value),
	};
	const groups = new KeyedRows<Group>(
		groupBox,
		(group) => group.value,
		() => groupRow(() => activeRow(ctx, deeds, actions), bar),
	);
	const past = new KeyedRows<AlertInfo>(
		resolvedList,
		(a) => a.fingerprint,
		() => resolvedRow(ctx),
	);
	const chip = new RangeChip(ctx);
	const pointed = new PointedRows(ctx, ctx.card.body);
	let calmSinceMs: number | null = null;
	resolvedBox.open = ctx.options.resolved === true;
	ctx.scope.listen(resolvedBox, "toggle", () => {
		if (resolvedBox.open !== (ctx.options.resolved === true)) ctx.keep({ resolved: resolvedBox.open });
		ctx.invalidate();
	});

	return {
		paint() {
			const value = ctx.cells.alerts?.value ?? null;
			const matchers = parseMatchers(bar.text);
			const all = [...(value?.active ?? [])].sort(bySeverityThenAge);
			const range = chip.paint();
			const passes = (a: AlertInfo) => accepts(matchers, a) && during(a, range);
			const active = all.filter((a) => passes(a) && !(bar.hideSilenced && isSilenced(a, ctx.now())));
			const resolved = (value?.resolved ?? []).filter(passes);
			if (value) sound.hear(all.filter((a) => !isSilenced(a, ctx.now())));
			if (value) speech.hear(all, (a) => accepts(matchers, a) && !isSilenced(a, ctx.now()));
			ctx.card.title(
				str(ctx.options.title) || "Alerts",
				active.length < all.length ? `${count(active.length)} of ${count(all.length)} shown` : "",
			);
			calmSinceMs = all.length || !value ? null : (calmSinceMs ?? ctx.now());
			const ended = (value?.resolved ?? []).reduce<number>((last, a) => Math.max(last, a.endsMs ?? 0), 0);
			setText(
				empty,
				all.length ? "no active alert passes the filter" : emptyWords(value !== null, ended || calmSinceMs, ctx.when),
			);
			show(empty, active.length === 0);
			bar.paint(value, matchers, groupNames(all), all.filter((a) => isSilenced(a, ctx.now())).length);
			deeds.keep(all);
			groups.update(grouped(active.slice(0, MAX_ROWS), bar.groupBy));
			show(surplus, active.length > MAX_ROWS);
			setText(surplus, `${count(active.length - MAX_ROWS)} more: filter to see them`);
			silence.update(all, value?.standing ?? "");
			show(resolvedBox, resolved.length > 0);
			setText(summary, `resolved (${count(resolved.length)})`);
			if (resolvedBox.open) past.update(resolved);
			pointed.paint();
			setAttr(ctx.card.root, "data-active", all.length);
			setAttr(ctx.card.root, "data-shown", active.length);
		},
	};
}

/** Whether an alert was there at any moment of a stretch. */
function during(a: AlertInfo, range: Stretch | null): boolean {
	return !range || ((a.startsMs ?? 0) <= range.toMs && (a.endsMs ?? Number.POSITIVE_INFINITY) >= range.fromMs);
}

function emptyWords(known: boolean, sinceMs: number | null, when: ViewContext["when"]): string {
	if (!known) return "waiting for the first alerts";
	return `no active alerts ✓${sinceMs ? ` since ${when(sinceMs)}` : ""}`;
}

function groupRow(row: () => Row<AlertInfo>, bar: AlertBar): Row<Group> {
	const head = h("h4", { class: "gunj-group" });
	const list = h("ul", { class: "gunj-alerts", "aria-label": "Active alerts" });
	const rows = new KeyedRows<AlertInfo>(list, (a) => a.fingerprint, row);
	return {
		el: h("section", {}, head, list),
		update({ value, alerts }) {
			show(head, bar.groupBy !== "");
			setText(head, `${bar.groupBy}: ${oneLine(value) || "none"} (${count(alerts.length)})`);
			setAttr(list, "aria-label", bar.groupBy ? `Active alerts, ${head.textContent ?? ""}` : "Active alerts");
			rows.update(alerts);
			show(list, alerts.length > 0);
		},
	};
}
