/** One moment in all views of a session: who tells it, and how each shows it. */
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Crosshair } from "../../src/lib/crosshair";
import { nearestRow } from "../../src/widgets/log-list";
import { alertBody } from "../kernel";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
let others: Crosshair;
let told: [number | null, number][];

beforeEach(() => {
	others = new Crosshair("status:1");
	told = [];
	const undo = others.listen((atMs, reachMs) => told.push([atMs, reachMs]));
	return undo;
});

const hover = (el: Element | null | undefined, type = "pointerover", init = {}) =>
	el?.dispatchEvent(new MouseEvent(type, { bubbles: type === "pointerover" || type === "pointermove", ...init }));
const marked = (root: Element) => [...root.querySelectorAll("[data-pointed]")].map(seen);

const event = (reason: string, tMs: number, firstMs = tMs) => ({
	...{ tMs, firstMs, type: "Warning", reason, message: "m", platform: "production", component: "loki", count: 1 },
});
const shown = {
	alerts: () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const active = [alertBody("Old", { startsMs: NOW - 60_000 }), alertBody("New", { startsMs: NOW - 5000 })];
		const resolved = [alertBody("Past", { startsMs: NOW - 90_000, endsMs: NOW - 20_000, state: "resolved" })];
		const counts = { critical: 0, warning: 2, info: 0, pending: 0 };
		bench().show([bench().status(), bench().kernel.part("alerts:1", "alerts", { active, resolved, counts })]);
		return view.root();
	},
	events: () => {
		const view = bench().mount("events", { events: "events:1" });
		const events = [event("Late", NOW - 5000, NOW - 30_000), event("Early", NOW - 60_000)];
		bench().show([bench().status(), bench().kernel.part("events:1", "events", { events, total: 2 })]);
		return view.root();
	},
	timeline: () => {
		const view = bench().mount("timeline", { timeline: "timeline:1" });
		const common = { kind: "note", tone: "busy", detail: "", platform: "", component: "", lasting: false };
		const moments = [
			{ ...common, tMs: NOW - 600_000, endMs: null, title: "First" },
			{ ...common, tMs: NOW - 60_000, endMs: NOW - 30_000, title: "Second" },
		];
		bench().show([bench().status(), bench().kernel.part("timeline:1", "timeline", { moments, total: 2 })]);
		return view.root();
	},
	logs: (times: number[]) => {
		vi.spyOn(HTMLElement.prototype, "clientHeight", "get").mockReturnValue(100);
		const view = bench().mount("logs", { logs: "logs:1" });
		const lines = times.map((tMs, i) => [i + 1, tMs, "info", "c", `line ${i + 1}`, null]);
		const body = { lines, total: lines.length, filtered: 0, lost: 0, limit: 1000, notice: "" };
		bench().show([bench().status(), bench().kernel.part("logs:1", "logs", body)]);
		return view.root();
	},
};

describe("the linked crosshair", () => {
	it("marks the alerts that began or ended then, and tells when the one under the pointer began", () => {
		const root = shown.alerts();
		others.point(NOW - 60_500, 1000);
		expect(marked(root)).toEqual([expect.stringContaining("Alert Old")]);
		(root.querySelector("details") as HTMLDetailsElement).open = true;
		root.querySelector("details")?.dispatchEvent(new Event("toggle"));
		bench().show();
		others.point(NOW - 20_000, 1000);
		expect(marked(root)).toEqual([expect.stringContaining("Alert Past")]);
		others.point(NOW - 30_000, 30_000);
		expect(marked(root)).toHaveLength(3);
		others.point(null);
		expect(marked(root)).toEqual([]);
		hover(root.querySelector('[data-fingerprint="New"] .gunj-alert-name'));
		expect(told.at(-1)).toEqual([NOW - 5000, 1000]);
		hover(root.querySelector(".gunj-body"), "pointerleave");
		expect(told.at(-1)?.[0]).toBeNull();
		expect(marked(root), "not its own").toEqual([]);
	});

	it("marks events by their first and last time, also those that come later", () => {
		const root = shown.events();
		others.point(NOW - 30_000, 500);
		expect(marked(root)).toEqual([expect.stringContaining("Late")]);
		const events = [event("Newer", NOW - 30_200), event("Late", NOW - 5000)];
		bench().show([bench().kernel.part("events:1", "events", { events, total: 2 })]);
		expect(marked(root)).toEqual([expect.stringContaining("Newer")]);
		hover(root.querySelectorAll(".gunj-event")[1]);
		expect(told.at(-1)?.[0]).toBe(NOW - 5000);
	});

	it("tells the row that has the focus, for those who have no pointer", () => {
		const root = shown.alerts();
		root.querySelector<HTMLElement>('[data-fingerprint="Old"] button')?.focus();
		expect(told.at(-1)?.[0]).toBe(NOW - 60_000);
		(document.activeElement as HTMLElement).blur();
		expect(told.at(-1)?.[0]).toBeNull();
	});

	it("tells the moment that keys go to in the timeline's list", () => {
		Element.prototype.scrollIntoView = () => undefined; // jsdom lays nothing out
		const list = shown.timeline().querySelector<HTMLElement>(".gunj-tl-list") as HTMLElement;
		list.focus();
		for (const key of ["ArrowDown", "ArrowDown"])
			list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
		expect(told.map(([at]) => at)).toEqual([NOW - 60_000, NOW - 600_000]);
		list.blur();
		expect(told.at(-1)?.[0]).toBeNull();
	});

	it("draws a line over the timeline, and tells the place under the pointer with some pixels' reach", () => {
		const root = shown.timeline();
		const line = root.querySelector<HTMLElement>(".gunj-tl-point i") as HTMLElement;
		const lanes = root.querySelector<HTMLElement>(".gunj-tl") as HTMLElement;
		expect(line.hidden).toBe(true);
		// The axis is of the last ten minutes and 2 % more.
		others.point(NOW - 306_000, 1000);
		expect(line.hidden).toBe(false);
		expect(Number(/translateX\(([\d.]+)%\)/.exec(line.style.transform)?.[1])).toBeCloseTo(50, 0);
		others.point(NOW - 3_000_000, 1000);
		expect(line.hidden, "before the axis").toBe(true);
		const box = vi.spyOn(Element.prototype, "getBoundingClientRect");
		box.mockReturnValue({ left: 100, width: 612 } as DOMRect);
		hover(lanes, "pointerenter");
		box.mockClear();
		for (const clientX of [300, 700, 406]) hover(lanes, "pointermove", { clientX });
		const [at, reach] = told.at(-1) as [number, number];
		expect(Math.abs(at - (NOW - 306_000))).toBeLessThan(2000);
		expect(reach).toBeCloseTo(6000, -2);
		expect(line.hidden).toBe(false);
		expect(box, "no layout for a move").not.toHaveBeenCalled();
		hover(lanes, "pointermove", { clientX: 20 });
		expect([told.at(-1)?.[0], line.hidden]).toEqual([null, true]);
		box.mockRestore();
		hover([...root.querySelectorAll(".gunj-event")].find((row) => seen(row).includes("First")));
		expect(told.at(-1)?.[0]).toBe(NOW - 600_000);
		expect(line.hidden, "a row of its list shows on its lanes").toBe(false);
	});

	it("marks the log line nearest to the moment, of those in sight, and tells that of the line pointed at", () => {
		const root = shown.logs(Array.from({ length: 40 }, (_, i) => NOW - 40_000 + i * 1000));
		const list = root.querySelector(".gunj-log") as HTMLElement;
		others.point(NOW - 38_300, 1000);
		expect(marked(root)).toEqual([expect.stringContaining("line 3")]);
		others.point(NOW - 10_000, 1000);
		expect(marked(root), "out of sight").toEqual([]);
		const row = [...root.querySelectorAll(".gunj-log-row")].find((el) => seen(el).includes("line 2"));
		hover(row?.querySelector(".gunj-log-text"));
		expect(told.at(-1)).toEqual([NOW - 39_000, 1000]);
		hover(list, "pointerleave");
		expect(told.at(-1)?.[0]).toBeNull();
		list.dispatchEvent(new KeyboardEvent("keydown", { key: "j", bubbles: true }));
		expect(told.at(-1)?.[0], "by key").toBe(NOW - 40_000);
		vi.restoreAllMocks();
	});

	it("marks no log line that is drawn but scrolled out of sight", () => {
		vi.spyOn(HTMLElement.prototype, "scrollTop", "get").mockReturnValue(300);
		const root = shown.logs(Array.from({ length: 40 }, (_, i) => NOW - 40_000 + i * 1000));
		expect(seen(root.querySelector(".gunj-log-row")), "rows above the fifteenth are drawn").toContain("line 8");
		others.point(NOW - 40_000 + 10_000, 1000);
		expect(marked(root)).toEqual([]);
		others.point(NOW - 40_000 + 16_000, 1000);
		expect(marked(root)).toEqual([expect.stringContaining("line 17")]);
		vi.restoreAllMocks();
	});

	it("stays within its session", () => {
		const root = shown.events();
		new Crosshair("status:2").point(NOW - 60_000, 1000);
		expect(marked(root)).toEqual([]);
	});
});

describe("nearestRow", () => {
	it.each([
		[[10, 20, 30], 24, 5, 1],
		[[10, 20, 30], 6, 5, 0],
		[[10, 20, 30], 4, 5, -1],
		[[10, 20, 30], 36, 5, -1],
		[[10, 900], 400, 5, 0],
		[[30, 10, 20], 19, 1, 2],
		[[], 5, 5, -1],
	])("of %j at %d within %d is %d", (times, at, reach, row) => {
		expect(nearestRow(times, at, reach)).toBe(row);
	});
});
