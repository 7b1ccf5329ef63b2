/** Shapes and small pieces several widgets share: state is always a shape and a word, never a colour alone. */
import { h, setAttr, setText } from "../lib/dom";
import type { Health } from "../wire/types";

export const HEALTH_SHAPE: Record<Health, string> = { healthy: "●", degraded: "▲", unhealthy: "■", unknown: "?" };

/** The tone of a phase, condition, state or severity: what the style sheet colours. */
export type Tone = "good" | "busy" | "change" | "warn" | "bad" | "quiet";

const PHASE_TONE: Record<string, Tone> = {
	Ready: "good",
	Installing: "busy",
	Upgrading: "change",
	Degraded: "warn",
	Failed: "bad",
	Deleting: "warn",
};

export function phaseTone(phase: string): Tone {
	return PHASE_TONE[phase] ?? "quiet";
}

const STATE_MARK: Record<string, { shape: string; tone: Tone }> = {
	open: { shape: "●", tone: "good" },
	silent: { shape: "▲", tone: "warn" },
	connecting: { shape: "◌", tone: "busy" },
	polling: { shape: "◒", tone: "warn" },
	waiting: { shape: "◔", tone: "warn" },
	failed: { shape: "■", tone: "bad" },
};

export function stateMark(state: string): { shape: string; tone: Tone } {
	return STATE_MARK[state] ?? { shape: "○", tone: "quiet" };
}

/** A label and its value, as the grids of small numbers use them. */
export class Fact {
	readonly el: HTMLElement;
	#value = h("dd");

	constructor(label: string, title = "") {
		this.el = h("div", { class: "gunj-fact", title: title || null }, h("dt", {}, label), this.#value);
	}

	set(text: string, tone: Tone | null = null): void {
		setText(this.#value, text);
		setAttr(this.#value, "data-tone", tone);
	}
}

export function button(label: string, title: string, className = ""): HTMLButtonElement {
	return h("button", { type: "button", class: `gunj-btn ${className}`.trim(), title }, label);
}
