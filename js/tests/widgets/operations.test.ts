import { describe, expect, it, vi } from "vitest";
import { remainingMs } from "../../src/widgets/operations";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const operation = (changes = {}) => ({
	id: "op1",
	kind: "upgrade",
	platform: "production",
	status: "running",
	progress: 0.4,
	stages: [
		{ name: "validation", status: "succeeded", progress: 1, message: "" },
		{ name: "rollout", status: "running", progress: 0.25, message: "" },
		{ name: "cleanup", status: "pending", progress: 0, message: "" },
	],
	message: "rollout",
	error: "",
	startedMs: NOW - 40_000,
	finishedMs: null,
	...changes,
});
const show = (operations: unknown[]) =>
	bench().show([bench().status(), bench().kernel.part("operations:1", "operations", { operations })]);

describe("remainingMs", () => {
	it("goes on at the pace so far, and says nothing where there is nothing to go by", () => {
		expect(remainingMs({ status: "running", progress: 0.4, startedMs: NOW - 40_000 }, NOW)).toBe(60_000);
		expect(remainingMs({ status: "running", progress: 0.01, startedMs: NOW - 40_000 }, NOW)).toBeNull();
		expect(remainingMs({ status: "running", progress: 0.4, startedMs: null }, NOW)).toBeNull();
		expect(remainingMs({ status: "failed", progress: 0.4, startedMs: NOW - 1 }, NOW)).toBeNull();
		expect(remainingMs({ status: "running", progress: 0.4, startedMs: NOW + 5 }, NOW)).toBeNull();
	});
});

describe("OperationProgress", () => {
	it("shows stages, share and time left", () => {
		const view = bench().mount("operations", { operations: "operations:1" });
		show([operation()]);
		const text = seen(view.root());
		expect(text).toContain("1 under way");
		expect(text).toMatch(/40 %, about (60 s|1 min|1m)/);
		expect([...view.root().querySelectorAll(".gunj-stages li")].map((li) => li.textContent)).toEqual([
			"✓ validation",
			"◌ rollout 25 %",
			"○ cleanup",
		]);
		expect(view.root().querySelector('[aria-current="step"]')?.textContent).toContain("rollout");
	});

	it("says why one failed, and offers no way to stop it", () => {
		const view = bench().mount("operations", { operations: "operations:1" });
		show([operation({ status: "failed", error: "image not found", finishedMs: NOW - 1000 })]);
		expect(seen(view.root())).toContain("■ failed");
		expect(seen(view.root())).toContain("image not found");
		expect(seen(view.root())).not.toContain("Cancel");
	});

	it("asks once more before it stops one, and says what the operator answered", async () => {
		const view = bench().mount("operations", { operations: "operations:1" });
		show([operation()]);
		const press = (label: string) => {
			const found = [...view.root().querySelectorAll("button")].find((b) => b.textContent === label && !b.hidden);
			found?.click();
			bench().show();
		};
		press("Stop it");
		expect(bench().kernel.said("act")).toEqual([]);
		press("Cancel …");
		press("Go on");
		press("Stop it");
		expect(bench().kernel.said("act")).toEqual([]);
		press("Cancel …");
		press("Stop it");
		const [act] = bench().kernel.said("act");
		expect(act).toMatchObject({ verb: "cancel", args: { operation: "op1" } });
		expect(seen(view.root())).toContain("stopping …");
		(document.activeElement as HTMLElement).blur(); // as a browser does with what is hidden
		bench().show([bench().kernel.part("reply", "reply", { re: act?.id, ok: false, error: "it has ended" })]);
		await vi.advanceTimersByTimeAsync(50);
		expect(seen(view.root())).toContain("it has ended");
		expect(seen(view.root())).toContain("Cancel …");
		expect(document.activeElement?.textContent).toBe("Cancel …");
	});
});
