/** The session's time in the lists: a fixed stretch, and one that moves with now. */
import { describe, expect, it, vi } from "vitest";
import { alertBody } from "../kernel";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
const ranged = (changes: object) =>
	bench().status({ kernelMs: Date.now(), range: { version: 1, live: false, ...changes } });
const fixed = () => ranged({ fromMs: NOW - 40_000, toMs: NOW - 20_000 });
const last30s = () => ranged({ live: true, fromMs: Date.now() - 30_000, toMs: Date.now() });
const chip = (root: Element) => root.querySelector<HTMLButtonElement>(".gunj-range") as HTMLButtonElement;

const event = (reason: string, tMs: number, firstMs = tMs) => ({
	...{ tMs, firstMs, type: "Normal", reason, message: "", platform: "p", component: "c", count: 1 },
});
const events = (b: Bench) => {
	const list = [event("Now", NOW), event("Long", NOW - 10_000, NOW - 90_000), event("Then", NOW - 35_000)];
	return b.kernel.part("events:1", "events", { events: [...list, event("Before", NOW - 60_000)], total: 4 });
};
const alerts = (b: Bench) => {
	const active = [alertBody("Fresh", { startsMs: NOW - 5000 }), alertBody("Old", { startsMs: NOW - 90_000 })];
	const ended = { state: "resolved", startsMs: NOW - 90_000 };
	const resolved = [
		alertBody("Then", { ...ended, endsMs: NOW - 35_000 }),
		alertBody("Before", { ...ended, endsMs: NOW - 60_000 }),
	];
	const counts = { critical: 0, warning: 2, info: 0, pending: 0 };
	return b.kernel.part("alerts:1", "alerts", { active, resolved, counts });
};
const line = (id: number, tMs: number) => [id, tMs, "info", "c", `line ${id}`, null];
const logs = (b: Bench, lines: unknown[], op = "snap") =>
	b.kernel.part("logs:1", "logs", { lines, total: 9, filtered: 0, lost: 0, limit: 1000, notice: "" }, op);

describe("EventFeed and the session's time", () => {
	const reasons = (root: Element) => [...root.querySelectorAll(".gunj-event-reason")].map((el) => seen(el).slice(2));

	it("shows what was said within a fixed stretch, a repetition by its first and last time", () => {
		const view = bench().mount("events", { events: "events:1" });
		bench().show([fixed(), events(bench())]);
		expect(reasons(view.root())).toEqual(["Long", "Then"]);
		expect(seen(view.root())).toContain("2 of 4 shown");
	});

	it("shows the last half minute, which moves on", () => {
		const view = bench().mount("events", { events: "events:1" });
		bench().show([last30s(), events(bench())]);
		expect(reasons(view.root())).toEqual(["Now", "Long"]);
		vi.advanceTimersByTime(4000);
		expect(reasons(view.root()), "between two beats too").toEqual(["Now", "Long"]);
		for (const _ of "12345") {
			vi.advanceTimersByTime(4000);
			bench().show([last30s()]);
		}
		expect(reasons(view.root())).toEqual(["Now"]);
	});
});

describe("AlertPanel and the session's time", () => {
	const shown = (root: Element) =>
		[...root.querySelectorAll<HTMLElement>("[data-fingerprint]")].map((el) => el.dataset.fingerprint);
	const mount = () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const past = view.root().querySelector("details") as HTMLDetailsElement;
		past.open = true;
		past.dispatchEvent(new Event("toggle"));
		return view;
	};

	it("shows what fired at some time of a fixed stretch", () => {
		const view = mount();
		bench().show([fixed(), alerts(bench())]);
		expect(shown(view.root())).toEqual(["Old", "Then"]);
	});

	it("shows what fired in the last half minute", () => {
		const view = mount();
		bench().show([last30s(), alerts(bench())]);
		expect(shown(view.root())).toEqual(["Old", "Fresh"]);
	});
});

describe("LogViewer and the session's time", () => {
	it("shows the last half minute: new lines come, also those ahead of our clock, and old ones leave", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		const old = Array.from({ length: 60 }, (_, i) => line(i + 1, NOW - 60_000 + i * 1000));
		bench().show([last30s(), logs(bench(), old)]);
		expect(view.root().dataset.rows).toBe("29");
		bench().show([logs(bench(), [line(61, NOW + 2000)], "delta")]);
		expect(view.root().dataset.rows).toBe("30");
		vi.advanceTimersByTime(10_000);
		bench().show();
		expect(Number(view.root().dataset.rows)).toBeLessThan(22);
		expect(Number(view.root().dataset.rows)).toBeGreaterThan(19);
		expect(seen(view.root().querySelector(".gunj-log-canvas"))).not.toContain("line 31");
	});

	it("keeps the lines that are read", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		bench().show([last30s(), logs(bench(), [line(1, NOW - 29_000), line(2, NOW)])]);
		const press = () =>
			view
				.root()
				.querySelector(".gunj-log")
				?.dispatchEvent(new KeyboardEvent("keydown", { key: "s", bubbles: true }));
		press();
		vi.advanceTimersByTime(5000);
		expect(view.root().dataset.rows).toBe("2");
		press();
		vi.advanceTimersByTime(1500);
		expect(view.root().dataset.rows).toBe("1");
	});

	it("shows a live stretch that ends before now as it moves", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		const lagging = () => ranged({ live: true, fromMs: Date.now() - 30_000, toMs: Date.now() - 10_000 });
		bench().show([lagging(), logs(bench(), [line(1, NOW - 15_000), line(2, NOW - 5000)])]);
		expect(view.root().dataset.rows).toBe("1");
		expect(seen(chip(view.root()))).toBe("30 s – 10 s ago ✕");
		vi.advanceTimersByTime(9000);
		bench().show([lagging()]);
		vi.advanceTimersByTime(2000);
		expect(view.root().dataset.rows).toBe("2");
	});
});

describe("IncidentTimeline and the session's time", () => {
	it("has the last half minute as its axis", () => {
		const view = bench().mount("timeline", { timeline: "timeline:1" });
		const common = { endMs: null, kind: "note", tone: "busy", detail: "", platform: "", component: "", lasting: false };
		const moments = [
			{ ...common, tMs: NOW - 60_000, title: "Before" },
			{ ...common, tMs: NOW - 15_000, title: "Half way" },
		];
		bench().show([last30s(), bench().kernel.part("timeline:1", "timeline", { moments, total: 2 })]);
		expect(view.root().dataset.rows).toBe("1");
		expect(seen(view.root())).toContain("1 moment in the last 30 s");
		const bar = view.root().querySelector<HTMLElement>(".gunj-tl-bar");
		expect(Number.parseFloat(bar?.style.left ?? "")).toBeCloseTo(50, 0);
	});
});

describe("the chip", () => {
	it("is not there while the session has no time of its own", () => {
		const view = bench().mount("events", { events: "events:1" });
		bench().show([bench().status(), events(bench())]);
		expect(chip(view.root()).hidden).toBe(true);
	});

	it("tells the zone beside the stretch, or where it is not local, and goes on to the next", () => {
		const view = bench().mount("events", { events: "events:1" });
		const zone = () => view.root().querySelector<HTMLButtonElement>(".gunj-zone") as HTMLButtonElement;
		bench().show([bench().status(), events(bench())]);
		expect(zone().hidden).toBe(true);
		bench().show([fixed()]);
		expect([zone().hidden, seen(zone())]).toEqual([false, "local time"]);
		bench().show([ranged({ zone: "Asia/Kolkata", fromMs: NOW - 40_000, toMs: NOW - 20_000 })]);
		expect(seen(chip(view.root()))).toBe("03:42:40 – 03:43:00 ✕");
		bench().show([bench().status({ range: { zone: "Asia/Kolkata" } })]);
		expect([zone().hidden, seen(zone())]).toEqual([false, "Kolkata"]);
		zone().click();
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args: { zone: true } });
	});

	it.each([
		[fixed, {}, /^\d\d:\d\d:\d\d – \d\d:\d\d:\d\d ✕$/],
		[last30s, { all: true }, /^last 30 s ✕$/],
	])("says what is shown and leads to all times (%#)", (status, args, words) => {
		const view = bench().mount("events", { events: "events:1" });
		bench().show([status(), events(bench())]);
		expect(seen(chip(view.root()))).toMatch(words);
		chip(view.root()).click();
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args });
	});
});
