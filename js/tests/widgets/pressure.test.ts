import { describe, expect, it } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const body = (changes = {}) => ({
	incoming: 812.4,
	rate: 100,
	minRate: 50,
	maxRate: 200,
	reason: "no pressure",
	backoffs: 2,
	recoveries: 5,
	depth: 3,
	capacity: 10_000,
	policy: "lowest_priority",
	slow: false,
	readings: { fps: 60, paint: 0.004, lag: 0.0012, cpu: 0.12, memory: 0.4, unacked: 1 },
	counts: { received: 12_345, stored: 12_000, dropped: 0, conflated: 7, reset: 0 },
	history: { atMs: [NOW - 1000, NOW], rate: [90, 100], fps: [60, null], lagMs: [1, 2], depth: [0, 3] },
	...changes,
});
const show = (changes = {}) => {
	const view = bench().mount("pressure", { pressure: "pressure:1" });
	bench().show([bench().status(), bench().kernel.part("pressure:1", "pressure", body(changes))]);
	return view;
};
const gauge = (root: Element, name: string) =>
	[...root.querySelectorAll(".gunj-gauge")].find((el) => el.querySelector("span")?.textContent === name);

describe("BackpressureMonitor", () => {
	it("says how much comes in, how much is shown, and why", () => {
		const text = seen(show().root());
		for (const words of ["812/s", "100/s", "1.2 ms", "12 %", "3 of 10,000", "no pressure – pace within 50–200/s"]) {
			expect(text).toContain(words);
		}
		expect(text).toContain("slowed 2×, recovered 5×");
	});

	it("counts everything that became of messages, each under its own name", () => {
		const root = show({ counts: { received: 5, dropped: 2 } }).root();
		const count = (name: string) => root.querySelector(`[data-count="${name}"] strong`)?.textContent;
		expect([count("received"), count("dropped"), count("malformed")]).toEqual(["5", "2", "0"]);
		expect(root.querySelector('[data-count="dropped"]')?.getAttribute("data-tone")).toBe("warn");
		expect(root.querySelector('[data-count="malformed"]')?.getAttribute("data-tone")).toBe("quiet");
	});

	it("marks what is bad, and shows nothing where nothing is known", () => {
		const readings = { fps: 12, paint: null, lag: 0.3, cpu: null, memory: null, unacked: null };
		const root = show({ readings, slow: true, rate: 50 }).root();
		expect(gauge(root, "fps")?.getAttribute("data-tone")).toBe("bad");
		expect(gauge(root, "loop lag")?.getAttribute("data-tone")).toBe("bad");
		expect(gauge(root, "queued")?.getAttribute("data-tone")).toBe("bad");
		expect(gauge(root, "shown")?.getAttribute("data-tone")).toBe("warn");
		expect(gauge(root, "paint")?.textContent).toContain("–");
	});

	it("waits in words, and takes nonsense for nothing", () => {
		const view = bench().mount("pressure", { pressure: "pressure:1" });
		bench().show([bench().status()]);
		expect(seen(view.root())).toContain("waiting for the first reading");
		bench().show([
			bench().kernel.part("pressure:1", "pressure", { rate: "x", readings: 5, history: [], counts: null }),
		]);
		expect(seen(view.root())).toContain("0/s");
	});
});
