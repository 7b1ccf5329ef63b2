import { beforeEach, describe, expect, it, vi } from "vitest";
import { Plot } from "../../src/charts/plot";
import type { Kind, Role } from "../../src/wire/types";
import { alertBody, metricsBody, series } from "../kernel";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
type Root = HTMLElement;
const button = (root: Root, text: string) =>
	[...root.querySelectorAll("button")].find((b) => seen(b).startsWith(text)) as HTMLButtonElement;
const type = (root: Root, text: string) => {
	const input = root.querySelector("input[type=search]") as HTMLInputElement;
	input.value = text;
	input.dispatchEvent(new Event("input"));
	vi.advanceTimersByTime(200);
};
const pressed = (root: Root) => [...root.querySelectorAll("[aria-pressed]")].map((b) => b.getAttribute("aria-pressed"));
const line = (id: number) => [id, NOW + id, id % 2 ? "info" : "warn", `c${id % 3}`, `message ${id}`, null];
const counts = { critical: 0, warning: 0, info: 0, pending: 0 };

interface Case {
	role: Role;
	body(): { body: unknown; buffers?: ArrayBufferView[] };
	options?: Record<string, unknown>;
	/** What a user does. */
	set(root: Root): void;
	/** What then is as the user left it. */
	look(root: Root): unknown;
	kept: Record<string, unknown>;
}

const CASES: Partial<Record<Kind, Case>> = {
	logs: {
		role: "logs",
		body: () => ({
			body: { lines: Array.from({ length: 90 }, (_, i) => line(i + 1)), total: 90, filtered: 0, lost: 0, limit: 900 },
		}),
		set(root) {
			root.querySelector<HTMLButtonElement>('button[data-level="info"]')?.click();
			button(root, "wrap").click();
			button(root, "local").click();
			button(root, "filter").click();
			type(root, "/message [1-4]/");
			const select = root.querySelector("select") as HTMLSelectElement;
			select.value = "c1";
			select.dispatchEvent(new Event("change"));
			button(root, "follow").click();
		},
		look: (root) => [
			pressed(root),
			root.dataset.rows,
			root.dataset.live,
			root.querySelector("input")?.value,
			root.querySelector("select")?.value,
			seen(root).includes("UTC"),
			seen(root).includes("highlight"),
		],
		kept: {
			level: ["info"],
			wrap: true,
			time: "utc",
			mode: "highlight",
			search: "/message [1-4]/",
			component: "c1",
			paused: [[expect.any(Number), 90]],
		},
	},
	alerts: {
		role: "alerts",
		body: () => ({
			body: {
				active: [alertBody("a"), alertBody("b", { component: "tempo", silencedUntilMs: NOW + 9e6 })],
				resolved: [alertBody("r", { state: "resolved", endsMs: NOW })],
				counts,
			},
		}),
		options: { matchers: 'component="nobody"', groupBy: "severity" },
		set(root) {
			type(root, 'component=~"loki|tempo"');
			const select = root.querySelector("select") as HTMLSelectElement;
			select.value = "component";
			select.dispatchEvent(new Event("change"));
			button(root, "silenced").click();
			const past = root.querySelector("details") as HTMLDetailsElement;
			past.open = true;
			past.dispatchEvent(new Event("toggle"));
		},
		look: (root) => [
			root.dataset.shown,
			pressed(root),
			root.querySelector("input")?.value,
			seen(root.querySelector(".gunj-group")),
			root.querySelector("details")?.open,
		],
		kept: { matchers: 'component=~"loki|tempo"', groupBy: "component", hideSilenced: true, resolved: true },
	},
	chart: {
		role: "metrics",
		body: () =>
			metricsBody(
				[series(1), series(2)],
				[
					{ k: 1, x: NOW, y: 1 },
					{ k: 2, x: NOW, y: 2 },
				],
			),
		set(root) {
			root.querySelector<HTMLButtonElement>(".gunj-legend-item")?.click();
			button(root, "Table").click();
		},
		look: (root) => [pressed(root), root.querySelector<HTMLElement>(".gunj-samples")?.hidden],
		kept: { table: true, hidden: [expect.stringMatching(/^\w{1,7}$/)] },
	},
	events: {
		role: "events",
		body: () => ({
			body: {
				events: ["Warning", "Normal"].map((kind) => ({
					tMs: NOW,
					firstMs: NOW,
					type: kind,
					reason: `R${kind}`,
					message: "m",
					platform: "p",
					component: "c",
					count: 1,
				})),
				total: 2,
			},
		}),
		set(root) {
			button(root, "▲").click();
			type(root, "RWarn");
		},
		look: (root) => [root.dataset.rows, pressed(root), root.querySelector("input")?.value],
		kept: { warnings: true, words: "RWarn" },
	},
	commands: {
		role: "operations",
		body: () => ({ body: { operations: [] } }),
		options: { commands: ["scale", "restart"].map((name) => ({ name, title: name, arguments: [] })) },
		set: (root) => button(root, "restart").click(),
		look: (root) => pressed(root),
		kept: { chosen: "restart" },
	},
};

beforeEach(() => {
	vi.spyOn(Plot.prototype, "configure").mockImplementation(() => undefined);
	vi.spyOn(Plot.prototype, "draw").mockReturnValue(true);
	return () => vi.restoreAllMocks();
});

describe("what the user set by hand", () => {
	for (const [kind, one] of Object.entries(CASES) as [Kind, Case][]) {
		const show = (kept = {}) => {
			const ch = `${one.role}:${JSON.stringify(kept).length}`;
			const view = bench().mount(kind, { [one.role]: ch }, one.options, kept);
			const { body, buffers = [] } = one.body();
			bench().show([bench().status(), bench().kernel.part(ch, one.role, body)], buffers);
			return view;
		};
		it(`is kept in the model of ${kind}, and the next view begins with it`, () => {
			const view = show();
			const before = one.look(view.root());
			one.set(view.root());
			bench().show();
			const left = one.look(view.root());
			expect(left).not.toEqual(before);
			expect(view.model.get("_kept")).toEqual(one.kept);
			expect(view.model.saved).toBeGreaterThan(0);
			const next = show(JSON.parse(JSON.stringify(view.model.get("_kept"))));
			bench().show();
			expect(one.look(next.root())).toEqual(left);
		});

		it(`is left where it is strange, in ${kind}`, () => {
			const strange = Object.fromEntries(Object.keys(one.kept).map((name) => [name, [{}, [null], 7]]));
			expect(() => show(strange)).not.toThrow();
		});
	}

	it("is not kept where it is too much", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([bench().status(), bench().kernel.part("alerts:1", "alerts", { active: [], resolved: [], counts })]);
		type(view.root(), "a");
		type(view.root(), "a".repeat(20_000));
		expect(view.model.get("_kept")).toEqual({ matchers: "a" });
	});
});
