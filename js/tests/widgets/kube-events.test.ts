import { describe, expect, it } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const event = (changes = {}) => ({
	tMs: NOW - 60_000,
	firstMs: NOW - 600_000,
	type: "Warning",
	reason: "BackOff",
	message: "Back-off restarting failed container",
	platform: "production",
	component: "loki",
	count: 7,
	...changes,
});

describe("EventFeed", () => {
	it("tells reason, place, count, first and last time, and waits in words", () => {
		const view = bench().mount("events", { events: "events:1" });
		expect(seen(view.root())).toContain("waiting for the first events");
		const events = [event(), event({ type: "Normal", reason: "Pulled", count: 1 })];
		bench().show([bench().status(), bench().kernel.part("events:1", "events", { events, total: 5 })]);
		const rows = [...view.root().querySelectorAll<HTMLElement>(".gunj-event")];
		expect(rows.map(seen)[0]).toMatch(/^▲ BackOffproduction \/ loki×7.*agoBack-off restarting/);
		expect(rows[0]?.querySelector("[title]")?.getAttribute("title")).toMatch(/^first .*\nlast /);
		expect(seen(rows[1] as Element)).not.toContain("×");
		expect(seen(view.root())).toContain("2 events, 3 older");
	});

	it("keeps to warnings and to words", () => {
		const view = bench().mount("events", { events: "events:1" });
		const events = [event(), event({ type: "Normal", reason: "Pulled" }), event({ reason: "Unhealthy" })];
		bench().show([bench().status(), bench().kernel.part("events:1", "events", { events, total: 3 })]);
		expect(view.root().dataset.rows).toBe("3");
		(view.root().querySelector(".gunj-activity-bar button") as HTMLButtonElement).click();
		bench().show();
		expect(view.root().dataset.rows).toBe("2");
		const input = view.root().querySelector("input") as HTMLInputElement;
		input.value = "UNHEALTHY";
		input.dispatchEvent(new Event("input"));
		bench().show();
		expect(view.root().dataset.rows).toBe("1");
	});
});
