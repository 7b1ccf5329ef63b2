/** The frame around every widget: title, truth badges, tools, a banner for bad news. */

import { h, setAttr, setText, show } from "../lib/dom";
import { clock, count, fullTime } from "../lib/format";
import { oneLine } from "../lib/text";
import type { Theme } from "../lib/theme";
import type { Kind } from "../wire/types";
import type { Live, Truth } from "./truth";

/** Announced to screen readers when the state changes; the badge itself counts seconds and would never be quiet. */
const SPOKEN: Record<Live, string> = {
	live: "live",
	stale: "stale, no data is arriving",
	polling: "polling, updates are late",
	replay: "a recording, not live",
	waiting: "reconnecting",
	failed: "connection failed",
	gone: "kernel gone",
	busy: "kernel busy",
	connecting: "connecting",
	paused: "paused",
};
const BANNER: readonly Live[] = ["failed", "gone"];

export interface Losses {
	/** Total shown in the header. */
	dropped: number;
	/** Where they went missing, for the tooltip. */
	detail: string;
}

export class Card {
	readonly root: HTMLElement;
	readonly tools = h("div", { class: "gunj-tools" });
	readonly body = h("div", { class: "gunj-body" });
	/** Before the title: a phase, a state. */
	readonly lead = h("span", { class: "gunj-lead" });
	#title = h("h3", { class: "gunj-title" });
	#sub = h("span", { class: "gunj-sub" });
	#badge = h("span", { class: "gunj-badge gunj-truth" });
	#stale = h("span", { class: "gunj-badge gunj-stale", hidden: true });
	#demo = h(
		"span",
		{ class: "gunj-badge gunj-demo", title: "The data comes from the embedded demo operator", hidden: true },
		"DEMO",
	);
	#dropped = h("span", { class: "gunj-badge gunj-dropped", hidden: true });
	#banner = h("p", { class: "gunj-banner", hidden: true });
	#spoken = h("span", { class: "gunj-sr", role: "status", "aria-live": "polite" });

	constructor(kind: Kind) {
		const badges = h("span", { class: "gunj-badges" }, this.#stale, this.#badge, this.#demo, this.#dropped);
		const head = h("header", { class: "gunj-head" }, this.lead, this.#title, this.#sub, badges, this.tools);
		this.root = h("section", { class: "gunj", "data-kind": kind }, head, this.#banner, this.body, this.#spoken);
	}

	/** Titles may name what a server named: they are made safe to look at like everything else. */
	title(words: string, sub = ""): void {
		const text = oneLine(words);
		setText(this.#title, text);
		setAttr(this.#title, "title", text);
		setText(this.#sub, sub);
		setAttr(this.root, "aria-label", text);
	}

	/** Adds a row below the body. */
	foot(el: HTMLElement): void {
		this.body.after(el);
	}

	theme(theme: Theme): void {
		setAttr(this.root, "data-theme", theme);
	}

	update(truth: Truth, demo: boolean, losses: Losses, zone: string): void {
		setAttr(this.root, "data-live", truth.live);
		setAttr(this.#badge, "data-live", truth.live);
		setText(this.#badge, truth.label);
		setAttr(this.#badge, "title", truth.detail || null);
		setText(this.#spoken, SPOKEN[truth.live]);
		show(this.#stale, truth.staleMs !== null);
		if (truth.staleMs !== null) {
			setText(this.#stale, `▲ stale since ${clock(truth.staleMs, zone)}`);
			setAttr(this.#stale, "title", `what is shown is as of ${fullTime(truth.staleMs, zone)}`);
		}
		show(this.#demo, demo);
		show(this.#dropped, losses.dropped > 0);
		setText(this.#dropped, `▼ ${count(losses.dropped)} dropped`);
		setAttr(this.#dropped, "title", losses.detail || null);
		const bad = BANNER.includes(truth.live);
		show(this.#banner, bad);
		setText(this.#banner, bad ? truth.detail : "");
	}
}
