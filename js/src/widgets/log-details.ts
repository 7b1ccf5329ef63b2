/** The drawer under the log: one line in full, with its metadata. */
import { h, setText, show } from "../lib/dom";
import { fullTime } from "../lib/format";
import { neutralise, readable } from "../lib/text";
import type { LogLine } from "../wire/types";
import { button } from "./marks";

const MAX_JSON = 20_000;

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

	open(line: LogLine | null, utc: boolean): void {
		this.line = line;
		show(this.el, line !== null);
		if (!line) return;
		setText(
			this.#head,
			[fullTime(line.tMs, utc), line.level || "no level", line.component].filter(Boolean).map(neutralise).join(" · "),
		);
		setText(this.#message, readable(line.message));
		const json = line.metadata ? neutralise(JSON.stringify(line.metadata, null, 2)) : "";
		setText(
			this.#json,
			json.length > MAX_JSON ? `${json.slice(0, MAX_JSON)}\n… [${json.length - MAX_JSON} more characters]` : json,
		);
		show(this.#json, json !== "");
	}
}
