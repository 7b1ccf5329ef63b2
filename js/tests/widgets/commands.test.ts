import { describe, expect, it, vi } from "vitest";
import { seen, useBench } from "./bench";

const bench = useBench();
const COMMANDS = [
	{
		name: "scale",
		title: "Scale",
		description: "How many <b>replicas</b>",
		destroys: false,
		arguments: [
			{ name: "component", title: "Component", type: "choice", choices: ["loki", "tempo"], required: true },
			{ name: "replicas", title: "Replicas", type: "integer", minimum: 0, maximum: 20, required: true },
			{ name: "wait", title: "Wait", type: "boolean", default: true },
		],
	},
	{
		name: "restore",
		title: "Restore",
		destroys: true,
		arguments: [
			{ name: "components", title: "Components", type: "choices", choices: ["loki", "tempo"], default: ["loki"] },
		],
	},
];
const panel = (options = {}) => {
	const view = bench().mount(
		"commands",
		{ operations: "operations:1" },
		{ platform: "p1", commands: COMMANDS, described: true, ...options },
	);
	bench().show([bench().status()]);
	return view;
};
const form = (root: Element, name: string) => root.querySelector(`[data-command="${name}"]`) as HTMLFormElement;
const buttons = (el: Element) => [...el.querySelectorAll<HTMLButtonElement>("button")];
const acts = () => bench().kernel.said("act");
const reply = (told: string[], error = "") => {
	const re = acts().at(-1)?.id;
	const body = { re, ok: !error, error, told };
	bench().show([bench().kernel.part("reply", "reply", body)]);
};

describe("CommandPanel", () => {
	it("makes typed fields of what the operator describes, as text", () => {
		const view = panel();
		const scale = form(view.root(), "scale");
		expect(seen(scale)).toContain("How many <b>replicas</b>");
		const number = scale.querySelector("input[type=number]") as HTMLInputElement;
		expect([number.min, number.max, number.step, number.required]).toEqual(["0", "20", "1", true]);
		expect(form(view.root(), "restore").hidden).toBe(true);
	});

	it("tries before it does, and says what would change", async () => {
		const view = panel();
		const scale = form(view.root(), "scale");
		(scale.querySelector("input[type=number]") as HTMLInputElement).value = "5";
		buttons(scale)[0]?.click();
		expect(acts().at(-1)).toMatchObject({
			verb: "dryrun",
			args: { platform: "p1", name: "scale", args: { component: "loki", replicas: 5, wait: true } },
		});
		reply(["loki: 3 → 5 replicas"]);
		await vi.waitFor(() => expect(seen(scale)).toContain("would change loki: 3 → 5 replicas"));
	});

	it("sends nothing while a required field is empty", () => {
		const view = panel();
		buttons(form(view.root(), "scale"))[0]?.click();
		expect(acts()).toHaveLength(0);
	});

	it("asks twice for what destroys, and once more after a change", async () => {
		const view = panel();
		buttons(view.root().querySelector("[aria-label=Commands]") as Element)[1]?.click();
		bench().show();
		const restore = form(view.root(), "restore");
		const go = buttons(restore)[1] as HTMLButtonElement;
		go.click();
		bench().show();
		expect(acts()).toHaveLength(0);
		expect(seen(go)).toBe("Really: Restore");
		restore.dispatchEvent(new Event("input", { bubbles: true }));
		bench().show();
		expect(seen(go)).toBe("Restore");
		go.click();
		go.click();
		expect(acts().at(-1)).toMatchObject({ verb: "command", args: { name: "restore", args: { components: ["loki"] } } });
		reply([], "one is under way");
		await vi.waitFor(() => expect(seen(restore)).toContain("one is under way"));
	});

	it("takes neither a double click nor a held key for the second time, and forgets the first once the focus goes", () => {
		const view = panel();
		buttons(view.root().querySelector("[aria-label=Commands]") as Element)[1]?.click();
		bench().show();
		const restore = form(view.root(), "restore");
		const go = buttons(restore)[1] as HTMLButtonElement;
		for (const detail of [1, 2]) go.dispatchEvent(new MouseEvent("click", { detail, bubbles: true, cancelable: true }));
		bench().show();
		expect([acts().length, seen(go)]).toEqual([0, "Really: Restore"]);
		const held = { key: "Enter", repeat: true, bubbles: true, cancelable: true };
		expect(go.dispatchEvent(new KeyboardEvent("keydown", held))).toBe(false);
		expect(go.dispatchEvent(new KeyboardEvent("keydown", { ...held, repeat: false }))).toBe(true);
		go.dispatchEvent(new FocusEvent("blur"));
		bench().show();
		expect(seen(go)).toBe("Restore");
	});

	it("says what would change of what is filled in now, and keeps the focus", async () => {
		const view = panel();
		const scale = form(view.root(), "scale");
		const number = scale.querySelector("input[type=number]") as HTMLInputElement;
		const dry = buttons(scale)[0] as HTMLButtonElement;
		number.value = "5";
		dry.focus();
		dry.click();
		dry.blur(); // as a browser does with what is disabled
		bench().show();
		reply(["loki: 3 → 5 replicas"]);
		await vi.waitFor(() => expect(seen(scale)).toContain("would change loki: 3 → 5 replicas"));
		expect(document.activeElement).toBe(dry);
		number.value = "6";
		number.dispatchEvent(new Event("input", { bubbles: true }));
		expect(seen(scale)).not.toContain("would change");
	});

	it("takes JSON where nothing is described, and refuses what is none", async () => {
		const commands = [
			{ name: "scale", title: "scale", arguments: [{ name: "", title: "Arguments (JSON)", type: "json" }] },
		];
		const view = panel({ commands, described: false });
		expect(seen(view.root())).toContain("does not describe its commands");
		const scale = form(view.root(), "scale");
		const input = scale.querySelector("input") as HTMLInputElement;
		input.value = "[1]";
		buttons(scale)[0]?.click();
		await vi.waitFor(() => expect(seen(scale)).toContain("no JSON object"));
		input.value = '{"replicas": 2}';
		await vi.waitFor(() => {
			buttons(scale)[0]?.click();
			expect(acts().at(-1)).toMatchObject({ args: { args: { replicas: 2 } } });
		});
	});
});
