import { beforeEach, describe, expect, it } from "vitest";
import { Feed } from "../../src/wire/feed";
import type { Part } from "../../src/wire/types";

const logs = (seq: number, op = "delta", ch = "logs:1") => ({ ch, kind: "logs", op, seq, body: { lines: [] } });

describe("Feed", () => {
	let parts: Part[];
	let holes: (string | null)[];
	let feed: Feed;
	let n: number;
	const receive = (...raw: unknown[]) => feed.receive({ v: 1, n: ++n, sentMs: 0, parts: raw }, []);
	const seqs = () => parts.map((p) => p.seq);

	beforeEach(() => {
		[parts, holes, n] = [[], [], 0];
		feed = new Feed({ part: (p) => parts.push(p), hole: (ch) => holes.push(ch) });
	});

	it("hands on a snap and the deltas that follow it", () => {
		receive(logs(5, "snap"), logs(6));
		receive(logs(7));
		expect(seqs()).toEqual([5, 6, 7]);
		expect(holes).toEqual([]);
	});

	it("ignores deltas after a hole, asks once, and goes on with the next snap", () => {
		receive(logs(1, "snap"));
		receive(logs(3));
		receive(logs(4), logs(5));
		expect(seqs()).toEqual([1]);
		expect(holes).toEqual(["logs:1"]);
		expect(feed.lost).toEqual(["logs:1"]);
		receive(logs(6, "snap"), logs(7));
		expect(seqs()).toEqual([1, 6, 7]);
		expect(feed.lost).toEqual([]);
	});

	it("takes a delta before any snap, a repeat, and a step back for holes", () => {
		receive(logs(9));
		expect(holes).toEqual(["logs:1"]);
		receive(logs(1, "snap", "a"));
		receive(logs(1, "delta", "a"));
		receive(logs(2, "snap", "b"));
		receive(logs(1, "delta", "b"));
		expect(holes).toEqual(["logs:1", "a", "b"]);
	});

	it("keeps the channels apart", () => {
		receive(logs(1, "snap", "a"), logs(1, "snap", "b"), logs(3, "delta", "a"), logs(2, "delta", "b"));
		expect(holes).toEqual(["a"]);
		expect(parts.map((p) => `${p.ch}${p.seq}`)).toEqual(["a1", "b1", "b2"]);
	});

	it("takes any snap, even one with a lower number (a new kernel)", () => {
		receive(logs(50, "snap"));
		receive(logs(1, "snap"), logs(2));
		expect(seqs()).toEqual([50, 1, 2]);
	});

	it("says that any channel may have lost something when an envelope is missing", () => {
		receive(logs(1, "snap"));
		n++;
		receive();
		expect(holes).toEqual([null]);
		expect(feed.counts).toEqual({ envelopes: 2, malformed: 0, holes: 1 });
	});

	it("starts anywhere: a page that joins late misses nothing", () => {
		n = 400;
		receive(logs(90, "snap"));
		expect(holes).toEqual([]);
	});

	it("counts what it does not understand", () => {
		expect(feed.receive({ nonsense: true }, [])).toBeNull();
		receive({ ch: "x" });
		expect(feed.counts.malformed).toBe(2);
	});

	it("does not mistake the return of a forgotten channel for a hole", () => {
		receive(logs(1, "snap"));
		feed.forget("logs:1");
		receive(logs(9, "snap"), logs(10));
		expect(seqs()).toEqual([1, 9, 10]);
		expect(holes).toEqual([]);
	});
});
