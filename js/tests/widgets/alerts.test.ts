import { describe, expect, it, vi } from "vitest";
import { alertBody } from "../kernel";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
const alerts = (b: Bench, active: unknown[], resolved: unknown[] = [], counts = {}) =>
	b.kernel.part("alerts:1", "alerts", {
		active,
		resolved,
		counts: { critical: 0, warning: 0, info: 0, pending: 0, ...counts },
	});
const rows = (root: Element) => [...root.querySelectorAll<HTMLElement>("li[data-fingerprint]")];

describe("AlertPanel", () => {
	it("puts the worst first, then the oldest", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const list = [
			alertBody("i", { severity: "info", startsMs: NOW - 9e6 }),
			alertBody("w-new", { startsMs: NOW - 1000 }),
			alertBody("x", { severity: "custom" }),
			alertBody("w-old", { startsMs: NOW - 5e6 }),
			alertBody("c", { severity: "critical" }),
		];
		bench().show([bench().status(), alerts(bench(), list, [], { critical: 1, warning: 2, info: 1 })]);
		expect(rows(view.root()).map((li) => li.dataset.fingerprint)).toEqual(["c", "w-old", "w-new", "i", "x"]);
		expect(view.root().dataset.active).toBe("5");
		expect(seen(view.root())).toContain("■ 1 critical▲ 2 warning● 1 info○ 0 pending");
		expect(seen(rows(view.root())[0] as Element)).toMatch(/^■ criticalAlert cproduction \/ lokifiring60 s/);
	});

	it("says since when all is quiet", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		expect(seen(view.root())).toContain("waiting for the first alerts");
		bench().show([
			bench().status(),
			alerts(bench(), [], [alertBody("r", { state: "resolved", endsMs: NOW - 60_000 })]),
		]);
		expect(seen(view.root())).toMatch(/no active alerts ✓ since \d\d:\d\d:\d\d/);
		expect(seen(view.root().querySelector("summary"))).toBe("resolved (1)");
	});

	it("acknowledges and silences, shows that it is asking, and the refusal", async () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([bench().status(), alerts(bench(), [alertBody("f")])]);
		const row = () => rows(view.root())[0] as HTMLElement;
		const [ack, silence] = [...row().querySelectorAll("button")] as HTMLButtonElement[];
		ack?.click();
		bench().show();
		expect(row().hasAttribute("data-pending")).toBe(true);
		expect([ack?.disabled, silence?.disabled, seen(row()).includes("asking")]).toEqual([true, true, true]);
		const [act] = bench().kernel.said("act");
		expect(act).toMatchObject({ ch: "status:1", verb: "ack", args: { fingerprint: "f" } });
		bench().show([bench().kernel.part("reply", "reply", { re: act?.id, ok: false, error: "403 Forbidden" })]);
		await vi.advanceTimersByTimeAsync(50);
		expect(seen(row())).toContain("403 Forbidden");
		silence?.click();
		bench().show();
		expect(bench().kernel.said("act")[1]).toMatchObject({
			verb: "silence",
			args: { fingerprint: "f", duration: 3600 },
		});
		bench().show([
			bench().kernel.part("reply", "reply", { re: bench().kernel.said("act")[1]?.id, ok: true, error: "" }),
		]);
		await vi.advanceTimersByTimeAsync(50);
		expect(seen(row())).not.toContain("403");
	});

	it("marks what was acknowledged and silenced, and offers no second acknowledgement", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([
			bench().status(),
			alerts(bench(), [alertBody("f", { acknowledged: "mira", silencedUntilMs: NOW + 60_000 })]),
		]);
		const row = rows(view.root())[0] as HTMLElement;
		expect(row.dataset.acknowledged).toBe("true");
		expect(seen(row)).toMatch(/✓ acknowledged by mira · silenced until \d\d:\d\d/);
		expect(seen(row)).not.toContain("Acknowledge");
	});
});
