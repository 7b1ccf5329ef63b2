/** Silencing: for how long, by which matchers, and, before anything happens, which alerts that would mute. */
import { h, setAttr, setText, show } from "../lib/dom";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { AlertInfo } from "../wire/types";
import type { Deeds } from "./alert-deeds";
import { accepts, parseMatchers } from "./alert-matchers";
import { button } from "./marks";
import type { ViewContext } from "./view";

/** Seconds, as the kernel speaks. */
const DURATIONS: [number, string][] = [
	[900, "15 minutes"],
	[3600, "1 hour"],
	[4 * 3600, "4 hours"],
	[24 * 3600, "1 day"],
];
const DEFAULT_S = 3600;
/** Alerts one silence may take in: each is a request. */
const MAX_SILENCED = 50;
const SHOWN = 8;
const MAX_SAID = 200;

export class SilenceForm {
	readonly el = h("form", { class: "gunj-silence", hidden: true, "aria-label": "Silence alerts" });
	#duration = h(
		"select",
		{ class: "gunj-select", "aria-label": "For how long" },
		...DURATIONS.map(([s, words]) => h("option", { value: s, selected: s === DEFAULT_S }, words)),
	);
	#matchers = h("input", {
		type: "text",
		class: "gunj-search",
		"aria-label": "Matchers of the alerts to silence",
		spellcheck: "false",
		"data-lm-suppress-shortcuts": "true",
	});
	#comment = field("Comment", "why, for who reads it later");
	#author = field("Author", "who, or nobody: “notebook”");
	#preview = h("div", { class: "gunj-silence-preview", "aria-live": "polite" });
	#go = h("button", { type: "submit", class: "gunj-btn gunj-primary" });
	#cancel = button("Cancel", "Silence nothing (Esc)");
	#active: readonly AlertInfo[] = [];
	#busy = false;
	#outcome = "";
	#opener: HTMLElement | null = null;

	constructor(
		private readonly ctx: ViewContext,
		private readonly deeds: Deeds,
	) {
		const line = (...parts: (HTMLElement | string)[]) => h("div", { class: "gunj-line" }, ...parts);
		this.el.append(
			line(h("label", {}, "Silence for ", this.#duration), " alerts with ", this.#matchers),
			line("because ", this.#comment),
			line("by ", this.#author),
			this.#preview,
			line(this.#go, this.#cancel),
		);
		this.#author.value = str(ctx.options.author);
		ctx.scope.listen(this.#author, "input", () => ctx.keep({ author: this.#author.value }));
		ctx.scope.listen(this.el, "submit", (event) => {
			event.preventDefault();
			void this.#silence();
		});
		ctx.scope.listen(this.#matchers, "input", () => {
			if (!this.#busy) this.#outcome = "";
			this.#paint();
		});
		ctx.scope.listen(this.#cancel, "click", () => this.close());
		ctx.scope.listen<KeyboardEvent>(this.el, "keydown", (event) => {
			event.stopPropagation();
			if (event.key === "Escape") this.close();
		});
	}

	/** Asks about the alerts with these matchers. */
	open(matchers: string, opener: HTMLElement): void {
		this.#opener = opener;
		if (!this.#busy) this.#outcome = "";
		this.#matchers.value = matchers;
		show(this.el, true);
		this.#paint();
		this.#matchers.focus();
	}

	close(): void {
		show(this.el, false);
		this.#opener?.focus();
	}

	update(active: readonly AlertInfo[]): void {
		this.#active = active;
		if (!this.el.hidden) this.#paint();
	}

	get #chosen(): { alerts: AlertInfo[]; error: string } {
		const matchers = parseMatchers(this.#matchers.value);
		if (matchers.error) return { alerts: [], error: matchers.error };
		if (matchers.labels.length === 0) return { alerts: [], error: 'name what to silence, as in alertname="…"' };
		return { alerts: this.#active.filter((a) => accepts(matchers, a)), error: "" };
	}

	#paint(): void {
		const { alerts, error } = this.#chosen;
		const over = alerts.length > MAX_SILENCED;
		setAttr(this.#matchers, "aria-invalid", error ? "true" : null);
		setAttr(this.#preview, "data-tone", error || over ? "bad" : null);
		setText(this.#preview, this.#busy || this.#outcome ? this.#outcome : error || preview(alerts, over));
		setText(this.#go, `Silence ${count(alerts.length)} alert${alerts.length === 1 ? "" : "s"}`);
		this.#go.disabled = this.#busy || over || alerts.length === 0;
	}

	async #silence(): Promise<void> {
		const { alerts } = this.#chosen;
		if (this.#busy || alerts.length === 0 || alerts.length > MAX_SILENCED) return;
		this.#busy = true;
		let done = 0;
		const said = {
			duration: Number(this.#duration.value) || DEFAULT_S,
			by: this.#author.value.trim(),
			comment: this.#comment.value.trim(),
		};
		for (const alert of alerts) {
			this.#outcome = `silencing ${done + 1} of ${alerts.length} …`;
			this.#paint();
			if (this.ctx.scope.closed) return;
			if (await this.deeds.act("silence", alert, said)) done++;
		}
		this.#busy = false;
		this.#outcome = "";
		if (done === alerts.length) this.close();
		else this.#outcome = `${done} of ${alerts.length} silenced; the others say why they were not`;
		this.#paint();
	}
}

function field(name: string, hint: string): HTMLInputElement {
	return h("input", {
		type: "text",
		class: "gunj-search",
		"aria-label": name,
		placeholder: hint,
		maxlength: MAX_SAID,
		spellcheck: "false",
		"data-lm-suppress-shortcuts": "true",
	});
}

function preview(alerts: readonly AlertInfo[], over: boolean): string {
	if (over) return `that would mute ${count(alerts.length)} alerts; at most ${MAX_SILENCED} at once`;
	if (alerts.length === 0) return "no alert that is active now has these labels";
	const names = alerts
		.slice(0, SHOWN)
		.map((a) => oneLine([a.name, a.platform, a.component].filter(Boolean).join(" / ")));
	const more = alerts.length > SHOWN ? ` and ${alerts.length - SHOWN} more` : "";
	return `would mute, of those active now: ${names.join(", ")}${more}. An alert that begins later is not muted.`;
}
