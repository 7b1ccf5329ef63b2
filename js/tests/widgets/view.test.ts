/** What a user sets by hand: kept in the model, and there again in the next view of it. */
import { describe, expect, it, vi } from "vitest";
import type { Kind, Role } from "../../src/wire/types";
import { type Bench, NOW, useBench } from "./bench";

const bench = useBench();

interface Case {
	kind: Kind;
	channels: Partial<Record<Role, string>>;
	options?: Record<string, unknown>;
	data(b: Bench): void;
	/** Sets something everywhere it can be. */
	set(root: HTMLElement): void;
	/** What one sees of it. */
	seen(root: HTMLElement): unknown;
}

const press = (root: HTMLElement, words: string) =>
	[...root.querySelectorAll("button")].find((b) => b.textContent?.includes(words))?.click();
const type = (root: HTMLElement, words: string) => {
	const input = root.querySelector("input[type=search]") as HTMLInputElement;
	input.value = words;
	input.dispatchEvent(new Event("input"));
	vi.advanceTimersByTime(200);
};
const choose = (root: HTMLElement, value: string) => {
	const select = root.querySelector("select") as HTMLSelectElement;
	select.value = value;
	select.dispatchEvent(new Event("change"));
};
const value = (root: HTMLElement, what: string) => root.querySelector<HTMLInputElement>(what)?.value;
const pressed = (root: HTMLElement) =>
	[...root.querySelectorAll("[aria-pressed]")].map((b) => `${b.textContent} ${b.getAttribute("aria-pressed")}`);

const ALERT = {
	name: "High",
	state: "firing",
	severity: "critical",
	summary: "",
	description: "",
	platform: "production",
	labels: {},
	startsMs: NOW - 1000,
	endsMs: null,
	acknowledged: "",
	silencedUntilMs: NOW + 60_000,
};

const CASES: Case[] = [
	{
		kind: "logs",
		channels: { logs: "logs:1" },
		data: (b) => {
			const lines = ["a", "b", "c"].map((name, i) => [i + 1, NOW + i, i ? "info" : "warn", name, `line ${name}`, null]);
			const body = { lines, total: 3, filtered: 0, lost: 0, limit: 100 };
			b.show([b.status(), b.kernel.part("logs:1", "logs", body)]);
		},
		set: (root) => {
			press(root, "warn");
			type(root, "line");
			choose(root, "b");
			press(root, "±0");
			press(root, "filter");
			press(root, "wrap");
		},
		seen: (root) => [pressed(root), value(root, "input"), value(root, "select"), root.dataset.rows],
	},
	{
		kind: "alerts",
		channels: { alerts: "alerts:1" },
		data: (b) => {
			const active = ["loki", "tempo"].map((component) => ({ ...ALERT, component, fingerprint: component }));
			const resolved = [{ ...ALERT, component: "old", fingerprint: "old", state: "resolved", endsMs: NOW }];
			const counts = { critical: 2, warning: 0, info: 0, pending: 0 };
			b.show([b.status(), b.kernel.part("alerts:1", "alerts", { active, resolved, counts })]);
		},
		set: (root) => {
			type(root, 'component!="grafana"');
			choose(root, "component");
			press(root, "silenced");
			const details = root.querySelector("details") as HTMLDetailsElement;
			details.open = true;
			details.dispatchEvent(new Event("toggle"));
		},
		seen: (root) => [
			pressed(root),
			value(root, "input"),
			value(root, "select"),
			root.querySelector("details")?.open,
			root.dataset.shown,
		],
	},
	{
		kind: "events",
		channels: { events: "events:1" },
		data: (b) => {
			const event = { tMs: NOW, firstMs: null, message: "", platform: "p", component: "c", count: 1 };
			const events = [
				{ ...event, type: "Warning", reason: "BackOff" },
				{ ...event, type: "Normal", reason: "Pulled" },
				{ ...event, type: "Warning", reason: "Unhealthy" },
			];
			b.show([b.status(), b.kernel.part("events:1", "events", { events, total: 3 })]);
		},
		set: (root) => {
			press(root, "warnings");
			type(root, "back");
		},
		seen: (root) => [pressed(root), value(root, "input"), root.dataset.rows],
	},
	{
		kind: "chart",
		channels: { metrics: "metrics:1" },
		data: (b) => {
			const series = [1, 2, 3].map((k) => ({ k, metric: "cpu", labels: { n: String(k) }, unit: "", name: `s${k}` }));
			const body = { series, rows: 3, windowMs: 60_000, lost: 0, kBuf: 0, xBuf: 1, yBuf: 2 };
			const x = new Float64Array([NOW - 3000, NOW - 2000, NOW - 1000]);
			const part = b.kernel.part("metrics:1", "metrics", { ...body });
			b.show([b.status(), part], [new Int32Array([1, 2, 3]), x, new Float64Array([1, 2, 3])]);
		},
		set: (root) => {
			root.querySelector(".gunj-legend-item")?.dispatchEvent(new MouseEvent("click", { altKey: true }));
			press(root, "Table");
		},
		seen: (root) => [pressed(root), root.querySelector<HTMLElement>("table")?.closest<HTMLElement>("[hidden]")],
	},
	{
		kind: "platform",
		channels: { platform: "platform:1", logs: "logs:1" },
		data: (b) =>
			b.show([b.status(), b.kernel.part("logs:1", "logs", { lines: [], total: 0, filtered: 0, lost: 0, limit: 9 })]),
		set: (root) => press(root, "Show logs"),
		seen: (root) => [...root.querySelectorAll("[aria-expanded]")].map((b) => b.textContent),
	},
	{
		kind: "commands",
		channels: {},
		options: {
			platform: "p",
			commands: ["backup", "upgrade"].map((name) => ({ name, title: name, description: "", arguments: [] })),
		},
		data: (b) => b.show([b.status()]),
		set: (root) => press(root, "upgrade"),
		seen: (root) => pressed(root),
	},
];

describe("what a user sets by hand", () => {
	it.each(CASES)("is kept of $kind, and there in the next view", ({ kind, channels, options, data, set, seen }) => {
		const first = bench().mount(kind, channels, options);
		data(bench());
		const untouched = seen(first.root());
		expect(first.model.saved, "nothing is said of what nobody did").toBe(0);
		set(first.root());
		bench().show();
		const wanted = seen(first.root());
		expect(wanted).not.toEqual(untouched);
		expect(first.model.saved).toBeGreaterThan(0);
		const byHand = JSON.parse(JSON.stringify(first.model.get("_by_hand")));
		first.close();
		const next = bench().mount(kind, channels, options, byHand);
		data(bench());
		bench().show();
		expect(seen(next.root())).toEqual(wanted);
		expect(next.model.saved).toBe(0);
	});

	it("does no harm in a saved notebook without a kernel", () => {
		const view = bench().mount("events", { events: "events:1" });
		bench().show([bench().status(), bench().kernel.part("events:1", "events", { events: [], total: 0 })]);
		view.model.save_changes = () => {
			throw "Syncing error: no comm channel defined";
		};
		press(view.root(), "warnings");
		bench().show();
		expect(pressed(view.root())).toEqual(["▲ 0 warnings true"]);
	});
});

describe("a kernel that restarts", () => {
	it("is told at once, until something is heard again", () => {
		const view = bench().mount("events", { events: "events:1" });
		const said = () => view.root().dataset.live;
		bench().show([bench().status()]);
		expect(said()).toBe("live");
		view.model.fire("comm_live_update");
		bench().show();
		expect(said()).toBe("gone");
		expect(view.root().textContent).toContain("restarted: run the cells again");
		vi.advanceTimersByTime(1000);
		bench().show([bench().status()]);
		vi.advanceTimersByTime(300);
		expect(said()).toBe("live");
		view.close();
		expect(view.model.listeners).toBe(0);
	});
});
