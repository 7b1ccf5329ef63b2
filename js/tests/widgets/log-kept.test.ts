import { describe, expect, it } from "vitest";
import { LogRing } from "../../src/store/logs";
import { Kept, kept } from "../../src/widgets/log-kept";

function ring(from: number, n: number, tMs = (id: number) => id * 1000): LogRing {
	const made = new LogRing();
	const lines = Array.from({ length: n }, (_, i) => ({
		id: from + i,
		tMs: tMs(from + i),
		level: "",
		component: "",
		message: "",
		metadata: null,
	}));
	made.take({ lines, total: n, held: 0, filtered: n, lost: 0, limit: 10_000, notice: "" }, true);
	return made;
}

const anchor = { id: 7, offset: 3, pausedId: 9 };

describe("what a log viewer hands on", () => {
	it("is read again where the same lines are there", () => {
		const lines = ring(1, 10);
		const next = new Kept(JSON.parse(JSON.stringify(kept(lines, anchor, new Map([[8, 123]])))));
		expect([next.ready(ring(1, 7)), next.ready(ring(1, 8))]).toEqual([false, true]);
		expect(next.place(lines)).toMatchObject(anchor);
		expect(next.marks(lines)).toEqual([[8, 123]]);
	});

	it("is nothing where the lines are gone or others", () => {
		const next = new Kept(kept(ring(1, 10), anchor, new Map([[8, 123]])));
		for (const lines of [ring(9, 10), ring(1, 10, (id) => id)]) {
			expect([next.ready(lines), next.place(lines), next.marks(lines)]).toEqual([true, null, []]);
		}
	});

	it("is nothing where nobody stood still, and of foreign shapes", () => {
		for (const options of [kept(ring(1, 3), null, new Map()), {}, { place: [], marks: "x" }, { marks: [1, {}] }]) {
			const next = new Kept(options);
			expect([next.ready(ring(1, 3)), next.place(ring(1, 3)), next.marks(ring(1, 3))]).toEqual([true, null, []]);
		}
	});

	it("is small, however much was marked", () => {
		const marks = new Map(Array.from({ length: 100 }, (_, i) => [1_000_000 + i, 1.76e12 + 0.123]));
		const said = kept(
			ring(1_000_000, 100, () => 1.76e12 + 0.125),
			anchor,
			marks,
		);
		expect((said.marks as unknown[]).length).toBe(50);
		expect(said.marks).toContainEqual(expect.objectContaining({ id: 1_000_099 }));
		expect(JSON.stringify(said).length).toBeLessThan(5000);
	});
});
