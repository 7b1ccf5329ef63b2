/** CommandPanel: a form for each command; tried first, then meant; what destroys is asked for twice. */

import { h, setAttr, setText, show } from "../lib/dom";
import { refocus } from "../lib/focus";
import { oneLine } from "../lib/text";
import { type Bag, list, numOrNull, str } from "../wire/read";
import { button } from "./marks";
import type { ViewContext, Widget } from "./view";

interface Argument {
	name: string;
	title: string;
	type: string;
	help: string;
	choices: string[];
	required: boolean;
	minimum: number | null;
	maximum: number | null;
	default: unknown;
}

interface Command {
	name: string;
	title: string;
	description: string;
	destroys: boolean;
	arguments: Argument[];
}

const MAX = 200;
const RUNNING = ["pending", "running"];

const strings = (values: unknown): string[] => (Array.isArray(values) ? values.slice(0, MAX).map(String) : []);

function argument(a: Bag): Argument {
	return {
		name: str(a.name),
		title: str(a.title) || str(a.name),
		type: str(a.type),
		help: str(a.help),
		choices: strings(a.choices),
		required: a.required === true,
		minimum: numOrNull(a.minimum),
		maximum: numOrNull(a.maximum),
		default: a.default,
	};
}

function command(c: Bag): Command {
	return {
		name: str(c.name),
		title: str(c.title) || str(c.name),
		description: str(c.description),
		destroys: c.destroys === true,
		arguments: list(c.arguments, argument, MAX),
	};
}

export function commandsWidget(ctx: ViewContext): Widget {
	return new CommandPanel(ctx);
}

class CommandPanel implements Widget {
	#commands: Command[];
	#forms: CommandForm[];
	#tabs = h("div", { class: "gunj-activity-bar", role: "group", "aria-label": "Commands" });
	#under = h("p", { class: "gunj-muted gunj-command-under", role: "status" });
	#chosen = 0;

	constructor(private readonly ctx: ViewContext) {
		this.#commands = list(ctx.options.commands, command, MAX);
		const platform = str(ctx.options.platform);
		this.#forms = this.#commands.map((c) => new CommandForm(ctx, platform, c));
		this.#chosen = Math.max(
			0,
			this.#commands.findIndex((c) => c.name === ctx.options.chosen),
		);
		const plain = h(
			"p",
			{ class: "gunj-muted gunj-command-under" },
			"This operator does not describe its commands: give their arguments as JSON.",
		);
		show(plain, ctx.options.described === false);
		ctx.card.body.append(this.#tabs, plain, ...this.#forms.map((form) => form.el), this.#under);
		this.#commands.forEach((c, i) => {
			const tab = button(oneLine(c.title), oneLine(c.description));
			this.#tabs.append(tab);
			ctx.scope.listen(tab, "click", () => {
				this.#chosen = i;
				ctx.keep({ chosen: c.name });
				ctx.invalidate();
			});
		});
	}

	paint(): void {
		const live = this.ctx.cells.status?.value?.live ?? false;
		this.ctx.card.title(str(this.ctx.options.title) || "Commands");
		[...this.#tabs.children].forEach((tab, i) => {
			setAttr(tab, "aria-pressed", String(i === this.#chosen));
		});
		this.#forms.forEach((form, i) => {
			show(form.el, i === this.#chosen);
			form.paint(live);
		});
		const operations = this.ctx.cells.operations?.value?.operations ?? [];
		const running = operations.filter((o) => RUNNING.includes(o.status));
		const words = running.map((o) => `◌ ${oneLine(o.kind)} ${Math.round(o.progress * 100)} % ${oneLine(o.message)}`);
		const last = operations[0];
		setText(
			this.#under,
			words.join(" · ") || (last ? `last: ${oneLine(last.kind)} ${oneLine(last.status)}` : "nothing is under way"),
		);
	}
}

class CommandForm {
	readonly el: HTMLFormElement;
	#fields: { argument: Argument; read: () => unknown }[];
	#dry = button("Dry run", "See what would change; nothing is begun");
	#go: HTMLButtonElement;
	#outcome = h("ul", { class: "gunj-command-outcome", "aria-live": "polite" });
	#sure = false;
	#busy = false;

	constructor(
		private readonly ctx: ViewContext,
		private readonly platform: string,
		private readonly command: Command,
	) {
		this.#go = h("button", { type: "submit", class: "gunj-btn gunj-primary" });
		this.#fields = [];
		const rows = command.arguments.map((a) => this.#row(a));
		this.el = h(
			"form",
			{ class: "gunj-command", "aria-label": oneLine(command.title), "data-command": command.name },
			h("p", {}, oneLine(command.description)),
			...rows,
			h("div", { class: "gunj-command-go" }, this.#dry, this.#go),
			this.#outcome,
		);
		ctx.scope.listen(this.#dry, "click", () => void this.#ask("dryrun"));
		ctx.scope.listen(this.el, "input", () => {
			this.#outcome.replaceChildren(); // it was about something else
			this.#unsure();
		});
		// A second time is meant as one: neither a double click nor a key that is held, and not long after.
		ctx.scope.listen<MouseEvent>(this.#go, "click", (event) => {
			if (event.detail > 1) event.preventDefault();
		});
		ctx.scope.listen<KeyboardEvent>(this.el, "keydown", (event) => {
			if (event.repeat && event.key === "Enter") event.preventDefault();
		});
		ctx.scope.listen(this.#go, "blur", () => this.#unsure());
		ctx.scope.listen(this.el, "submit", (event) => {
			event.preventDefault();
			if (command.destroys && !this.#sure) this.#sure = true;
			else void this.#ask("command");
			ctx.invalidate();
		});
	}

	paint(live: boolean): void {
		const title = oneLine(this.command.title);
		setText(this.#go, this.#busy ? "…" : this.#sure ? `Really: ${title}` : title);
		setAttr(this.#go, "class", `gunj-btn ${this.command.destroys ? "gunj-danger" : "gunj-primary"}`);
		const words = this.command.destroys ? "This destroys: it is asked for twice" : "";
		setAttr(this.#go, "title", live ? words : "not connected: nothing can be asked for now");
		for (const b of [this.#go, this.#dry]) b.disabled = this.#busy || !live;
	}

	#unsure(): void {
		this.#sure = false;
		this.ctx.invalidate();
	}

	#row(a: Argument): HTMLElement {
		const own = { "aria-label": oneLine(a.title), "data-lm-suppress-shortcuts": "true", "data-argument": a.name };
		let control: HTMLElement;
		if (a.type === "choices") {
			const chosen = new Set(Array.isArray(a.default) ? strings(a.default) : a.choices);
			const boxes = a.choices.map((c) => {
				const box = h("input", { type: "checkbox", value: c });
				box.checked = chosen.has(c);
				return { box, el: h("label", {}, box, ` ${oneLine(c)}`) };
			});
			control = h("div", { class: "gunj-command-choices", role: "group", ...own }, ...boxes.map(({ el }) => el));
			this.#fields.push({
				argument: a,
				read: () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value),
			});
		} else if (a.type === "choice") {
			const select = h(
				"select",
				{ class: "gunj-select", ...own },
				...a.choices.map((c) => h("option", { value: c }, oneLine(c))),
			);
			if (typeof a.default === "string") select.value = a.default;
			this.#fields.push({ argument: a, read: () => select.value });
			control = select;
		} else if (a.type === "boolean") {
			const box = h("input", { type: "checkbox", ...own });
			box.checked = a.default === true;
			this.#fields.push({ argument: a, read: () => box.checked });
			control = box;
		} else {
			const number = a.type === "integer" || a.type === "number";
			const input = h("input", {
				type: number ? "number" : "text",
				class: "gunj-search",
				placeholder: oneLine(a.help),
				required: a.required,
				min: number ? a.minimum : null,
				max: number ? a.maximum : null,
				step: a.type === "integer" ? 1 : number ? "any" : null,
				maxlength: number ? null : (a.maximum ?? 2000),
				spellcheck: "false",
				...own,
			});
			if (a.default !== null && a.default !== undefined) input.value = String(a.default);
			const read = () => (input.value === "" ? undefined : number ? Number(input.value) : input.value);
			this.#fields.push({ argument: a, read });
			control = input;
		}
		return h("div", { class: "gunj-command-row" }, h("span", { class: "gunj-muted" }, oneLine(a.title)), control);
	}

	/** The arguments as filled in; throws with words where JSON is none. */
	#args(): Record<string, unknown> {
		const args: Record<string, unknown> = {};
		for (const { argument: a, read } of this.#fields) {
			const value = read();
			if (value === undefined) continue;
			if (a.type !== "json") args[a.name] = value;
			else Object.assign(args, parsed(String(value)));
		}
		return args;
	}

	async #ask(verb: "command" | "dryrun"): Promise<void> {
		if (!this.el.reportValidity()) return;
		this.#busy = true;
		this.#sure = false;
		this.ctx.invalidate();
		try {
			const told = await this.ctx.act(verb, { platform: this.platform, name: this.command.name, args: this.#args() });
			const words = verb === "dryrun" ? told.map((line) => `would change ${line}`) : [`✓ begun (${told[0] ?? ""})`];
			this.#say(words.length ? words : ["nothing would change"], "good");
		} catch (error) {
			this.#say([error instanceof Error ? error.message : String(error)], "bad");
		}
		this.#busy = false;
		this.ctx.invalidate();
		// The button that was pressed lost the focus when it was disabled.
		const pressed = verb === "dryrun" ? this.#dry : this.#go;
		pressed.disabled = false;
		refocus(pressed);
	}

	#say(lines: string[], tone: "good" | "bad"): void {
		setAttr(this.#outcome, "data-tone", tone);
		this.#outcome.replaceChildren(...lines.map((line) => h("li", {}, oneLine(line))));
	}
}

function parsed(text: string): Record<string, unknown> {
	let value: unknown;
	try {
		value = JSON.parse(text);
	} catch {
		throw new Error("the arguments are no JSON");
	}
	if (typeof value !== "object" || value === null || Array.isArray(value))
		throw new Error("the arguments are no JSON object");
	return value as Record<string, unknown>;
}
