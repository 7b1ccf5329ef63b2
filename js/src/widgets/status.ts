/** ConnectionStatus: what stands between the user and the operator, and what it cost. */
import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { age, clock, count, duration, formatValue } from "../lib/format";
import { str } from "../wire/read";
import type { StatusBody, TransportInfo } from "../wire/types";
import { button, Fact, stateMark } from "./marks";
import { countdown } from "./truth";
import type { ViewContext, Widget } from "./view";

/** Counts always shown, in this order. */
const COUNTS = ["received", "stored", "duplicate", "malformed", "gap", "dropped", "conflated", "reconnects"];
/** Other counts that tell of something lost join them once they are not zero; the rest waits behind "more". */
const LOSS = /drop|gap|reset|lost|expire|malformed|late|refused|error/;
const WORRYING = new Set(["malformed", "gap", "dropped", "reset"]);

export function statusWidget(ctx: ViewContext): Widget {
	const state = h("strong", { class: "gunj-state" });
	const since = h("span", { class: "gunj-muted" });
	const reason = h("p", { class: "gunj-reason", hidden: true });
	const remedy = h("p", { class: "gunj-remedy", hidden: true });
	const reconnect = reconnectButton(ctx);
	const facts = {
		latency: new Fact("latency", "time there and back to the server"),
		heartbeat: new Fact("heartbeat", "last sign of life the server sent for its own sake"),
		rate: new Fact("pace", "updates a second let through to this browser; adapts to how fast it paints"),
		attempt: new Fact("attempt", "dials since the last healthy connection"),
	};
	const rows = h("tbody");
	const transports = h(
		"table",
		{ class: "gunj-table gunj-transports" },
		h("caption", { class: "gunj-sr" }, "Transports"),
		h(
			"thead",
			{},
			h("tr", {}, ...["transport", "state", "last byte", "next try"].map((t) => h("th", { scope: "col" }, t))),
		),
		rows,
	);
	const list = new KeyedRows<TransportInfo>(
		rows,
		(t) => t.name,
		() => transportRow(() => ctx.now()),
	);
	const grid = h("dl", { class: "gunj-facts gunj-counts" });
	const counts = new KeyedRows<[string, number]>(grid, ([name]) => name, countRow);
	const moreGrid = h("dl", { class: "gunj-facts" });
	const moreCounts = new KeyedRows<[string, number]>(moreGrid, ([name]) => name, countRow);
	const summary = h("summary");
	const more = h("details", { class: "gunj-more-counts" }, summary, moreGrid);
	const empty = h("p", { class: "gunj-empty" }, "waiting for the first word from the kernel");
	const main = h(
		"div",
		{ class: "gunj-stack", hidden: true },
		h("div", { class: "gunj-line" }, state, since, reconnect.el),
		reason,
		remedy,
		h("dl", { class: "gunj-facts" }, ...Object.values(facts).map((fact) => fact.el)),
		transports,
		grid,
		more,
	);
	ctx.card.body.append(empty, main);

	return {
		paint() {
			const status = ctx.cells.status?.value ?? null;
			ctx.card.title(str(ctx.options.title) || status?.server || "Connection", status?.name ?? "");
			show(empty, !status);
			show(main, status !== null);
			if (!status) return;
			const now = ctx.now();
			// Without word from the kernel the state is hearsay, and must not look like knowledge.
			const gone = ctx.card.root.dataset.live === "gone";
			const silentMs = status.state === "open" && !gone ? status.silentSinceMs : null;
			const known = silentMs === null ? stateMark(status.state) : stateMark("silent");
			const mark = gone ? { shape: "? last known:", tone: "quiet" } : known;
			setText(state, `${mark.shape} ${silentMs === null ? status.state : "open, but silent"}`);
			setAttr(state, "data-tone", mark.tone);
			setText(since, gone ? "" : sinceWords(status, now, silentMs ?? status.sinceMs));
			// The banner says it where the connection failed.
			const told = status.state !== "failed" || gone;
			setText(reason, status.reason);
			show(reason, told && status.reason !== "");
			setText(remedy, status.remedy && `→ ${status.remedy}`);
			show(remedy, told && status.remedy !== "");
			reconnect.paint(status);
			facts.latency.set(status.latencyMs === null ? "–" : formatValue(status.latencyMs, "ms"));
			facts.heartbeat.set(age(status.heartbeatMs, now));
			facts.rate.set(status.rate === null ? "–" : `${formatValue(status.rate, "")}/s`);
			facts.attempt.set(String(status.attempt), status.attempt > 1 ? "warn" : null);
			show(transports, status.transports.length > 0);
			list.update(status.transports);
			const [shown, rest] = countLists(status.counts);
			counts.update(shown);
			moreCounts.update(rest);
			show(more, rest.length > 0);
			setText(summary, `more (${rest.length})`);
		},
	};
}

function sinceWords(status: StatusBody, now: number, sinceMs: number): string {
	if (status.state === "waiting") return countdown(status, now);
	return sinceMs > 0 ? `for ${duration(now - sinceMs)}, since ${clock(sinceMs, status.range.zone)}` : "";
}

/** The counts in sight, and those behind "more". */
function countLists(counts: Record<string, number>): [[string, number][], [string, number][]] {
	const known = COUNTS.map((name): [string, number] => [name, counts[name] ?? 0]);
	const others = Object.entries(counts).filter(([name, n]) => n !== 0 && !COUNTS.includes(name));
	const losses = others.filter(([name]) => LOSS.test(name));
	return [[...known, ...losses], others.filter(([name]) => !LOSS.test(name))];
}

function countRow(): Row<[string, number]> {
	const [label, value] = [h("dt"), h("dd")];
	return {
		el: h("div", { class: "gunj-fact" }, label, value),
		update([name, n]) {
			setText(label, name.replaceAll("_", " "));
			setAttr(label, "title", name);
			setText(value, count(n));
			setAttr(value, "data-tone", n > 0 && WORRYING.has(name) ? "warn" : null);
		},
	};
}

function transportRow(now: () => number): Row<TransportInfo> {
	const [name, state, last, next] = [h("th", { scope: "row" }), h("td"), h("td"), h("td")];
	return {
		el: h("tr", {}, name, state, last, next),
		update(t) {
			const word = t.silent ? "silent" : t.state;
			const mark = stateMark(word);
			setText(name, t.name);
			setText(state, `${mark.shape} ${word}`);
			setAttr(state, "data-tone", mark.tone);
			setAttr(state, "title", t.reason || null);
			setText(last, age(t.lastByteMs, now()));
			setText(
				next,
				t.retryAtMs === null ? (t.reason ? t.reason : "") : countdown(t, now()).replace("reconnecting ", ""),
			);
		},
	};
}

function reconnectButton(ctx: ViewContext): { el: HTMLElement; paint(status: StatusBody): void } {
	const press = button("Reconnect now", "Dial at once instead of waiting", "gunj-primary");
	const error = h("span", { class: "gunj-error", role: "alert" });
	let pending = false;
	ctx.scope.listen(press, "click", async () => {
		pending = true;
		setText(error, "");
		ctx.invalidate();
		try {
			await ctx.act("reconnect");
		} catch (problem) {
			setText(error, (problem as Error).message);
		}
		pending = false;
		ctx.invalidate();
	});
	const el = h("span", { class: "gunj-reconnect" }, press, error);
	return {
		el,
		paint(status) {
			show(el, status.state === "waiting" || status.state === "failed");
			press.disabled = pending;
			setText(press, pending ? "Reconnecting …" : "Reconnect now");
		},
	};
}
