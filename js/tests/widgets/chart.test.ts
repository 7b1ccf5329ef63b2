import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Plot, type PlotConfig } from "../../src/charts/plot";
import * as pictures from "../../src/widgets/chart-export";
import { chartOptions, seriesKey } from "../../src/widgets/chart-options";
import { metricsBody, type Row, series } from "../kernel";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
let configured: PlotConfig[];
let drawn: { x: number[]; from: number; to: number }[];

beforeEach(() => {
	[configured, drawn] = [[], []];
	vi.spyOn(HTMLElement.prototype, "clientWidth", "get").mockReturnValue(600);
	vi.spyOn(Plot.prototype, "configure").mockImplementation((config) => void configured.push(config));
	vi.spyOn(Plot.prototype, "draw").mockImplementation((scene) => {
		// A picture that may only be continued is not drawn anew.
		drawn.push({ x: scene.samples.flatMap(({ x }) => [...x]), from: scene.fromMs, to: scene.toMs });
		return true;
	});
});
afterEach(() => vi.restoreAllMocks());

const metrics = (b: Bench, rows: Row[], list = [series(1), series(2)], op = "snap", changes = {}) => {
	const { body, buffers } = metricsBody(op === "snap" ? list : [], rows, changes);
	return { part: b.kernel.part("metrics:1", "metrics", body, op), buffers };
};
const chart = (rows: Row[], options = {}, list = [series(1), series(2)]) => {
	const view = bench().mount("chart", { metrics: "metrics:1" }, { title: "CPU", ...options });
	const { part, buffers } = metrics(bench(), rows, list);
	bench().show([bench().status(), part], buffers);
	return view;
};
const legend = (root: Element) => [...root.querySelectorAll<HTMLButtonElement>(".gunj-legend-item")];

describe("MetricChart", () => {
	it("says that there are no samples yet, then how many there are", () => {
		const view = bench().mount("chart", { metrics: "metrics:1" });
		expect(seen(view.root())).toContain("no samples yet");
		const { part, buffers } = metrics(bench(), [
			{ k: 1, x: NOW - 1000, y: 20 },
			{ k: 1, x: NOW, y: 43.21 },
			{ k: 2, x: NOW, y: 5 },
		]);
		bench().show([bench().status(), part], buffers);
		expect([view.root().dataset.points, view.root().dataset.lastX]).toEqual(["3", String(NOW)]);
		expect(seen(view.root())).not.toContain("no samples yet");
		expect(legend(view.root()).map(seen)).toEqual(["c143.2%", "c25%"]);
	});

	it("says in words of a series that is silent beside others that it is stale, by its own interval", () => {
		const rows = (silentMs: number, everyMs: number) => [
			...[2, 1, 0].map((n) => ({ k: 1, x: NOW - silentMs - n * everyMs, y: 7 })),
			{ k: 2, x: NOW, y: 5 },
		];
		const view = chart(rows(300_000, 15_000));
		expect(legend(view.root()).map(seen)).toEqual(["c17%", "c25%"]);
		const shown = (silentMs: number, everyMs: number) => {
			const { part, buffers } = metrics(bench(), rows(silentMs, everyMs), undefined, "snap", { windowMs: 3_600_000 });
			bench().show([part], buffers);
			vi.advanceTimersByTime(500);
			return legend(view.root()).map(seen);
		};
		expect(shown(480_000, 15_000)).toEqual(["c1⊘ stale 8 min", "c25%"]);
		expect(legend(view.root())[0]?.title).toContain("last: 7");
		expect(shown(480_000, 200_000)[0]).toBe("c17%");
	});

	it("says why there are no samples, and beside those there are why no more come", () => {
		const view = bench().mount("chart", { metrics: "metrics:1" });
		const show = (rows: Row[], notice: string) => {
			const { part, buffers } = metrics(bench(), rows, [series(1)], "snap", { notice });
			bench().show([bench().status(), part], buffers);
			return seen(view.root());
		};
		expect(show([], "waiting: Prometheus did not answer in time")).toContain("waiting: Prometheus did not answer");
		const some = show([{ k: 1, x: NOW, y: 1 }], "waiting: it is away");
		expect(some).toContain("ago) · waiting: it is away");
		expect(show([{ k: 1, x: NOW, y: 1 }], "")).not.toContain("waiting");
		expect(show([{ k: 1, x: NOW, y: Number.NaN }], "")).toContain("no sample is a number: all are NaN");
	});

	it("names a series by what tells it from the others, and says once what all have in common", () => {
		const pods = [1, 2].map((n) =>
			series(n, { labels: { namespace: "eu", pod: `p${n}` }, name: `cpu_usage{namespace="eu", pod="p${n}"}` }),
		);
		const rows = [1, 2].map((k) => ({ k, x: NOW, y: k }));
		const view = chart(rows, {}, pods);
		expect(legend(view.root()).map(seen)).toEqual(["p11%", "p22%"]);
		expect(legend(view.root())[1]?.title).toContain(`cpu_usage{namespace="eu", pod="p2"}`);
		const shared = view.root().querySelector<HTMLElement>(".gunj-shared");
		expect([shared?.hidden, shared?.textContent]).toEqual([false, 'all: cpu_usage{namespace="eu"}']);
		const titled = chart(rows, { title: "cpu_usage of all" }).root().querySelector<HTMLElement>(".gunj-shared");
		expect(titled?.hidden, "the title says it").toBe(true);
		const bare = chart(rows, { legend: false }, pods).root().querySelector<HTMLElement>(".gunj-shared");
		expect(bare?.hidden).toBe(true);
	});

	it("says what has no place: values that are not above 0 on a log axis, and infinite ones", () => {
		const rows = [
			{ k: 1, x: NOW, y: -5 },
			{ k: 2, x: NOW - 1, y: 0 },
			{ k: 2, x: NOW, y: 5 },
		];
		const words = "1 series has no place on a log axis";
		expect(seen(chart(rows, { log: true }).root())).toContain(words);
		const linear = seen(chart(rows).root());
		expect([linear.includes(words), linear.includes("infinite")]).toEqual([false, false]);
		const endless = chart([...rows, { k: 2, x: NOW + 1, y: Number.POSITIVE_INFINITY }]);
		expect(seen(endless.root())).toContain("infinite values are gaps");
	});

	it("follows the newest samples: the window ends now, whether or not samples come", () => {
		chart([{ k: 1, x: NOW, y: 1 }], { windowMs: 30_000 });
		vi.advanceTimersByTime(2000);
		const last = drawn.at(-1);
		expect((last?.to ?? 0) - (last?.from ?? 0)).toBe(30_000);
		expect(last?.to).toBeGreaterThan(NOW + 1800);
	});

	it("draws a burst of samples once, and soon", () => {
		chart([{ k: 1, x: NOW, y: 1 }]);
		const before = drawn.length;
		for (let i = 1; i <= 20; i++) {
			const { part, buffers } = metrics(bench(), [{ k: 1, x: NOW + i, y: i }], [], "delta");
			bench().kernel.emit([part], buffers);
		}
		vi.advanceTimersByTime(17);
		expect(drawn.length - before).toBeLessThanOrEqual(1);
		vi.advanceTimersByTime(1000);
		expect(drawn.length).toBeGreaterThan(before);
		expect(drawn.length - before).toBeLessThan(20);
	});

	it("stands still while paused, and catches up without a hole", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		const [back, pause] = [...view.root().querySelectorAll<HTMLButtonElement>(".gunj-tools button")];
		pause?.click();
		bench().show();
		expect(view.root().dataset.live).toBe("paused");
		const frozen = drawn.at(-1);
		const { part, buffers } = metrics(bench(), [{ k: 1, x: NOW + 500, y: 2 }], [], "delta");
		bench().show([part], buffers);
		vi.advanceTimersByTime(500);
		const asked = bench().kernel.said("act").at(-1);
		bench().show([bench().kernel.part("reply", "reply", { re: asked?.id, ok: true })]);
		vi.advanceTimersByTime(2500);
		expect(drawn.at(-1)?.to).toBe(frozen?.to);
		expect(view.root().dataset.points).toBe("2");
		back?.click();
		bench().show();
		expect(view.root().dataset.live).toBe("live");
		expect(drawn.findLast((d) => d.x.length > 0)?.x).toEqual([NOW, NOW + 500]);
	});

	describe("zoomed to a stretch of a query", () => {
		const asked = (view: { model: { sent: unknown[] } }) =>
			view.model.sent.flatMap((m) => ((m as { detail?: unknown }).detail ? [(m as { detail: unknown }).detail] : []));
		const ranged = (fromMs: number | null, toMs: number | null, version: number) => {
			bench().show([bench().status({ range: { version, live: fromMs === null, fromMs, toMs } })]);
			vi.advanceTimersByTime(1200);
		};
		const answer = (
			view: { model: { fire(name: string, ...args: unknown[]): void } },
			stretch: object,
			rows: Row[],
		) => {
			const { body, buffers } = metricsBody([series(1)], rows);
			view.model.fire("msg:custom", { op: "detail", ...stretch, body }, buffers);
			bench().show();
		};
		const STRETCH = { fromMs: NOW - 20_000, toMs: NOW - 10_000 };
		const coarse = [NOW - 60_000, NOW - 15_000, NOW];
		const zoomed = () => {
			const view = chart(
				coarse.map((x) => ({ k: 1, x, y: 1 })),
				{ refines: true },
				[series(1)],
			);
			ranged(STRETCH.fromMs, STRETCH.toMs, 1);
			return view;
		};

		it("asks for finer points, and shows the coarse ones meanwhile and again after", () => {
			const view = zoomed();
			expect(asked(view)).toEqual([STRETCH]);
			expect(drawn.at(-1)?.x).toEqual(coarse);
			expect(seen(view.root())).toContain("asking for finer points");
			const fine = [NOW - 20_000, NOW - 15_000, NOW - 12_000, NOW - 10_000];
			answer(
				view,
				STRETCH,
				fine.map((x) => ({ k: 1, x, y: 2 })),
			);
			expect(drawn.at(-1)?.x).toEqual(fine);
			expect(seen(view.root())).not.toContain("finer points");
			ranged(NOW - 40_000, NOW - 10_000, 2);
			expect(drawn.at(-1)?.x, "until the wider one is here").toEqual(coarse);
			ranged(null, null, 3);
			expect(drawn.at(-1)?.x).toEqual(coarse);
			expect(asked(view)).toHaveLength(2);
		});

		it("lets an answer be that comes too late", () => {
			const view = zoomed();
			ranged(NOW - 40_000, NOW - 10_000, 2);
			answer(view, STRETCH, [{ k: 1, x: NOW - 15_000, y: 2 }]);
			expect(drawn.at(-1)?.x).toEqual(coarse);
		});

		it("says why there are none, and keeps those it has", () => {
			const view = zoomed();
			view.model.fire("msg:custom", { op: "detail", ...STRETCH, error: "Prometheus is <b>away</b>" }, []);
			bench().show();
			expect(seen(view.root())).toContain("no finer points: Prometheus is <b>away</b>");
			expect(drawn.at(-1)?.x).toEqual(coarse);
			ranged(null, null, 2);
			expect(seen(view.root())).not.toContain("finer");
		});

		it("does not ask where all samples are here", () => {
			const view = chart([{ k: 1, x: NOW, y: 1 }]);
			ranged(STRETCH.fromMs, STRETCH.toMs, 1);
			expect(asked(view)).toEqual([]);
		});
	});

	it("keeps a frozen picture even when a snap replaces the data", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		view.root().querySelectorAll<HTMLButtonElement>(".gunj-tools button")[1]?.click();
		const { part, buffers } = metrics(bench(), [{ k: 9, x: NOW + 100, y: 7 }], [series(9)]);
		bench().show([part], buffers);
		expect(legend(view.root()).map(seen)).toEqual(["c11%", "c2–"]);
	});

	it("gives the picture that was asked for before there was anything to see, or while out of sight", () => {
		const canvas = { toDataURL: () => "data:image/png;base64,PNG" } as HTMLCanvasElement;
		vi.spyOn(pictures, "pictureOf").mockReturnValue(canvas);
		let sight: IntersectionObserverCallback = () => undefined;
		vi.stubGlobal(
			"IntersectionObserver",
			class {
				constructor(callback: IntersectionObserverCallback) {
					sight = callback;
				}
				observe() {}
				disconnect() {}
			},
		);
		const view = bench().mount("chart", { metrics: "metrics:1" }, {});
		const told = () => view.model.sent.filter((m) => "picture" in (m as object)).length;
		view.model.set("_picture_asked", true);
		bench().show();
		expect(told(), "nothing to see yet").toBe(0);
		const { part, buffers } = metrics(bench(), [{ k: 1, x: NOW, y: 1 }]);
		bench().show([bench().status(), part], buffers);
		bench().show();
		expect(told(), "once").toBe(1);
		view.model.set("_picture_asked", false);
		bench().show();
		sight([{ isIntersecting: false } as IntersectionObserverEntry], {} as IntersectionObserver);
		view.model.set("_picture_asked", true);
		bench().show();
		expect(told()).toBe(2);
	});

	it("hides a line on click and isolates it on alt-click, and remembers that over a snap", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		const pressed = () => legend(view.root()).map((b) => b.getAttribute("aria-pressed"));
		const click = (n: number, altKey = false) => {
			legend(view.root())[n]?.dispatchEvent(new MouseEvent("click", { altKey }));
			bench().show();
			return pressed();
		};
		expect(click(0)).toEqual(["false", "true"]);
		const { part, buffers } = metrics(bench(), [{ k: 1, x: NOW, y: 1 }]);
		bench().show([part], buffers);
		expect(pressed()).toEqual(["false", "true"]);
		expect(click(0, true)).toEqual(["true", "false"]);
		expect(click(0, true)).toEqual(["true", "true"]);
	});

	it("says so where every series is hidden, and how to show them again", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		const note = () => seen(view.root().querySelector(".gunj-plot-empty") as Element);
		for (const n of [0, 1]) {
			expect(note()).toBe("");
			legend(view.root())[n]?.click();
			bench().show();
		}
		expect(note()).toContain("every series is hidden");
	});

	it("keeps a series' colour over a snap with other numbers", () => {
		chart([], {}, [series(1), series(2)]);
		const before = configured.at(-1)?.lines.map((l) => [l.label, l.color]);
		const swapped = [series(5, { ...series(2), k: 5 }), series(6, { ...series(1), k: 6 })];
		const { part, buffers } = metrics(bench(), [], swapped);
		bench().show([part], buffers);
		expect(configured.at(-1)?.lines.map((l) => [l.label, l.color])).toEqual([before?.[1], before?.[0]]);
	});

	it("takes new colours when the theme changes", async () => {
		chart([{ k: 1, x: NOW, y: 1 }]);
		const light = configured.at(-1)?.lines[0]?.color;
		document.body.setAttribute("data-jp-theme-light", "false");
		await vi.advanceTimersByTimeAsync(50);
		expect(configured.at(-1)?.lines[0]?.color).not.toBe(light);
		document.body.removeAttribute("data-jp-theme-light");
	});

	it("tells screen readers what the lines say", () => {
		const view = chart([
			{ k: 1, x: NOW - 1, y: 10 },
			{ k: 1, x: NOW, y: 30 },
		]);
		const plot = view.root().querySelector(".gunj-plot");
		const text = document.getElementById(plot?.getAttribute("aria-describedby") ?? "")?.textContent;
		expect(text).toBe("2 series over the last 60 s. cpu c1: now 30%, lowest 10%, highest 30%. cpu c2: no values.");
	});

	it("moves the session's range along when paused, and follows it when another chart moved it", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		view.root().querySelectorAll<HTMLButtonElement>(".gunj-tools button")[1]?.click();
		vi.advanceTimersByTime(200);
		const told = bench().kernel.said("act").at(-1);
		expect([told?.verb, told?.args]).toEqual(["range", { fromMs: expect.any(Number), toMs: expect.any(Number) }]);
		const range = { version: 2, live: false, fromMs: NOW - 9000, toMs: NOW - 4000 };
		bench().show([bench().status({ range })]);
		expect(drawn.at(-1)).toMatchObject({ from: NOW - 9000, to: NOW - 4000 });
		vi.advanceTimersByTime(1000);
		expect(seen(view.root().querySelector(".gunj-sub")), "not the last five").toBe("5 s");
		bench().show([bench().status({ range: { version: 3, live: true, fromMs: Date.now() - 5000, toMs: Date.now() } })]);
		vi.advanceTimersByTime(1000);
		expect((drawn.at(-1)?.to ?? 0) - (drawn.at(-1)?.from ?? 0)).toBe(5000);
		expect(seen(view.root().querySelector(".gunj-sub"))).toBe("last 5 s");
	});

	it("has a plot for each value of a label, named, with the value beside the name instead of a legend", () => {
		const view = chart(
			[
				{ k: 1, x: NOW, y: 1 },
				{ k: 2, x: NOW, y: 2 },
			],
			{ facet: "component" },
		);
		vi.advanceTimersByTime(500);
		const names = [...view.root().querySelectorAll(".gunj-panel-name")].map(seen);
		expect(names).toEqual(["c1 1%", "c2 2%"]);
		expect(configured.slice(-2).map((config) => config.lines.length)).toEqual([1, 1]);
		expect(view.root().querySelector<HTMLElement>(".gunj-legend")?.hidden).toBe(true);
	});

	it("says beside a plot's name that its only series is stale", () => {
		const rows = [
			{ k: 1, x: NOW - 480_000, y: 1 },
			{ k: 2, x: NOW, y: 2 },
		];
		const view = chart(rows, { facet: "component" });
		vi.advanceTimersByTime(500);
		expect([...view.root().querySelectorAll(".gunj-panel-name")].map(seen)).toEqual(["c1 ⊘ stale 8 min", "c2 2%"]);
	});

	it("says how much of a long history is here", () => {
		const view = bench().mount("chart", { metrics: "metrics:1" });
		const { part, buffers } = metrics(bench(), [], [], "snap", { loading: [3, 12] });
		bench().show([bench().status(), part], buffers);
		vi.advanceTimersByTime(500);
		expect(seen(view.root())).toContain("loading the history: 3 of 12 pieces");
		expect(view.root().querySelector("progress")?.value).toBe(3);
		const done = metrics(bench(), [{ k: 1, x: NOW, y: 1 }]);
		bench().show([done.part], done.buffers);
		vi.advanceTimersByTime(500);
		expect(seen(view.root())).not.toContain("loading");
	});

	it("writes its times in the session's zone, which its menu goes on from", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		const zoned = (zone: string) => {
			bench().show([bench().status({ range: { zone } })]);
			vi.advanceTimersByTime(400);
			return [configured.at(-1)?.zone, /last sample (\S+)/.exec(seen(view.root()))?.[1]];
		};
		expect(zoned("UTC")).toEqual(["UTC", "22:13:20"]);
		expect(zoned("Asia/Kolkata")).toEqual(["Asia/Kolkata", "03:43:20"]);
		const press = (text: string) =>
			[...view.root().querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === text)?.click();
		press("⋯");
		bench().show();
		press("Kolkata");
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "range", args: { zone: true } });
	});

	it("asks the kernel for a Parquet file, and says what it cannot do", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }]);
		const press = (text: string) =>
			[...view.root().querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === text)?.click();
		press("⋯");
		bench().show();
		press("Parquet");
		expect(view.model.sent.at(-1)).toMatchObject({ op: "tell", parquet: { toMs: expect.any(Number) } });
		view.model.fire("msg:custom", { op: "parquet", error: "needs pyarrow" }, []);
		expect(seen(view.root())).toContain("needs pyarrow");
	});

	it("fills in the table what comes later for a moment that is there", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }], { table: true });
		vi.advanceTimersByTime(500);
		bench().show();
		const row = () => [...view.root().querySelectorAll(".gunj-samples tbody td")].map(seen);
		expect(row()).toEqual(["1%", ""]);
		const { part, buffers } = metrics(bench(), [{ k: 2, x: NOW, y: 2 }], [], "delta");
		bench().show([part], buffers);
		vi.advanceTimersByTime(500);
		bench().show();
		expect(row()).toEqual(["1%", "2%"]);
	});

	it("says that the kernel cannot be reached, where it waited for ever", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }], { refines: true });
		const press = (text: string) =>
			[...view.root().querySelectorAll<HTMLButtonElement>("button")].find((b) => b.textContent === text)?.click();
		press("⋯");
		bench().show();
		view.model.send = () => {
			throw new Error("Cannot send");
		};
		press("Parquet");
		expect(seen(view.root())).toContain("the kernel cannot be reached");
		press("‖ Pause");
		vi.advanceTimersByTime(400);
		bench().show();
		expect(seen(view.root())).toContain("showing");
		expect(seen(view.root())).not.toContain("asking");
	});

	it("writes the times of a selection in the zone of now, with the day where it is another one", () => {
		const view = chart([{ k: 1, x: NOW, y: 1 }], { selected: { fromMs: NOW - 86_400_000, toMs: NOW } });
		const words = (zone: string) => {
			const range = { version: 1, zone, live: true, fromMs: null, toMs: null, back: false, forward: false };
			bench().show([bench().status({ range })]);
			vi.advanceTimersByTime(1300);
			return seen(view.root().querySelector(".gunj-selection span"));
		};
		expect(words("UTC")).toBe("selected 11-13 22:13:20 – 22:13:20 (1 d)");
		expect(words("Asia/Kolkata")).toBe("selected 11-14 03:43:20 – 03:43:20 (1 d)");
	});

	it("shows what was lost on the way", () => {
		const view = bench().mount("chart", { metrics: "metrics:1" });
		const { part, buffers } = metrics(bench(), [{ k: 1, x: NOW, y: 1 }], [series(1)], "snap", { lost: 7 });
		bench().show([bench().status(), part], buffers);
		expect(seen(view.root())).toContain("▼ 7 dropped");
	});
});

describe("chartOptions", () => {
	it("gives defaults and bounds", () => {
		expect(chartOptions({})).toEqual({
			title: "",
			heightPx: 220,
			windowMs: 0,
			legend: true,
			thresholds: [],
			log: false,
			refines: false,
			stacked: false,
			facet: "",
			sharedY: true,
			code: "",
			yMin: undefined,
			yMax: undefined,
			hidden: [],
			only: [],
		});
		expect(
			chartOptions({ heightPx: 5, thresholds: [{ value: 1, label: "a", color: "red" }, { label: "no value" }] }),
		).toMatchObject({
			heightPx: 80,
			thresholds: [{ value: 1, label: "a", color: "red" }],
		});
	});

	it("knows a series by metric and labels, in any order", () => {
		const info = { k: 1, metric: "m", unit: "", name: "" };
		expect(seriesKey({ ...info, labels: { a: "1", b: "2" } })).toBe(
			seriesKey({ ...info, k: 7, labels: { b: "2", a: "1" } }),
		);
	});
});
