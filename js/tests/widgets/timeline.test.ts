import { describe, expect, it } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const moment = (changes: object) => ({
	tMs: NOW - 60_000,
	endMs: null,
	kind: "alert",
	tone: "bad",
	title: "LokiDown firing",
	detail: "no <b>replica</b>",
	platform: "production",
	component: "loki",
	lasting: true,
	...changes,
});
const shown = (moments: object[], range = {}) => {
	const view = bench().mount("timeline", { timeline: "timeline:1" });
	const part = bench().kernel.part("timeline:1", "timeline", { moments, total: moments.length + 3 });
	bench().show([bench().status(range), part]);
	return view;
};

describe("IncidentTimeline", () => {
	it("waits, then shows lanes and a list, newest first; text is text", () => {
		const view = shown([
			moment({}),
			moment({ kind: "note", tMs: NOW - 30_000, title: "rolled back", detail: "by ada", lasting: false }),
		]);
		const rows = [...view.root().querySelectorAll(".gunj-tl-list > li")].map(seen);
		expect(rows[0]).toContain("rolled back");
		expect(rows[1]).toContain("no <b>replica</b>");
		expect(rows[1]).toContain("goes on");
		expect(view.root().querySelector("b")).toBeNull();
		expect(view.root().querySelectorAll(".gunj-tl-lane:not([hidden])")).toHaveLength(2);
		expect(seen(view.root())).toContain("3 older not sent");
	});

	it("shows of a stretch only what was there then", () => {
		const range = { range: { version: 1, live: false, fromMs: NOW - 40_000, toMs: NOW - 20_000 } };
		const early = moment({ tMs: NOW - 90_000, endMs: NOW - 80_000, lasting: false, title: "Early resolved" });
		const view = shown([moment({}), early], range);
		expect(view.root().dataset.rows).toBe("1");
		expect(seen(view.root())).not.toContain("Early");
		expect(view.root().querySelector<HTMLElement>(".gunj-range")?.hidden).toBe(false);
	});

	it("is gone through by keyboard", () => {
		Element.prototype.scrollIntoView = () => undefined; // jsdom lays nothing out
		const view = shown([moment({}), moment({ tMs: NOW - 10_000, title: "Second firing" })]);
		const list = view.root().querySelector(".gunj-tl-list");
		const press = (key: string) => list?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
		press("ArrowDown");
		bench().show();
		expect(seen(view.root().querySelector("[aria-current]") as Element)).toContain("Second");
		press("ArrowDown");
		bench().show();
		expect(seen(view.root().querySelector("[aria-current]") as Element)).toContain("LokiDown");
	});
});
