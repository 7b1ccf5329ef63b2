/** The log viewer's controls: level chips, search, switches. Says what the user wants; decides nothing. */

import { h, setAttr, setText, show } from "../lib/dom";
import { hasFocus } from "../lib/focus";
import { count, zoneName } from "../lib/format";
import type { Scope } from "../lib/scope";
import { oneLine } from "../lib/text";
import type { SearchMode } from "./log-filter";
import { LEVELS } from "./log-filter";
import { button } from "./marks";

export interface ToolbarActions {
	toggleLevel(level: string): void;
	search(text: string): void;
	mode(): void;
	step(by: 1 | -1): void;
	wrap(): void;
	/** Goes on to the next zone, for all views of the session. */
	zone(): void;
	/** Shows or hides the times. */
	clocks(): void;
	follow(): void;
	copy(): void;
	save(): void;
	component(name: string): void;
	context(): void;
	/** Shows all times again. */
	allTimes(): void;
}

export interface ToolbarState {
	levels: ReadonlyMap<string, number>;
	hidden: ReadonlySet<string>;
	mode: SearchMode;
	error: string;
	hits: number;
	/** Which match the user stands on, from 1; 0 = none. */
	hit: number;
	searching: boolean;
	wrap: boolean;
	/** Whose clock the times are written in. */
	zone: string;
	/** Whether there are times at all. */
	timed: boolean;
	following: boolean;
	note: string;
	components: ReadonlyMap<string, number>;
	component: string;
	/** Lines around each match. */
	context: number;
	/** The share of lines searched so far, from 0 to 1. */
	done: number;
	/** The times shown, in words; "" = all. */
	times: string;
}

const ALWAYS = ["error", "warn", "info", "debug"];
const SEARCH_DELAY_MS = 120;
/** Names offered, the most frequent ones. */
const MAX_COMPONENTS = 100;
const MAX_NAME = 60;

export class LogToolbar {
	readonly el = h("div", { class: "gunj-log-bar" });
	readonly input = h("input", {
		type: "search",
		class: "gunj-search",
		placeholder: "search, or /regex/",
		"aria-label": "Search log lines",
		spellcheck: "false",
		"data-lm-suppress-shortcuts": "true",
	});
	#chips = new Map<string, HTMLButtonElement>();
	#chipBox = h("div", { class: "gunj-chips", role: "group", "aria-label": "Levels" });
	#mode = button("filter", "Filter: only matching lines. Highlight: all lines, matches marked", "gunj-mode");
	#hits = h("span", { class: "gunj-muted gunj-hits", "aria-live": "polite" });
	#previous = button("↑", "Previous match (Shift+Enter, N)");
	#next = button("↓", "Next match (Enter, n)");
	#wrap = button("wrap", "Wrap long lines (w)");
	#zone = button("local time", "Local time, UTC, or the zone that rt.range.zone named, in all views (t)");
	#clocks = button("time", "Show or hide the times (T)");
	#follow = button("follow", "Follow the newest lines (s)");
	#copy = button("copy", "Copy the lines shown (c)");
	#save = button("save", "Save the lines shown as a file (Ctrl+S)");
	#context = button("±0", "Lines around each match (x)", "gunj-context");
	#times = button("", "Show all times again (0)", "gunj-times gunj-primary");
	#components = h("select", { class: "gunj-select", "aria-label": "Component" });
	#listed = "";
	#note = h("span", { class: "gunj-muted", role: "status" });

	constructor(scope: Scope, actions: ToolbarActions) {
		for (const level of [...LEVELS, "other"]) {
			const chip = button(level, `Show or hide ${level} lines`, "gunj-chip");
			setAttr(chip, "data-level", level);
			scope.listen(chip, "click", () => actions.toggleLevel(level));
			this.#chips.set(level, chip);
			this.#chipBox.append(chip);
		}
		const search = h(
			"div",
			{ class: "gunj-searchbox" },
			this.input,
			this.#mode,
			this.#context,
			this.#previous,
			this.#next,
			this.#hits,
		);
		const switches = h(
			"div",
			{ class: "gunj-switches" },
			this.#note,
			this.#times,
			this.#wrap,
			this.#zone,
			this.#clocks,
			this.#follow,
			this.#copy,
			this.#save,
		);
		this.el.append(this.#chipBox, this.#components, search, switches);
		this.#bind(scope, actions);
	}

	paint(state: ToolbarState): void {
		for (const [level, chip] of this.#chips) {
			const n = state.levels.get(level) ?? 0;
			show(chip, n > 0 || ALWAYS.includes(level) || state.hidden.has(level));
			setText(chip, `${level} ${count(n)}`);
			setAttr(chip, "aria-pressed", state.hidden.has(level) ? "false" : "true");
		}
		setText(this.#mode, state.mode);
		setAttr(this.input, "aria-invalid", state.error ? "true" : null);
		setText(this.#hits, state.error || (state.searching ? hitWords(state) : ""));
		setAttr(this.#hits, "data-tone", state.error ? "bad" : null);
		show(this.#context, state.searching && state.mode === "filter");
		setText(this.#context, `±${state.context}`);
		setAttr(this.#context, "aria-label", `${state.context} lines around each match`);
		show(this.#times, state.times !== "");
		setText(this.#times, `${state.times} ✕`);
		this.#list(state.components, state.component);
		for (const step of [this.#previous, this.#next]) {
			show(step, state.searching);
			step.disabled = state.hits === 0;
		}
		setAttr(this.#wrap, "aria-pressed", state.wrap ? "true" : "false");
		setText(this.#zone, zoneName(state.zone));
		show(this.#zone, state.timed);
		setAttr(this.#clocks, "aria-pressed", String(state.timed));
		setAttr(this.#follow, "aria-pressed", state.following ? "true" : "false");
		setText(this.#note, state.note);
	}

	#bind(scope: Scope, actions: ToolbarActions): void {
		let timer: ReturnType<typeof setTimeout> | undefined;
		scope.add(() => clearTimeout(timer));
		scope.listen(this.input, "input", () => {
			clearTimeout(timer);
			timer = setTimeout(() => actions.search(this.input.value), SEARCH_DELAY_MS);
		});
		scope.listen(this.#mode, "click", () => actions.mode());
		scope.listen(this.#previous, "click", () => actions.step(-1));
		scope.listen(this.#next, "click", () => actions.step(1));
		scope.listen(this.#wrap, "click", () => actions.wrap());
		scope.listen(this.#zone, "click", () => actions.zone());
		scope.listen(this.#clocks, "click", () => actions.clocks());
		scope.listen(this.#follow, "click", () => actions.follow());
		scope.listen(this.#copy, "click", () => actions.copy());
		scope.listen(this.#save, "click", () => actions.save());
		scope.listen(this.#context, "click", () => actions.context());
		scope.listen(this.#times, "click", () => actions.allTimes());
		scope.listen(this.#components, "change", () => actions.component(this.#components.value));
	}

	/** Offers the components; not while the list is open, because it would close. */
	#list(counts: ReadonlyMap<string, number>, chosen: string): void {
		const names = [...counts.keys()].filter(Boolean);
		if (chosen && !names.includes(chosen)) names.push(chosen);
		names.sort((a, b) => (counts.get(b) ?? 0) - (counts.get(a) ?? 0));
		const offered = names.slice(0, MAX_COMPONENTS).sort();
		const key = JSON.stringify([offered, chosen]);
		show(this.#components, names.length > 1 || chosen !== "");
		if (key === this.#listed || hasFocus(this.#components)) return;
		this.#listed = key;
		const option = (value: string, label: string) => h("option", { value, selected: value === chosen }, label);
		this.#components.replaceChildren(
			option("", "all components"),
			...offered.map((name) => option(name, oneLine(name).slice(0, MAX_NAME))),
		);
		this.#components.value = chosen;
	}
}

function hitWords({ hit, hits, done }: ToolbarState): string {
	const words = `${hit ? `${count(hit)}/` : ""}${count(hits)} matches`;
	return done < 1 ? `${words}, ${Math.floor(done * 100)} % searched` : words;
}
