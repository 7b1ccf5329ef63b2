import { describe, expect, it } from "vitest";
import { conditionTone } from "../../src/widgets/platform-parts";
import { metricsBody, series } from "../kernel";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
const CHANNELS = { platform: "platform:1", metrics: "metrics:1", logs: "logs:1" };
const platform = (b: Bench, changes = {}) =>
	b.kernel.part("platform:1", "platform", {
		found: true,
		id: "p1",
		namespace: "observability",
		name: "production",
		phase: "Upgrading",
		health: "degraded",
		message: "rolling grafana",
		version: "2.1.0",
		updatedMs: NOW - 42_000,
		components: [
			{
				name: "grafana",
				health: "degraded",
				phase: "Ready",
				version: "11.1",
				replicas: 3,
				ready: 2,
				message: "1 not ready",
			},
			{ name: "tempo", health: "unknown", phase: "Installing", version: "", replicas: null, ready: null, message: "" },
		],
		conditions: [{ type: "Ready", status: "False", reason: "NotYet", message: "", sinceMs: NOW - 60_000 }],
		operations: [{ id: "o1", kind: "upgrade", status: "running", progress: 0.62, stage: "grafana", message: "" }],
		alerts: { critical: 1, warning: 0, info: 0 },
		events: [{ tMs: NOW - 1000, type: "Warning", reason: "BackOff", message: "restarting", component: "grafana" }],
		...changes,
	});

describe("PlatformCard", () => {
	it("waits, then says what there is", () => {
		const view = bench().mount("platform", CHANNELS);
		expect(seen(view.root())).toContain("waiting for first status");
		bench().show([bench().status(), platform(bench())]);
		const text = seen(view.root());
		for (const part of [
			"Upgrading",
			"production",
			"observability · v2.1.0",
			"rolling grafana",
			"updated 42 s ago",
			"■ 1 critical",
		]) {
			expect(text).toContain(part);
		}
		expect(view.root().dataset.phase).toBe("Upgrading");
		expect(text).not.toContain("waiting for first status");
	});

	it("shows each component by shape, word and numbers", () => {
		const view = bench().mount("platform", CHANNELS);
		bench().show([bench().status(), platform(bench())]);
		const rows = [...view.root().querySelectorAll<HTMLElement>("tr[data-health]")];
		expect(rows.map((r) => r.dataset.health)).toEqual(["degraded", "unknown"]);
		expect(rows.map(seen)).toEqual(["▲ degradedgrafana11.12/31 not ready", "? unknowntempo––Installing"]);
	});

	it("shows the running operation, the conditions and the events", () => {
		const view = bench().mount("platform", CHANNELS);
		bench().show([bench().status(), platform(bench())]);
		const bar = view.root().querySelector('[role="progressbar"]');
		expect(bar?.getAttribute("aria-valuenow")).toBe("62");
		const text = seen(view.root());
		expect(text).toContain("upgraderunning · grafana62%");
		expect(text).toContain("■ FalseReadyNotYet60 s ago");
		expect(text).toContain("▲ BackOffgrafana: restarting");
	});

	it("says that a platform is unknown instead of showing an empty one", () => {
		const view = bench().mount("platform", CHANNELS);
		bench().show([bench().status(), platform(bench(), { found: false, components: [] })]);
		expect(seen(view.root())).toContain("knows no platform “observability/production”");
		expect(view.root().dataset.phase).toBeUndefined();
	});

	it("sums up CPU and memory with their units", () => {
		const view = bench().mount("platform", CHANNELS);
		const list = [series(1), series(2), series(3, { metric: "memory_usage", unit: "bytes" })];
		const { body, buffers } = metricsBody(list, [
			{ k: 1, x: NOW, y: 20 },
			{ k: 2, x: NOW, y: 40 },
			{ k: 3, x: NOW, y: 2 ** 30 },
		]);
		bench().show([bench().status(), platform(bench()), bench().kernel.part("metrics:1", "metrics", body)], buffers);
		expect(seen(view.root().querySelector('[data-metric="cpu_usage"]'))).toBe("CPU30%mean of 2");
		expect(seen(view.root().querySelector('[data-metric="memory_usage"]'))).toBe("memory1 GiB");
	});

	it("keeps the last ten log lines behind a toggle", () => {
		const view = bench().mount("platform", CHANNELS);
		const lines = Array.from({ length: 25 }, (_, i) => [i, NOW, "warn", "loki", `line ${i}`, null]);
		const logs = bench().kernel.part("logs:1", "logs", { lines, total: 25, filtered: 0, lost: 0, limit: 100 });
		bench().show([bench().status(), platform(bench()), logs]);
		const toggle = [...view.root().querySelectorAll("button")].find((b) => b.textContent === "Show logs");
		expect(view.root().querySelectorAll(".gunj-tail li")).toHaveLength(0);
		toggle?.click();
		bench().show();
		const shown = [...view.root().querySelectorAll(".gunj-tail li")];
		expect(shown).toHaveLength(10);
		expect(seen(shown[9] as Element)).toContain("loki: line 24");
		expect(toggle?.getAttribute("aria-expanded")).toBe("true");
		toggle?.click();
		bench().show();
		expect(seen(view.root())).not.toContain("line 24");
	});
});

describe("conditionTone", () => {
	it.each([
		["Ready", "True", "good"],
		["Ready", "False", "bad"],
		["Ready", "Unknown", "quiet"],
		["DiskPressure", "True", "bad"],
		["Degraded", "False", "good"],
		["Progressing", "True", "busy"],
	])("%s=%s is %s", (type, status, tone) => {
		expect(conditionTone({ type, status })).toBe(tone);
	});
});
