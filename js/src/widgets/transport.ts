/** ReplayBar: where a recording stands, and the way about in it. */
import { h, setText, show } from "../lib/dom";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { Moment, ReplayInfo } from "../wire/types";
import { button } from "./marks";
import { Scrub } from "./scrub";
import type { ViewContext, Widget } from "./view";

const SPEEDS = [0.1, 0.5, 1, 2, 5, 10, 30, 60, 100, 1000];
const MARKED = new Set(["alert", "deploy", "note", "gap"]);
const SHAPE: Record<string, string> = { alert: "▲", deploy: "⇧", note: "✎", gap: "▨" };
const MAX_MARKS = 100;

export function transportWidget(ctx: ViewContext): Widget {
	const act = (args: Record<string, unknown>) => void ctx.act("replay", args).catch(() => undefined);
	const scrub = new Scrub(ctx.scope, act, () => ctx.invalidate());
	const step = button("⇥ Step", "Tell the next of what came together");
	const first = button("⏮", "To the beginning");
	first.setAttribute("aria-label", "To the beginning");
	const speed = h("select", { class: "gunj-input", "aria-label": "Speed" });
	for (const n of SPEEDS) speed.append(h("option", { value: n }, `×${n}`));
	const marks = h("div", { class: "gunj-scrub-marks", "aria-hidden": "true" });
	const told = h("span", { class: "gunj-muted" });
	const empty = h("p", { class: "gunj-empty" }, "this session is live: there is nothing to replay");
	const bar = h("div", { class: "gunj-activity-bar" }, first, scrub.play, step, speed, scrub.lane, scrub.place, told);
	scrub.lane.append(marks);
	ctx.card.body.append(bar, empty);
	let shown: ReplayInfo | null = null;
	let drawn = "";

	ctx.scope.listen(step, "click", () => act({ step: 1 }));
	ctx.scope.listen(first, "click", () => act({ seekMs: shown?.fromMs ?? 0 }));
	ctx.scope.listen(speed, "change", () => act({ speed: Number(speed.value) }));

	return {
		paint() {
			const status = ctx.cells.status?.value ?? null;
			shown = status?.replay ?? null;
			ctx.card.title(str(ctx.options.title) || "Replay", status?.server ?? "");
			show(bar, shown !== null);
			show(empty, status !== null && !shown);
			if (!shown) return;
			if (document.activeElement !== speed) speed.value = String(nearest(shown.speed));
			const far = scrub.paint(shown, ctx.now(), ctx.zone());
			setText(told, `${far} · ${count(shown.told)} of ${count(shown.total)} events`);
			mark(shown, ctx.cells.timeline?.value?.moments ?? []);
		},
	};

	/** What was told so far stands over the bar. */
	function mark({ fromMs, toMs }: ReplayInfo, moments: Moment[]): void {
		const found = moments.filter((m) => MARKED.has(m.kind) && m.tMs >= fromMs && m.tMs <= toMs).slice(-MAX_MARKS);
		const words = found.map((m) => `${m.kind} ${m.tMs}`).join();
		if (words === drawn) return;
		drawn = words;
		marks.replaceChildren(
			...found.map((m) => {
				const el = h(
					"span",
					{ class: "gunj-scrub-mark", "data-tone": m.tone, title: oneLine(m.title) },
					SHAPE[m.kind] ?? "●",
				);
				el.style.left = `${((m.tMs - fromMs) / Math.max(1, toMs - fromMs)) * 100}%`;
				return el;
			}),
		);
	}
}

function nearest(speed: number): number {
	return SPEEDS.reduce((best, n) => (Math.abs(n - speed) < Math.abs(best - speed) ? n : best));
}
