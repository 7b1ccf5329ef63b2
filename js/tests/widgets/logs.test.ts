import { beforeEach, describe, expect, it, vi } from "vitest";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
let top: number;
const HEIGHT = 200;

/** jsdom lays nothing out: a list of 200 px whose content is as high as its canvas says. */
beforeEach(() => {
	top = 0;
	const canvas = (el: Element) =>
		Number.parseFloat((el.querySelector(".gunj-log-canvas") as HTMLElement | null)?.style.height ?? "0");
	vi.spyOn(Element.prototype, "clientHeight", "get").mockReturnValue(HEIGHT);
	vi.spyOn(Element.prototype, "scrollHeight", "get").mockImplementation(function (this: Element) {
		return Math.max(HEIGHT, canvas(this));
	});
	vi.spyOn(Element.prototype, "scrollTop", "get").mockImplementation(() => top);
	vi.spyOn(Element.prototype, "scrollTop", "set").mockImplementation(function (this: Element, value) {
		top = Math.max(0, Math.min(value, Math.max(HEIGHT, canvas(this)) - HEIGHT));
	});
});

const LEVELS = ["info", "warn", "error", "debug"];
const lines = (from: number, n: number, message = (id: number) => `message ${id}`) =>
	Array.from({ length: n }, (_, i) => [
		from + i,
		NOW + i,
		LEVELS[(from + i) % 4],
		`c${(from + i) % 3}`,
		message(from + i),
		null,
	]);
const logs = (b: Bench, list: unknown[], op = "delta", changes = {}) =>
	b.kernel.part("logs:1", "logs", { lines: list, total: 1000, filtered: 0, lost: 0, limit: 100_000, ...changes }, op);

function viewer(n = 100) {
	const view = bench().mount("logs", { logs: "logs:1" });
	bench().show([bench().status(), logs(bench(), lines(1, n), "snap")]);
	const list = view.root().querySelector(".gunj-log") as HTMLElement;
	return {
		view,
		list,
		rows: () => [...list.querySelectorAll<HTMLElement>(".gunj-log-row")],
		text: () => seen(view.root()),
		key: (key: string) => {
			list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
			bench().show();
		},
		scroll: (to: number) => {
			list.dispatchEvent(new Event("wheel"));
			top = to;
			list.dispatchEvent(new Event("scroll"));
			bench().show();
		},
		search: (text: string) => {
			const input = view.root().querySelector("input") as HTMLInputElement;
			input.value = text;
			input.dispatchEvent(new Event("input"));
			vi.advanceTimersByTime(200);
		},
		more: () => view.root().querySelector(".gunj-more") as HTMLButtonElement,
	};
}

describe("LogViewer", () => {
	it("says how many lines there are, and of which they are the newest", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		const words = (n: number, changes: Record<string, number>) => {
			bench().show([bench().status(), logs(bench(), lines(1, n), "snap", changes)]);
			return seen(view.root().querySelector(".gunj-sub"));
		};
		expect(words(1, { total: 1, held: 1, filtered: 1 })).toBe("1 line");
		expect(words(30, { total: 30, held: 30, filtered: 30 })).toBe("30 lines");
		expect(words(30, { total: 1000, held: 30, filtered: 30 })).toBe("newest 30 of 1,000 lines");
		expect(words(30, { total: 50, held: 50, filtered: 30 }), "not all were asked for").toBe("30 of 50 lines");
	});

	it("stands still while lines are selected, and goes on after a mere click", () => {
		const { view, rows, key } = viewer();
		const row = rows().at(-1) as HTMLElement;
		const press = (type: string) => row.dispatchEvent(new MouseEvent(type, { bubbles: true }));
		const come = (from: number) => bench().show([logs(bench(), lines(from, 5))]);
		const selection = document.getSelection() as Selection;
		press("mousedown");
		selection.selectAllChildren(row);
		come(101);
		expect([seen(row), view.root().dataset.live]).toEqual([expect.stringContaining("message 100"), "paused"]);
		press("mouseup");
		come(106);
		expect([seen(row), view.root().dataset.live]).toEqual([expect.stringContaining("message 100"), "paused"]);
		key("0");
		press("mousedown");
		selection.removeAllRanges();
		press("mouseup");
		come(111);
		expect(view.root().dataset.live).toBe("live");
		expect(rows().map(seen).at(-1)).toContain("message 115");
	});

	it("has only the rows in sight, the newest last, of a hundred thousand", () => {
		const { rows, view } = viewer(100_000);
		expect(rows().length).toBeLessThan(40);
		expect(rows().map(seen).at(-1)).toContain("message 100000");
		expect([view.root().dataset.rows, view.root().dataset.total]).toEqual(["100000", "1000"]);
	});

	it("follows, stands still once the user scrolls up, and counts what is new", () => {
		const { view, scroll, more, rows } = viewer();
		expect(top).toBe(100 * 20 - HEIGHT);
		scroll(400);
		expect(view.root().dataset.live).toBe("paused");
		const before = rows().map(seen);
		bench().show([logs(bench(), lines(101, 5))]);
		expect(top).toBe(400);
		expect(rows().map(seen)).toEqual(before);
		expect(more().textContent).toBe("▼ 5 new lines");
		more().click();
		bench().show();
		expect(top).toBe(105 * 20 - HEIGHT);
		expect([view.root().dataset.live, more().hidden]).toEqual(["live", true]);
	});

	it("stays on the line being read while older ones leave, and over a snap", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		bench().show([bench().status(), logs(bench(), lines(1, 100), "snap", { limit: 100 })]);
		const list = view.root().querySelector(".gunj-log") as HTMLElement;
		list.dispatchEvent(new Event("wheel"));
		top = 1000;
		list.dispatchEvent(new Event("scroll"));
		bench().show([logs(bench(), lines(101, 130), "delta", { limit: 100 })]);
		const first = () => Math.floor(top / 20);
		expect(first()).toBe(50 - 30);
		bench().show([logs(bench(), lines(41, 100), "snap", { limit: 100 })]);
		expect(first()).toBe(10);
	});

	it("is not thrown by a list that lost its place while its cell was hidden", () => {
		const { view, list } = viewer();
		vi.advanceTimersByTime(5000);
		top = 0;
		list.dispatchEvent(new Event("scroll"));
		bench().show();
		expect([view.root().dataset.live, top]).toEqual(["live", 100 * 20 - HEIGHT]);
	});

	it("hides levels by their chips, which count them", () => {
		const { view, text } = viewer();
		expect(text()).toContain("error 25");
		view.root().querySelector<HTMLButtonElement>('button[data-level="info"]')?.click();
		bench().show();
		expect(view.root().dataset.rows).toBe("75");
		expect(text()).toContain("75 of 100 lines shown");
	});

	it("filters, or highlights with its context, and walks the matches round", () => {
		const { view, search, rows, text, key } = viewer();
		search("message 9");
		expect(view.root().dataset.rows).toBe("11");
		expect(rows()[0]?.querySelector("mark")?.textContent).toBe("message 9");
		view.root().querySelector<HTMLButtonElement>(".gunj-mode")?.click();
		bench().show();
		expect(view.root().dataset.rows).toBe("100");
		key("n");
		expect(text()).toMatch(/\d+\/11 matches/);
		const at = () => /(\d+)\/11/.exec(text())?.[1];
		const start = at();
		for (let i = 0; i < 11; i++) key("n");
		expect(at()).toBe(start);
		key("N");
		expect(at()).not.toBe(start);
		expect(view.root().querySelector(".gunj-log-row[data-current] mark")).not.toBeNull();
	});

	it("says what is wrong with a regular expression", () => {
		const { search, text } = viewer();
		search("/(/");
		expect(text()).toContain("a ( that is not closed");
	});

	it("opens a line's metadata on click and closes it with Esc", () => {
		const { view, rows, key } = viewer(3);
		bench().show([logs(bench(), [[200, NOW, "error", "loki", "boom\nstack", { trace_id: "abc", n: 2 ** 40 }]])]);
		expect(seen(rows().at(-1) as Element)).toContain("boom ⏎ stack {…}");
		rows().at(-1)?.click();
		bench().show();
		const details = view.root().querySelector(".gunj-log-details") as HTMLElement;
		expect(details.hidden).toBe(false);
		expect(details.querySelector("pre")?.textContent).toBe("boom\nstack");
		expect(details.textContent).toContain('"trace_id": "abc"');
		key("Escape");
		expect(details.hidden).toBe(true);
	});

	it("opens the line that was pressed, also where the button was let go beside it: lines may move on meanwhile", () => {
		const { view, rows } = viewer(3);
		const row = rows().at(-1) as HTMLElement;
		row.dispatchEvent(new MouseEvent("mousedown", { bubbles: true }));
		(row.parentElement as HTMLElement).click();
		bench().show();
		expect((view.root().querySelector(".gunj-log-details") as HTMLElement).hidden).toBe(false);
	});

	it("obeys the keys that k9s taught", () => {
		const { view, key, text, rows } = viewer();
		key("s");
		expect(view.root().dataset.live).toBe("paused");
		key("s");
		expect(view.root().dataset.live).toBe("live");
		key("w");
		expect(view.root().querySelector(".gunj-log")?.hasAttribute("data-wrap")).toBe(true);
		key("t");
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args: { zone: true } });
		bench().show([bench().status({ range: { zone: "UTC" } })]);
		expect(text()).toContain("UTC");
		expect(seen(rows().at(-1) as Element)).toContain(new Date(NOW + 99).toISOString().slice(11, 23));
		key("T");
		expect(seen(rows().at(-1) as Element)).not.toContain(":");
		expect(text()).not.toContain("UTC");
		key("/");
		expect(document.activeElement).toBe(view.root().querySelector("input"));
	});

	it("copies the lines that pass, in full", async () => {
		const writeText = vi.fn(() => Promise.resolve());
		vi.stubGlobal("navigator", { clipboard: { writeText } });
		const { search, key, text } = viewer();
		search("message 100");
		key("c");
		await vi.advanceTimersByTimeAsync(50);
		expect(writeText).toHaveBeenCalledWith(`${new Date(NOW + 99).toISOString()} INFO c1 message 100`);
		expect(text()).toContain("copied 1 line");
		vi.unstubAllGlobals();
	});

	it("shows control codes and overrides as marks, and cuts endless lines", () => {
		const { rows } = viewer(1);
		bench().show([
			logs(bench(), [
				[300, NOW, "info", "c", "\u001b[31m\u202Eevil\u0007", null],
				[301, NOW, "info", "c", "z".repeat(50_000), null],
			]),
		]);
		const [evil, long] = rows().slice(-2).map(seen);
		expect(evil).toContain("⟨RLO⟩evil␇");
		for (const code of ["\u001b", "\u202e"]) expect(evil).not.toContain(code);
		expect(long).toContain("[40000 more characters not shown]");
	});

	it("shows how many lines never came", () => {
		const view = bench().mount("logs", { logs: "logs:1" });
		bench().show([bench().status(), logs(bench(), [], "snap", { lost: 12, total: 0 })]);
		expect(seen(view.root())).toContain("▼ 12 dropped");
		expect(seen(view.root())).toContain("no log lines yet");
	});

	it("says why there is no line: that none came, none is asked for, or all are too old", () => {
		const words = (changes: object) => {
			const view = bench().mount("logs", { logs: "logs:1" });
			bench().show([bench().status(), logs(bench(), [], "snap", changes)]);
			return seen(view.root());
		};
		expect(words({ total: 0, held: 0 })).toContain("no log lines yet");
		const none = words({ total: 300, held: 210 });
		expect(none).toContain("none of 210 lines matches");
		expect([none.includes("no log lines yet"), none.includes("newest 0")]).toEqual([false, false]);
		expect(words({ total: 300, held: 0 })).toContain("none of 300 lines is left");
	});

	it("keeps to one component", () => {
		const { view } = viewer();
		const select = view.root().querySelector("select") as HTMLSelectElement;
		expect([...select.options].map((o) => o.textContent)).toEqual(["all components", "c0", "c1", "c2"]);
		select.value = "c1";
		select.dispatchEvent(new Event("change"));
		bench().show();
		expect(view.root().dataset.rows).toBe("34");
	});

	it("shows lines around a match when asked", () => {
		const { view, search, key } = viewer();
		search("message 50");
		expect(view.root().dataset.rows).toBe("1");
		key("x");
		expect(view.root().dataset.rows).toBe("5");
		expect(view.root().querySelectorAll(".gunj-log-row[data-context]").length).toBe(4);
	});

	it("colours terminal text with spans, and marks matches across them", () => {
		const { rows, search } = viewer(1);
		bench().show([
			logs(bench(), [[300, NOW, "info", "c", "\u001b]0;title\u0007a\u001b[1;31mred\u001b[0m <b>x</b>", null]]),
		]);
		const text = () => rows().at(-1)?.querySelector(".gunj-log-text") as HTMLElement;
		expect(text().textContent).toBe("ared <b>x</b>");
		expect([...text().children].map((el) => [el.tagName, el.className, el.textContent])).toEqual([
			["SPAN", "gunj-fg1 gunj-bold", "red"],
		]);
		search("ed <b");
		expect([...text().querySelectorAll("mark")].map((m) => m.textContent).join("")).toBe("ed <b");
		expect(text().textContent).toBe("ared <b>x</b>");
		search("");
		expect(text().querySelector("mark")).toBeNull();
	});

	it("puts down marks with the time, and takes them along in a copy", async () => {
		const writeText = vi.fn((_text: string) => Promise.resolve());
		vi.stubGlobal("navigator", { clipboard: { writeText } });
		const { view, key } = viewer(3);
		key("m");
		expect(view.root().querySelector(".gunj-log-row[data-mark]")?.textContent).toContain("message 3");
		vi.advanceTimersByTime(1);
		expect((view.model.get("_by_hand") as { marks: object[] }).marks, "a new run may follow at once").toHaveLength(1);
		key("c");
		await vi.advanceTimersByTimeAsync(50);
		expect(writeText.mock.calls[0]?.[0]).toMatch(/message 3\n---- mark 20\d\d-.*Z ----$/);
		key("m");
		expect(view.root().querySelector(".gunj-log-row[data-mark]")).toBeNull();
		const told = bench().kernel.heard.filter((m) => m.op === "act") as { verb?: string; args?: { text?: string } }[];
		expect(told.map((m) => [m.verb, m.args?.text])).toEqual([["mark", "message 3"]]);
		vi.unstubAllGlobals();
	});

	it("hands on where it is read, and the marks, to the view that comes next", () => {
		const { view, scroll, key, more, rows } = viewer();
		scroll(405);
		key("m");
		bench().show([logs(bench(), lines(101, 5))]);
		vi.advanceTimersByTime(400);
		const byHand = view.model.get("_by_hand") as Record<string, unknown>;
		const read = rows().map(seen);

		const next = bench().mount("logs", { logs: "logs:2" }, {}, byHand);
		const list = next.root().querySelector(".gunj-log") as HTMLElement;
		const parts = (n: unknown[], op: string) =>
			bench().kernel.part("logs:2", "logs", { lines: n, total: 105, filtered: 0, lost: 0, limit: 100_000 }, op);
		bench().show([parts(lines(1, 50), "snap")]);
		expect(next.root().dataset.live, "more lines are on their way").toBe("live");
		bench().show([
			parts(
				lines(51, 55).map(([id, , ...rest], i) => [id, NOW + 50 + i, ...rest]),
				"delta",
			),
		]);
		bench().show();
		expect([next.root().dataset.live, top]).toEqual(["paused", 405]);
		expect([...list.querySelectorAll(".gunj-log-row")].map(seen)).toEqual(read);
		expect(seen(next.root())).toContain("▼ 5 new lines");
		more().click();
		(next.root().querySelector(".gunj-more") as HTMLButtonElement).click();
		bench().show();
		expect(list.querySelector("[data-mark]")?.textContent).toContain("message 100");
		vi.advanceTimersByTime(400);
		expect((next.model.get("_by_hand") as { place: unknown }).place).toBeNull();
	});

	it("follows where the line that was read is gone, or is another one's by that id", () => {
		const place = { id: 20, tMs: NOW + 19, offset: 5, pausedId: 100 };
		const marks = [{ id: 20, tMs: NOW + 19, atMs: NOW }];
		for (const [role, list] of [
			["logs:3", lines(50, 100)],
			["logs:4", lines(1, 100).map(([id, , ...rest]) => [id, NOW - 1, ...rest])],
		] as const) {
			const view = bench().mount("logs", { logs: role }, {}, { place, marks });
			const body = { lines: list, total: 100, filtered: 0, lost: 0, limit: 100_000 };
			bench().show([bench().status(), bench().kernel.part(role, "logs", body, "snap")]);
			bench().show();
			expect(view.root().dataset.live).toBe("live");
			expect(view.root().querySelector("[data-mark]")).toBeNull();
		}
	});

	it("clears what was, brings it back, and keeps to the last minutes", () => {
		const { view, key, text } = viewer();
		key("C");
		expect(view.root().dataset.rows).toBe("0");
		bench().show([logs(bench(), lines(101, 5))]);
		expect(view.root().dataset.rows).toBe("5");
		key("C");
		key("C");
		expect(view.root().dataset.rows).toBe("105");
		bench().show([logs(bench(), [[200, NOW + 120_000, "info", "c", "late", null]])]);
		key("2");
		expect([view.root().dataset.rows, /since \d\d:\d\d/.test(text())]).toEqual(["1", true]);
		key("0");
		expect(view.root().dataset.rows).toBe("106");
	});

	it("saves the lines that pass as a file", async () => {
		const saved: Blob[] = [];
		vi.stubGlobal("URL", { createObjectURL: (b: Blob) => `blob:${saved.push(b)}`, revokeObjectURL: () => {} });
		const names: string[] = [];
		vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
			names.push(this.download);
		});
		const { list, search, text } = viewer();
		search("message 100");
		const event = new KeyboardEvent("keydown", { key: "s", ctrlKey: true, cancelable: true, bubbles: true });
		list.dispatchEvent(event);
		bench().show();
		expect(event.defaultPrevented).toBe(true);
		expect(names[0]).toMatch(/^logs-\d{4}-\d\d-\d\dT\d{6}\.log$/);
		expect(saved[0]?.size).toBe(`${new Date(NOW).toISOString()} INFO c1 message 100\n`.length);
		expect(text()).toContain("saved 1 line");
		vi.unstubAllGlobals();
	});

	it("walks the lines with j and k, and lays JSON out", () => {
		const { view, key } = viewer(3);
		bench().show([logs(bench(), [[200, NOW, "error", "loki", '{"a":{"b":1},"html":"<img src=x>"}', null]])]);
		for (let i = 0; i < 4; i++) key("j");
		const details = view.root().querySelector(".gunj-log-details pre") as HTMLElement;
		expect(details.textContent).toContain('"b": 1');
		expect(details.childElementCount).toBe(0);
		key("k");
		expect(details.textContent).toBe("message 3");
	});

	it("is not stalled by a hostile expression", () => {
		const { search, text } = viewer(1);
		bench().show([logs(bench(), [[300, NOW, "info", "c", `${"a".repeat(5000)}!`, null]])]);
		const start = performance.now();
		search("/(a+)+$/");
		expect(performance.now() - start).toBeLessThan(1000);
		expect(text()).toContain("0 matches");
	});
});
