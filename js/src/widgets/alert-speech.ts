/** Tells whoever does not see the panel of alerts that are new: critical ones at once, others when there is a pause. */
import { h } from "../lib/dom";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import type { AlertInfo } from "../wire/types";

/** Of many at once, these are named and the rest is counted. */
const MAX_NAMED = 3;

export class AlertSpeech {
	#polite = h("div", { class: "gunj-sr", role: "status", "aria-live": "polite" });
	#urgent = h("div", { class: "gunj-sr", role: "alert", "aria-live": "assertive" });
	readonly els = [this.#polite, this.#urgent];
	/** What fires already; null before the first word of it, which is no news. */
	#known: Set<string> | null = null;

	/** Tells once of each alert that fires and did not before, if it `matters`. */
	hear(active: readonly AlertInfo[], matters: (alert: AlertInfo) => boolean): void {
		const firing = active.filter((a) => a.state === "firing");
		const known = this.#known ?? new Set(firing.map((a) => a.fingerprint));
		const fresh = firing.filter((a) => !known.has(a.fingerprint) && matters(a));
		this.#known = new Set(firing.map((a) => a.fingerprint));
		const isUrgent = (a: AlertInfo) => a.severity === "critical";
		say(this.#urgent, fresh.filter(isUrgent));
		say(
			this.#polite,
			fresh.filter((a) => !isUrgent(a)),
		);
	}
}

/** As an element of its own: the same words as the last time are news again. */
function say(el: HTMLElement, fresh: readonly AlertInfo[]): void {
	if (fresh.length === 0) return;
	const words = fresh.slice(0, MAX_NAMED).map(wordsOf);
	if (fresh.length > MAX_NAMED) words.push(`and ${count(fresh.length - MAX_NAMED)} more alerts`);
	el.replaceChildren(h("p", {}, words.join("; ")));
}

function wordsOf(a: AlertInfo): string {
	const where = [a.platform, a.component].filter(Boolean).join(" / ");
	return oneLine([`${a.severity || "new"} alert: ${a.name}`, where, a.summary].filter(Boolean).join(", "));
}
