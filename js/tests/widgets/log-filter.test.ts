import { beforeEach, describe, expect, it } from "vitest";
import { LogRing } from "../../src/store/logs";
import { LogFilter } from "../../src/widgets/log-filter";
import { LogLayout, ROW_PX } from "../../src/widgets/log-layout";
import { parsePattern } from "../../src/widgets/log-search";
import type { LogLine } from "../../src/wire/types";

let id = 0;
const line = (message: string, level = "info"): LogLine => ({
	id: ++id,
	tMs: id,
	level,
	component: "loki",
	message,
	metadata: null,
});

describe("LogFilter", () => {
	let ring: LogRing;
	let filter: LogFilter;
	const add = (...lines: LogLine[]) => {
		ring.take({ lines, total: 0, held: 0, filtered: 0, lost: 0, limit: 6, notice: "" }, false);
		filter.refresh();
	};
	const shown = () => Array.from({ length: filter.length }, (_, i) => filter.line(i)?.message);

	beforeEach(() => {
		ring = new LogRing();
		filter = new LogFilter(ring);
		filter.refresh();
	});
	const search = (text: string, mode: "filter" | "highlight" = "filter") => {
		filter.pattern = parsePattern(text);
		filter.mode = mode;
		filter.reset();
	};

	it("shows everything without rules, following what comes and goes", () => {
		add(line("a"), line("b"));
		add(...["c", "d", "e", "f", "g"].map((m) => line(m)));
		expect(shown()).toEqual(["b", "c", "d", "e", "f", "g"]);
		expect(filter.gone).toBe(1);
	});

	it("hides levels, and an unknown level with the others", () => {
		add(line("a", "error"), line("b"), line("c", ""), line("d", "verbose"));
		filter.hidden.add("info");
		filter.hidden.add("other");
		filter.reset();
		expect(shown()).toEqual(["a"]);
		filter.hidden.delete("other");
		filter.reset();
		expect(shown()).toEqual(["a", "c", "d"]);
	});

	it("filters new lines as they come and drops old ones with the ring", () => {
		search("keep");
		add(line("keep 1"), line("no"), line("KEEP 2"));
		add(line("no"), line("keep 3"), line("no"), line("no"));
		expect(shown()).toEqual(["KEEP 2", "keep 3"]);
		expect([filter.hits, filter.gone]).toEqual([2, 1]);
	});

	it("highlights without hiding", () => {
		add(line("x timeout"), line("y"));
		search("timeout", "highlight");
		expect(shown()).toEqual(["x timeout", "y"]);
		expect(filter.hits).toBe(1);
		expect(filter.hit(0)).toBe(ring.first);
		expect(filter.hitsBefore(ring.end)).toBe(1);
	});

	it("starts over with a snap", () => {
		search("keep");
		add(line("keep"), line("no"));
		ring.take(
			{ lines: [line("no"), line("keep new")], total: 0, held: 0, filtered: 0, lost: 0, limit: 6, notice: "" },
			true,
		);
		filter.refresh();
		expect(shown()).toEqual(["keep new"]);
	});

	it("shows lines around each match, once where contexts meet, also when the match comes later", () => {
		filter.context = 1;
		search("hit");
		add(line("a"), line("b"));
		add(line("hit 1"), line("c"), line("hit 2"), line("d"));
		expect(shown()).toEqual(["b", "hit 1", "c", "hit 2", "d"]);
		expect([filter.hits, filter.isHit(ring.first + 2), filter.isHit(ring.first + 3)]).toEqual([2, true, false]);
		add(line("e"));
		expect(shown()).toEqual(["b", "hit 1", "c", "hit 2", "d"]);
	});

	it("keeps to one component, a range of time, and what came after a clearing", () => {
		add(line("a"), { ...line("b"), component: "tempo" }, line("c"), line("d"));
		const [first] = [ring.at(ring.first) as LogLine];
		filter.component = "loki";
		filter.reset();
		expect(shown()).toEqual(["a", "c", "d"]);
		filter.range = { fromMs: first.tMs + 1, toMs: first.tMs + 2 };
		filter.reset();
		expect(shown()).toEqual(["c"]);
		filter.range = null;
		filter.clearedId = first.id + 2;
		filter.reset();
		expect(shown()).toEqual(["d"]);
	});

	it("looks at a hundred thousand lines a few milliseconds at a time", () => {
		let now = 0;
		const slow = new LogFilter(ring, () => (now += 3));
		const many = Array.from({ length: 5000 }, (_, i) => line(i % 2 ? "odd" : "even"));
		ring.take({ lines: many, total: 0, held: 0, filtered: 0, lost: 0, limit: 5000, notice: "" }, true);
		slow.pattern = parsePattern("odd");
		slow.refresh();
		expect(slow.done).toBeLessThan(0.5);
		let frames = 0;
		while (slow.refresh()) frames++;
		expect(frames).toBeGreaterThan(5);
		expect([slow.done, slow.hits, slow.length]).toEqual([1, 2500, 2500]);
	});

	it("finds a row by position and a position by row", () => {
		search("keep");
		add(line("no"), line("keep 1"), line("no"), line("keep 2"));
		expect(filter.index(0)).toBe(0);
		expect(filter.index(filter.position(1))).toBe(1);
		expect(filter.index(99)).toBe(2);
	});

	it("searches what is seen, not the terminal codes", () => {
		add(line("\u001b[31mtime\u001b[0mout"));
		search("timeout");
		expect(filter.length).toBe(1);
		search("31m");
		expect(filter.length).toBe(0);
	});
});

describe("parsePattern", () => {
	it("takes text as it is, ignoring case, and /text/ as an expression", () => {
		expect(parsePattern("a.b").matcher?.test("xA.By")).toBe(true);
		expect(parsePattern("a.b").matcher?.test("axb")).toBe(false);
		expect(parsePattern("/a.b/").matcher?.test("AxB")).toBe(true);
	});

	it("tells what is wrong with an expression instead of throwing", () => {
		const bad = parsePattern("/(/");
		expect(bad.matcher).toBeNull();
		expect(bad.error).not.toBe("");
		expect(parsePattern("")).toEqual({ matcher: null, error: "" });
	});
});

describe("LogLayout", () => {
	it("stacks rows of one height, or wrapped ones by their length", () => {
		const ring = new LogRing();
		const filter = new LogFilter(ring);
		const layout = new LogLayout(filter);
		const lines = ["x".repeat(25), "short", "日".repeat(10)].map((m) => line(m));
		ring.take({ lines, total: 3, held: 0, filtered: 0, lost: 0, limit: 3, notice: "" }, true);
		filter.refresh();
		expect([layout.total, layout.at(25), layout.top(2)]).toEqual([3 * ROW_PX, 1, 2 * ROW_PX]);
		layout.wrap(10);
		layout.refresh();
		expect([0, 1, 2].map((i) => layout.height(i) / ROW_PX)).toEqual([3, 1, 2]);
		expect([layout.at(0), layout.at(59), layout.at(60), layout.at(9999)]).toEqual([0, 0, 1, 2]);
	});

	it("keeps heights right while lines leave at the head", () => {
		const ring = new LogRing();
		const filter = new LogFilter(ring);
		const layout = new LogLayout(filter);
		layout.wrap(10);
		for (let i = 0; i < 3000; i++) {
			ring.take(
				{ lines: [line("y".repeat(1 + (i % 3) * 10))], total: i, held: 0, filtered: 0, lost: 0, limit: 7, notice: "" },
				false,
			);
			if (i % 2) {
				filter.refresh();
				layout.refresh();
			}
		}
		const heights = Array.from({ length: filter.length }, (_, i) => layout.height(i) / ROW_PX);
		const expected = Array.from({ length: filter.length }, (_, i) =>
			Math.ceil((filter.line(i)?.message.length ?? 0) / 10),
		);
		expect(heights).toEqual(expected);
		expect(layout.total).toBe(expected.reduce((a, b) => a + b) * ROW_PX);
	});
});
