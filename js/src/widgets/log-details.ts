/** The drawer under the log: one line in full, with its metadata. */
import { h, setAttr, setText, show } from "../lib/dom";
import { fullTime } from "../lib/format";
import { neutralise, readable } from "../lib/text";
import type { LogLine } from "../wire/types";
import { prettyJson } from "./log-export";
import { button } from "./marks";

const MAX_JSON = 20_000;
const MAX_PARSED = 100_000;

export class LogDetails {
	readonly el = h("div", { class: "gunj-log-details", role: "region", "aria-label": "Log line", hidden: true });
	#head = h("span", { class: "gunj-muted" });
	#message = h("pre");
	#json = h("pre", { class: "gunj-json" });
	readonly close = button("✕", "Close (Esc)", "gunj-close");
	readonly copy = button("Copy line", "Copy this line");
	line: LogLine | null = null;

	constructor() {
		this.el.append(h("div", { class: "gunj-line" }, this.#head, this.copy, this.close), this.#message, this.#json);
	}

	open(line: LogLine | null, zone: string): void {
		this.line = line;
		show(this.el, line !== null);
		if (!line) return;
		this.retime(zone);
		const structured = prettyJson(line.message, MAX_PARSED);
		setText(this.#message, structured === null ? readable(line.message) : shortened(neutralise(structured)));
		setAttr(this.#message, "data-json", structured !== null);
		const json = line.metadata ? neutralise(JSON.stringify(line.metadata, null, 2)) : "";
		setText(this.#json, shortened(json));
		show(this.#json, json !== "");
	}

	/** Writes the line's time in a zone. */
	retime(zone: string): void {
		const line = this.line;
		if (!line) return;
		const words = [fullTime(line.tMs, zone), line.level || "no level", line.component];
		setText(this.#head, words.filter(Boolean).map(neutralise).join(" · "));
	}
}

function shortened(text: string): string {
	return text.length > MAX_JSON ? `${text.slice(0, MAX_JSON)}\n… [${text.length - MAX_JSON} more characters]` : text;
}
