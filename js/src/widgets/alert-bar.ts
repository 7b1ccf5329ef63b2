/** The alert panel's controls: counts, matchers, grouping, silenced ones, sound. */

import { h, KeyedRows, type Row, setAttr, setText, show } from "../lib/dom";
import { hasFocus } from "../lib/focus";
import { count } from "../lib/format";
import { oneLine } from "../lib/text";
import { str } from "../wire/read";
import type { AlertsBody } from "../wire/types";
import { type Matchers, written } from "./alert-matchers";
import { SHAPE, TONE } from "./alert-row";
import type { AlertSound } from "./alert-sound";
import { button } from "./marks";
import type { ViewContext } from "./view";

export class AlertBar {
	readonly el = h("div", { class: "gunj-alert-bar" });
	hideSilenced: boolean;
	#counts = h("div", { class: "gunj-line gunj-alert-counts" });
	#chips = new KeyedRows<[string, number]>(this.#counts, ([name]) => name, countChip);
	#input = h("input", {
		type: "search",
		class: "gunj-search",
		placeholder: 'words, or severity="critical", component=~"loki|tempo"',
		"aria-label": "Filter alerts by matchers",
		spellcheck: "false",
		"data-lm-suppress-shortcuts": "true",
	});
	/** Offered beside matchers: silences what they leave. */
	readonly silence = button(
		"Silence these …",
		"No notifications for what the matchers leave: shows first what that would mute",
	);
	#error = h("span", { class: "gunj-error", "aria-live": "polite" });
	#group = h("select", { class: "gunj-select", "aria-label": "Group alerts by" });
	#grouping: string;
	#offered = "";
	#silenced = button("silenced 0", "Show or hide silenced alerts");
	#sound = button("sound off", "A tone for each new critical alert");

	constructor(
		private readonly ctx: ViewContext,
		private readonly sound: AlertSound,
	) {
		const { options } = ctx;
		this.#input.value = str(options.matchers);
		this.#grouping = str(options.groupBy);
		this.hideSilenced = options.hideSilenced === true;
		if (options.sound === true) this.sound.start();
		const filter = h("div", { class: "gunj-searchbox" }, this.#input, this.silence, this.#error);
		const switches = h("div", { class: "gunj-switches" }, this.#group, this.#silenced, this.#sound);
		this.el.append(this.#counts, filter, switches);
		ctx.scope.listen(this.#input, "input", () => this.#changed());
		ctx.scope.listen<KeyboardEvent>(this.#input, "keydown", (event) => {
			if (event.key !== "Escape") return;
			event.stopPropagation();
			this.#input.value = "";
			this.#changed();
		});
		ctx.scope.listen(this.#group, "change", () => {
			this.#grouping = this.#group.value;
			this.#changed();
		});
		ctx.scope.listen(this.#silenced, "click", () => {
			this.hideSilenced = !this.hideSilenced;
			this.#changed();
		});
		ctx.scope.listen(this.#sound, "click", () => {
			if (!this.sound.toggle()) this.#sound.disabled = true;
			this.#changed();
		});
	}

	get text(): string {
		return this.#input.value;
	}

	get groupBy(): string {
		return this.#grouping;
	}

	/** Adds a matcher for one label, once. */
	narrow(name: string, value: string): void {
		const added = written(name, value);
		const before = this.#input.value.trim();
		// Plain words and matchers do not mix: the label that was clicked is what is wanted.
		if (!before.includes(added)) this.#input.value = /[=~]/.test(before) ? `${before}, ${added}` : added;
		this.#changed();
	}

	#changed(): void {
		const { hideSilenced, sound } = this;
		this.ctx.keep({ matchers: this.text, groupBy: this.#grouping, hideSilenced, sound: sound.on });
		this.ctx.invalidate();
	}

	paint(value: AlertsBody | null, { error, labels }: Matchers, names: readonly string[], silenced: number): void {
		show(this.el, value !== null);
		if (!value) return;
		const { critical, warning, info, pending } = value.counts;
		this.#chips.update(Object.entries({ critical, warning, info, pending }));
		setAttr(this.#input, "aria-invalid", error ? "true" : null);
		setText(this.#error, error);
		show(this.silence, labels.length > 0);
		this.#offer(names);
		show(this.#silenced, silenced > 0 || this.hideSilenced);
		setText(this.#silenced, `silenced ${count(silenced)}`);
		setAttr(this.#silenced, "aria-pressed", this.hideSilenced ? "false" : "true");
		setText(this.#sound, this.#sound.disabled ? "no sound here" : soundWords(this.sound));
		setAttr(this.#sound, "aria-pressed", this.sound.on ? "true" : "false");
	}

	/** Offers the labels; not while the list is open, because it would close. */
	#offer(names: readonly string[]): void {
		const all = this.#grouping && !names.includes(this.#grouping) ? [...names, this.#grouping] : names;
		const key = JSON.stringify(all);
		if (key === this.#offered || hasFocus(this.#group)) return;
		this.#offered = key;
		const options = all.map((name) => h("option", { value: name }, `by ${oneLine(name)}`));
		this.#group.replaceChildren(h("option", { value: "" }, "no groups"), ...options);
		this.#group.value = this.#grouping;
	}
}

function countChip(): Row<[string, number]> {
	const el = h("span", { class: "gunj-chip" });
	return {
		el,
		update([name, n]) {
			setText(el, `${SHAPE[name] ?? "○"} ${count(n)} ${name}`);
			setAttr(el, "data-tone", n > 0 ? (TONE[name] ?? "quiet") : "quiet");
		},
	};
}

function soundWords(sound: AlertSound): string {
	if (!sound.on) return "sound off";
	return sound.muted ? "sound on: click once, so that the browser lets it" : "sound on";
}
