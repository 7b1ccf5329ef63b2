/** Silencing: for how long, by which matchers, and, before anything happens, which alerts that would mute. */

import { h, setAttr, setText, show } from "../lib/dom";
import { refocus } from "../lib/focus";
import { count, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { AlertInfo, Verb } from "../wire/types";
import type { Deeds } from "./alert-deeds";
import { accepts, matchersOf, parseMatchers } from "./alert-matchers";
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
	#end = button("End silence", "Mute no longer");
	#cancel = button("Close", "Esc");
	#standing = "";
	/** It is about an alert that only an operator can silence. */
	#operators = false;
	/** The silence that stands by this form. */
	#made = "";
	#failed = false;
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
			line(this.#go, this.#cancel, this.#end),
		);
		this.#author.value = str(ctx.options.author);
		ctx.scope.listen(this.#author, "input", () => ctx.keep({ author: this.#author.value }));
		ctx.scope.listen(this.el, "submit", (event) => {
			event.preventDefault();
			void this.#silence();
		});
		ctx.scope.listen(this.#matchers, "input", () => {
			this.#anew();
			this.#paint();
		});
		ctx.scope.listen(this.#end, "click", () => {
			void this.#ask("expire", { silence: this.#made }, "ended");
		});
		ctx.scope.listen(this.#cancel, "click", () => this.close());
		ctx.scope.listen<KeyboardEvent>(this.el, "keydown", (event) => {
			event.stopPropagation();
			if (event.key === "Escape") this.close();
		});
	}

	/** Asks about alerts with these matchers, or like this one. */
	open(opener: HTMLElement, about: string | AlertInfo): void {
		this.#opener = opener;
		this.#anew();
		this.#operators = typeof about !== "string" && about.acknowledgeable;
		this.#matchers.value = typeof about === "string" ? about : matchersOf(about, this.#where !== "");
		show(this.el, true);
		this.#paint();
		this.#matchers.focus();
	}

	close(): void {
		show(this.el, false);
		this.#opener?.focus();
	}

	update(active: readonly AlertInfo[], standing: string): void {
		this.#active = active;
		this.#standing = standing;
		if (!this.el.hidden) this.#paint();
	}

	/** Where one silence will stand; nothing where each alert is silenced by itself. */
	get #where(): string {
		return this.#operators ? "" : oneLine(this.#standing);
	}

	#anew(): void {
		if (this.#busy) return;
		this.#outcome = this.#made = "";
		this.#failed = false;
	}

	get #chosen(): { alerts: AlertInfo[]; error: string } {
		const matchers = parseMatchers(this.#matchers.value);
		if (matchers.error) return { alerts: [], error: matchers.error };
		if (matchers.labels.length === 0) return { alerts: [], error: 'name what to silence, as in alertname="…"' };
		// An Alertmanager mutes what it tells itself, and knows no other labels than those.
		const fits = (a: AlertInfo) =>
			this.#where ? !a.acknowledgeable && accepts(matchers, a, a.labels) : accepts(matchers, a);
		return { alerts: this.#active.filter(fits), error: "" };
	}

	#paint(): void {
		const { alerts, error } = this.#chosen;
		const where = this.#where;
		const over = !where && alerts.length > MAX_SILENCED;
		setAttr(this.#matchers, "aria-invalid", error ? "true" : null);
		setAttr(this.#preview, "data-tone", error || over || this.#failed ? "bad" : null);
		setText(this.#preview, this.#busy || this.#outcome ? this.#outcome : error || preview(alerts, over, where));
		setText(
			this.#go,
			`Silence ${count(alerts.length)} alert${alerts.length === 1 ? "" : "s"}${where && " and later ones"}`,
		);
		this.#go.disabled = this.#busy || (where ? error !== "" : over || alerts.length === 0);
		this.#end.disabled = this.#busy;
		show(this.#go, !this.#made);
		show(this.#end, this.#made !== "");
	}

	async #silence(): Promise<void> {
		if (this.#go.disabled || this.#made) return;
		const { alerts } = this.#chosen;
		const where = this.#where;
		const said = {
			duration: Number(this.#duration.value) || DEFAULT_S,
			by: this.#author.value.trim(),
			comment: this.#comment.value.trim(),
		};
		if (where) {
			const until = fullTime(this.ctx.now() + said.duration * 1000, this.ctx.zone());
			const words = `one silence stands at ${where} until ${until}`;
			return this.#ask("silence", { matchers: this.#matchers.value, ...said }, words);
		}
		this.#busy = true;
		let done = 0;
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

	/** Asks for a silence that stands, or for its end. */
	async #ask(verb: Verb, args: Record<string, unknown>, words: string): Promise<void> {
		this.#busy = true;
		this.#failed = false;
		this.#outcome = "asking …";
		this.#paint();
		try {
			[this.#made = ""] = await this.ctx.act(verb, args);
			this.#outcome = words;
		} catch (problem) {
			this.#failed = true;
			this.#outcome = (problem as Error).message;
		}
		this.#busy = false;
		this.#paint();
		// The button that was pressed is gone, or was disabled.
		refocus(this.#made ? this.#cancel : this.#go);
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

function preview(alerts: readonly AlertInfo[], over: boolean, where: string): string {
	if (over) return `that would mute ${count(alerts.length)} alerts; at most ${MAX_SILENCED} at once`;
	if (alerts.length === 0 && !where) return "no alert that is active now has these labels";
	const names = alerts
		.slice(0, SHOWN)
		.map((a) => oneLine([a.name, a.platform, a.component].filter(Boolean).join(" / ")));
	const more = alerts.length > SHOWN ? ` and ${alerts.length - SHOWN} more` : "";
	const then = where
		? `; and later alerts that match: one silence will stand at ${where}. It knows only what “labels” lists.`
		: ". An alert that begins later is not muted.";
	return `would mute, of those active now: ${names.join(", ") || "none"}${more}${then}`;
}
