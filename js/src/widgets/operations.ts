/** OperationProgress: stages, how far, how much longer, and a way to stop. */

import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { refocus } from "../lib/focus";
import { age, count, duration, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { OperationFacts, StageFacts } from "../wire/types";
import { button, type Tone } from "./marks";
import type { ViewContext, Widget } from "./view";

const MARK: Record<string, { shape: string; tone: Tone }> = {
	pending: { shape: "○", tone: "quiet" },
	running: { shape: "◌", tone: "busy" },
	succeeded: { shape: "✓", tone: "good" },
	failed: { shape: "■", tone: "bad" },
	cancelled: { shape: "✕", tone: "quiet" },
};
const UNKNOWN = { shape: "?", tone: "quiet" as Tone };
const FINISHED = ["succeeded", "failed", "cancelled"];
/** Below this share nothing can be said about the rest. */
const TELLING = 0.03;

/** Milliseconds an operation will still take at the pace it had so far; null where that cannot be told. */
export function remainingMs(o: Pick<OperationFacts, "status" | "progress" | "startedMs">, now: number): number | null {
	if (o.status !== "running" || o.startedMs === null || o.progress < TELLING || o.progress >= 1) return null;
	const spent = now - o.startedMs;
	return spent > 0 ? (spent / o.progress) * (1 - o.progress) : null;
}

export function operationsWidget(ctx: ViewContext): Widget {
	const list = h("ul", { class: "gunj-ops", "aria-label": "Operations" });
	const empty = h("p", { class: "gunj-empty" });
	ctx.card.body.append(empty, list);
	const rows = new KeyedRows<OperationFacts>(
		list,
		(o) => o.id,
		() => operationRow(ctx),
	);
	return {
		paint() {
			const value = ctx.cells.operations?.value ?? null;
			const operations = value?.operations ?? [];
			const running = operations.filter((o) => !FINISHED.includes(o.status)).length;
			ctx.card.title(str(ctx.options.title) || "Operations", value ? `${count(running)} under way` : "");
			setText(empty, value ? "no operations yet" : "waiting for the first operations");
			show(empty, operations.length === 0);
			rows.update(operations);
			setAttr(ctx.card.root, "data-running", running);
		},
	};
}

function operationRow(ctx: ViewContext): Row<OperationFacts> {
	const [status, kind, where] = [h("span"), h("strong"), h("span", { class: "gunj-muted" })];
	const when = h("span", { class: "gunj-muted gunj-right" });
	const fill = h("i");
	const bar = h("div", { class: "gunj-bar", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100 }, fill);
	const stageList = h("ol", { class: "gunj-stages", "aria-label": "Stages" });
	const stages = new KeyedRows<StageFacts>(stageList, (s) => s.name, stageRow);
	const message = h("p", { class: "gunj-op-message" });
	const cancel = new Cancel(ctx);
	const el = h(
		"li",
		{ class: "gunj-op" },
		h("div", { class: "gunj-line" }, status, kind, where, when, cancel.el),
		bar,
		stageList,
		message,
	);
	return {
		el,
		update(o) {
			const mark = MARK[o.status] ?? UNKNOWN;
			const done = Math.round(o.progress * 100);
			setAttr(el, "data-operation", o.id);
			setAttr(el, "data-status", o.status);
			setAttr(el, "data-tone", mark.tone);
			setText(status, `${mark.shape} ${oneLine(o.status)}`);
			setAttr(status, "data-tone", mark.tone);
			setText(kind, oneLine(o.kind));
			setText(where, oneLine(o.platform));
			setText(when, whenWords(o, ctx.now()));
			setAttr(when, "title", o.startedMs === null ? null : `started ${fullTime(o.startedMs, ctx.zone())}`);
			setAttr(bar, "aria-valuenow", done);
			setAttr(bar, "aria-label", oneLine(o.kind));
			fill.style.width = `${done}%`;
			stages.update(o.stages);
			show(stageList, o.stages.length > 0);
			const words = o.error || (o.stages.some((s) => s.name === o.message) ? "" : o.message);
			setText(message, oneLine(words));
			setAttr(message, "data-tone", o.error ? "bad" : null);
			show(message, words !== "");
			cancel.update(o);
		},
	};
}

function whenWords(o: OperationFacts, now: number): string {
	const done = `${Math.round(o.progress * 100)} %`;
	if (FINISHED.includes(o.status)) {
		if (o.finishedMs === null) return done;
		const took = o.startedMs === null ? "" : `took ${duration(Math.max(0, o.finishedMs - o.startedMs))}, `;
		return `${took}ended ${age(o.finishedMs, now)}`;
	}
	const left = remainingMs(o, now);
	return left === null ? done : `${done}, about ${duration(left)} left`;
}

function stageRow(): Row<StageFacts> {
	const el = h("li");
	return {
		el,
		update(s) {
			const mark = MARK[s.status] ?? UNKNOWN;
			setAttr(el, "data-tone", mark.tone);
			setAttr(el, "aria-current", s.status === "running" ? "step" : null);
			const done = s.status === "running" ? ` ${Math.round(s.progress * 100)} %` : "";
			setText(el, `${mark.shape} ${oneLine(s.name)}${done}`);
			setAttr(el, "title", s.message ? oneLine(s.message) : null);
		},
	};
}

/** A button that asks once more, and then says what became of it. */
class Cancel {
	readonly el = h("span", { class: "gunj-cancel" });
	#ask = button("Cancel …", "Stop this operation; asks once more");
	#yes = button("Stop it", "Stop this operation now", "gunj-danger");
	#no = button("Go on", "Let it go on");
	#error = h("span", { class: "gunj-error", role: "alert" });
	#state: "idle" | "asked" | "pending" = "idle";
	#id = "";

	constructor(private readonly ctx: ViewContext) {
		this.el.append(this.#error, this.#ask, this.#yes, this.#no);
		this.#ask.onclick = () => this.#turn("asked", this.#no);
		this.#no.onclick = () => this.#turn("idle", this.#ask);
		this.#yes.onclick = () => void this.#cancel();
	}

	update(o: OperationFacts): void {
		this.#id = o.id;
		const over = FINISHED.includes(o.status);
		show(this.el, !over);
		show(this.#ask, this.#state === "idle");
		show(this.#yes, this.#state === "asked");
		show(this.#no, this.#state === "asked");
		setAttr(this.#ask, "aria-label", `Cancel ${oneLine(o.kind)}`);
		setAttr(this.#error, "data-pending", this.#state === "pending");
		if (this.#state === "pending") setText(this.#error, "stopping …");
	}

	#turn(state: "idle" | "asked", focus: HTMLElement): void {
		this.#state = state;
		setText(this.#error, "");
		for (const el of [this.#ask, this.#yes, this.#no]) show(el, (el === this.#ask) === (state === "idle"));
		focus.focus();
	}

	async #cancel(): Promise<void> {
		this.#state = "pending";
		this.ctx.invalidate();
		try {
			await this.ctx.act("cancel", { operation: this.#id });
			setText(this.#error, "");
		} catch (problem) {
			setText(this.#error, (problem as Error).message);
		}
		this.#state = "idle";
		this.ctx.invalidate();
		// The button that was pressed is gone.
		show(this.#ask, true);
		refocus(this.#ask);
	}
}
