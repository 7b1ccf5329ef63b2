import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import "./all-parts";
import control from "../src/control";
import hubModule from "../src/hub";
import type { HubExports, Kind, Role } from "../src/wire/types";
import { alertBody, FakeKernel, FakeModel, metricsBody, series, statusBody } from "./kernel";
import { observing } from "./setup";

const ALL: [Kind, Partial<Record<Role, string>>][] = [
	["status", { status: "status:1" }],
	["platform", { status: "status:1", platform: "platform:1:p", metrics: "metrics:1", logs: "logs:1" }],
	["chart", { status: "status:1", metrics: "metrics:1" }],
	["logs", { status: "status:1", logs: "logs:1" }],
	["alerts", { status: "status:1", alerts: "alerts:1" }],
];

let kernel: FakeKernel;
let hub: HubExports;
let hidden: boolean;
let open: { close(): void }[];

beforeEach(() => {
	vi.useFakeTimers({ now: 1_700_000_000_000 });
	hidden = false;
	vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
	kernel = new FakeKernel();
	hub = hubModule.initialize({ model: kernel.model });
	open = [];
});
afterEach(() => {
	for (const view of open) view.close();
	vi.useRealTimers();
	document.body.replaceChildren();
});

function mount(kind: Kind, channels: Partial<Record<Role, string>>, options = {}) {
	const view = kernel.mount(hub, kind, channels, options);
	open.push(view);
	return view;
}
const frame = () => vi.advanceTimersByTime(40);
const status = (changes = {}) => kernel.part("status:1", "status", statusBody(changes));
const logs = (id: number, op = "delta", message = "x") =>
	kernel.part(
		"logs:1",
		"logs",
		{ lines: [[id, Date.now(), "info", "loki", message, null]], total: id, filtered: 0, lost: 0, limit: 100 },
		op,
	);

function setHidden(value: boolean): void {
	hidden = value;
	document.dispatchEvent(new Event("visibilitychange"));
}

describe("hello and bye", () => {
	it("greets for each view with its channels, and says bye with the same name", () => {
		const view = mount("logs", { status: "status:1", logs: "logs:1" });
		const [hello] = kernel.said("hello");
		expect(hello).toMatchObject({ channels: ["status:1", "logs:1"] });
		view.close();
		expect(kernel.said("bye")).toEqual([{ op: "bye", page: hello?.page, view: hello?.view }]);
	});

	it("shows nothing on a signal that is aborted already", () => {
		const el = document.createElement("div");
		const model = new FakeModel({ _kind: "status", _channels: {}, _options: {} });
		hub.mount({ model: model as never, el, signal: AbortSignal.abort(), send: kernel.send });
		expect([el.childElementCount, kernel.heard.length, model.listeners]).toEqual([0, 0, 0]);
	});

	it("asks for a channel again when a part is missing, once per second", () => {
		mount("logs", { status: "status:1", logs: "logs:1" });
		kernel.emit([status(), logs(1, "snap")]);
		kernel.part("logs:1", "logs", {});
		kernel.heard.length = 0;
		kernel.emit([logs(3)]);
		kernel.emit([logs(4)]);
		vi.advanceTimersByTime(10);
		expect(kernel.said("hello").map((m) => m.channels)).toEqual([["logs:1"]]);
		kernel.emit([logs(5, "snap")]);
		vi.advanceTimersByTime(3000);
		expect(kernel.said("hello")).toHaveLength(1);
	});

	it("goes on asking while no snap comes", () => {
		mount("logs", { status: "status:1", logs: "logs:1" });
		kernel.emit([status(), logs(1)]);
		kernel.heard.length = 0;
		vi.advanceTimersByTime(6500);
		expect(kernel.said("hello").length).toBeGreaterThanOrEqual(3);
		expect(kernel.said("hello").length).toBeLessThanOrEqual(6);
	});

	it("asks for everything when a whole envelope is missing", () => {
		mount("logs", { status: "status:1", logs: "logs:1" });
		mount("alerts", { status: "status:1", alerts: "alerts:1" });
		kernel.emit([status()]);
		kernel.heard.length = 0;
		kernel.lose();
		kernel.emit([status()]);
		vi.advanceTimersByTime(10);
		expect(
			kernel
				.said("hello")
				.flatMap((m) => m.channels)
				.sort(),
		).toEqual(["alerts:1", "logs:1", "status:1"]);
	});

	it("greets again when the page becomes visible, and after long silence", () => {
		mount("status", { status: "status:1" });
		kernel.emit([status()]);
		kernel.heard.length = 0;
		setHidden(true);
		setHidden(false);
		expect(kernel.said("hello")).toHaveLength(1);
		kernel.heard.length = 0;
		vi.advanceTimersByTime(30_000);
		expect(kernel.said("hello").length).toBeGreaterThanOrEqual(3);
	});

	it("shows a leaf anew when its channels or options change", () => {
		const view = mount("logs", { status: "status:1", logs: "logs:1" });
		const [first] = kernel.said("hello");
		view.model.set("_channels", { status: "status:1", logs: "logs:2" });
		expect(kernel.said("bye").map((m) => m.view)).toEqual([first?.view]);
		expect(kernel.said("hello").at(-1)?.channels).toEqual(["status:1", "logs:2"]);
		expect(view.el.querySelectorAll(".gunj")).toHaveLength(1);
	});
});

describe("credits", () => {
	it("come once a second however fast the feed, and name the newest envelope painted", () => {
		mount("status", { status: "status:1" });
		kernel.heard.length = 0;
		let n = 0;
		for (let i = 0; i < 250; i++) {
			n = kernel.emit([status()]);
			vi.advanceTimersByTime(20);
		}
		expect(kernel.said("credit").length).toBeGreaterThanOrEqual(5);
		expect(kernel.said("credit").length).toBeLessThanOrEqual(12); // the first half second, before the pace is known, at ten
		vi.advanceTimersByTime(1000);
		expect(kernel.said("credit").at(-1)).toMatchObject({ n, hidden: false, views: 1 });
		expect(kernel.said("credit").at(-1)?.fps).toBeGreaterThan(40);
		expect(kernel.said("credit").at(-1)?.paintMs).not.toBeNull();
	});

	it("do not name an envelope before it is painted", () => {
		mount("status", { status: "status:1" });
		frame();
		kernel.heard.length = 0;
		kernel.emit([status()]);
		expect(kernel.said("credit")).toEqual([]);
		frame();
		expect(kernel.said("credit").at(-1)?.n).toBe(1);
	});

	it("come for an envelope that changes nothing that is shown", () => {
		mount("status", { status: "status:1" });
		frame();
		const n = kernel.emit([kernel.part("logs:9", "logs", { lines: [] })]);
		vi.advanceTimersByTime(200);
		expect(kernel.said("credit").at(-1)?.n).toBe(n);
	});

	it("come every two seconds in silence, and not at all without a view", () => {
		const view = mount("status", { status: "status:1" });
		kernel.heard.length = 0;
		vi.advanceTimersByTime(6100);
		expect(kernel.said("credit")).toHaveLength(3);
		view.close();
		kernel.heard.length = 0;
		kernel.emit([status()]);
		vi.advanceTimersByTime(10_000);
		expect(kernel.heard).toEqual([]);
	});

	it("say that the page is hidden at once, and still take the feed in", () => {
		const view = mount("logs", { status: "status:1", logs: "logs:1" });
		frame();
		setHidden(true);
		expect(kernel.said("credit").at(-1)?.hidden).toBe(true);
		const n = kernel.emit([status(), logs(1, "snap"), logs(2)]);
		vi.advanceTimersByTime(500);
		expect(kernel.said("credit").at(-1)).toMatchObject({ n, hidden: true });
		expect(view.root().dataset.rows).toBe("0");
		setHidden(false);
		frame();
		expect(view.root().dataset.rows).toBe("2");
	});

	it("say nothing while nobody sees the page, and ask for everything once somebody does", () => {
		const view = mount("logs", { status: "status:1", logs: "logs:1" });
		kernel.emit([status(), logs(1, "snap")]);
		setHidden(true);
		vi.advanceTimersByTime(1000);
		kernel.heard.length = 0;
		vi.advanceTimersByTime(120_000);
		expect(kernel.heard).toEqual([]);
		setHidden(false);
		expect(kernel.said("hello").map((m) => m.channels)).toEqual([["status:1", "logs:1"]]);
		expect(kernel.said("credit").at(-1)?.hidden).toBe(false);
		view.close();
	});

	it("survive a kernel comm that is closed", () => {
		const model = new FakeModel({ _kind: "status", _channels: { status: "status:1" }, _options: {} });
		const controller = new AbortController();
		const send = vi.fn(() => {
			throw new Error("comm is closed");
		});
		const el = document.createElement("div");
		hub.mount({ model: model as never, el, signal: controller.signal, send });
		vi.advanceTimersByTime(10_000);
		expect(send).toHaveBeenCalledTimes(1);
		controller.abort();
	});
});

describe("the truth on the card", () => {
	it("turns to gone when the kernel falls silent, and back to live", () => {
		const view = mount("status", { status: "status:1" });
		frame();
		expect(view.root().dataset.live).toBe("connecting");
		kernel.emit([status()]);
		frame();
		expect(view.root().dataset.live).toBe("live");
		vi.advanceTimersByTime(17_000);
		expect(view.root().dataset.live).toBe("gone");
		expect(view.root().textContent).toMatch(/kernel gone or busy — no update for 1\d s/);
		expect(view.root().textContent).toContain("? last known: open");
		kernel.emit([status()]);
		frame();
		expect(view.root().dataset.live).toBe("live");
	});

	it("does not call the kernel gone for the time nobody looked", () => {
		const view = mount("status", { status: "status:1" });
		kernel.emit([status()]);
		frame();
		setHidden(true);
		vi.advanceTimersByTime(600_000);
		setHidden(false);
		frame();
		expect(view.root().dataset.live).toBe("live");
	});

	it("shows the demo badge, what was dropped, and a failure with its remedy", () => {
		const view = mount("status", { status: "status:1" });
		kernel.emit([
			status({ demo: true, state: "failed", live: false, reason: "403", remedy: "Ask", counts: { dropped: 1234 } }),
		]);
		frame();
		expect(view.root().dataset.live).toBe("failed");
		expect(view.root().querySelector<HTMLElement>(".gunj-demo")?.hidden).toBe(false);
		expect(view.root().textContent).toContain("▼ 1,234 dropped");
		expect(view.root().querySelector(".gunj-banner")?.textContent).toBe("403 — Ask");
	});

	it("counts the seconds to the next try", () => {
		const view = mount("status", { status: "status:1" });
		kernel.emit([status({ state: "waiting", live: false, retryAtMs: Date.now() + 8000 })]);
		frame();
		expect(view.root().textContent).toContain("reconnecting in 8 s");
		expect(view.root().textContent).toMatch(/▲ stale since \d\d:\d\d:\d\d/);
		vi.advanceTimersByTime(3000);
		expect(view.root().textContent).toContain("reconnecting in 5 s");
	});
});

describe("what comes from outside", () => {
	const EVIL = '<img src=x onerror="window.hacked=1"><script>window.hacked=1</script>\u202e\u001b[31m';

	it("is text, wherever it is shown", () => {
		for (const [kind, channels] of ALL)
			mount(kind, channels, { title: EVIL, thresholds: [{ value: 1, label: EVIL, color: EVIL }] });
		const platform = {
			found: true,
			name: EVIL,
			namespace: EVIL,
			phase: EVIL,
			message: EVIL,
			version: EVIL,
			components: [{ name: EVIL, health: "healthy", version: EVIL, message: EVIL }],
			conditions: [{ type: EVIL, status: EVIL, reason: EVIL, message: EVIL }],
			operations: [{ id: EVIL, kind: EVIL, status: EVIL, progress: 0.5, stage: EVIL, message: EVIL }],
			events: [{ tMs: 1, type: "Warning", reason: EVIL, message: EVIL, component: EVIL }],
		};
		const { body, buffers } = metricsBody(
			[series(1, { metric: "cpu_usage", name: EVIL, unit: EVIL, labels: { [EVIL]: EVIL } })],
			[{ k: 1, x: Date.now(), y: 1 }],
		);
		const alert = alertBody(EVIL, {
			name: EVIL,
			summary: EVIL,
			description: EVIL,
			severity: EVIL,
			acknowledged: EVIL,
			state: EVIL,
		});
		kernel.emit(
			[
				status({
					server: EVIL,
					name: EVIL,
					reason: EVIL,
					remedy: EVIL,
					state: "failed",
					counts: { [EVIL]: 3 },
					transports: [{ name: EVIL, state: EVIL, reason: EVIL }],
				}),
				kernel.part("platform:1:p", "platform", platform),
				kernel.part("metrics:1", "metrics", body),
				kernel.part("logs:1", "logs", { lines: [[1, 1, EVIL, EVIL, EVIL, { [EVIL]: EVIL }]], total: 1, limit: 9 }),
				kernel.part("alerts:1", "alerts", { active: [alert], resolved: [alert], counts: {} }),
			],
			buffers,
		);
		vi.advanceTimersByTime(500);
		document.querySelectorAll<HTMLElement>(".gunj-log-row")[0]?.click();
		for (const el of document.querySelectorAll<HTMLButtonElement>(".gunj-btn"))
			if (el.textContent === "Show logs") el.click();
		vi.advanceTimersByTime(500);
		expect(document.body.querySelector("img, script")).toBeNull();
		expect((globalThis as { hacked?: number }).hacked).toBeUndefined();
		expect(document.body.textContent).toContain("<img src=x");
		const handlers = [...document.body.querySelectorAll("*")]
			.flatMap((el) => el.getAttributeNames())
			.filter((name) => name.startsWith("on"));
		expect(handlers).toEqual([]);
	});

	it("never stops the feed, however malformed", () => {
		const view = mount("status", { status: "status:1" });
		for (const junk of [
			null,
			1,
			"x",
			[],
			{ v: 1 },
			{ v: 1, n: 1, parts: [null, {}, { ch: "status:1", kind: "status", op: "snap", seq: 1, body: 4 }] },
		]) {
			expect(() => kernel.model.fire("msg:custom", junk, undefined)).not.toThrow();
		}
		kernel.emit([status()]);
		frame();
		expect(view.root().dataset.live).toBe("live");
	});

	it("says so when a widget is newer than the browser code", () => {
		const view = mount("hologram" as Kind, { status: "status:1" });
		frame();
		expect(view.root().textContent).toContain("newer than the browser code");
	});
});

describe("cleaning up", () => {
	/** Listeners added and not removed, on anything that outlives a view: a detached element takes its own with it. */
	function countListeners() {
		const live: { target: EventTarget; type: string; handler: unknown }[] = [];
		const { addEventListener, removeEventListener } = EventTarget.prototype;
		vi.spyOn(EventTarget.prototype, "addEventListener").mockImplementation(function (
			this: EventTarget,
			type,
			handler,
			options,
		) {
			if (handler) live.push({ target: this, type, handler });
			return addEventListener.call(this, type, handler, options);
		});
		vi.spyOn(EventTarget.prototype, "removeEventListener").mockImplementation(function (
			this: EventTarget,
			type,
			handler,
			options,
		) {
			const at = live.findIndex((l) => l.target === this && l.type === type && l.handler === handler);
			if (at >= 0) live.splice(at, 1);
			return removeEventListener.call(this, type, handler, options);
		});
		return () => live.filter(({ target }) => !(target instanceof Node) || target.isConnected).map((l) => l.type);
	}

	it.each(ALL)(
		"leaves nothing of a %s after 100 openings",
		(kind, channels) => {
			const bystander = mount("status", { status: "status:9" });
			frame();
			const live = countListeners();
			const before = observing.now;
			for (let i = 0; i < 100; i++) {
				const view = kernel.mount(hub, kind, channels);
				const { body, buffers } = metricsBody([series(1)], [{ k: 1, x: Date.now(), y: 1 }]);
				kernel.emit([status(), kernel.part("metrics:1", "metrics", body), logs(1, "snap")], buffers);
				frame();
				view.close();
				expect(view.model.listeners).toBe(0);
				expect(view.el.childElementCount).toBe(0);
			}
			expect(live()).toEqual([]);
			expect(observing.now).toBe(before);
			bystander.close();
			vi.advanceTimersByTime(1500);
			expect(vi.getTimerCount()).toBe(0);
		},
		120_000, // jsdom computes the styles of a chart in a tenth of a second
	);

	it("lets go of the hub's model too", () => {
		const controller = new AbortController();
		const model = new FakeModel();
		const own = hubModule.initialize({ model, signal: controller.signal });
		kernel.mount(own, "status", { status: "status:1" });
		expect(model.listeners).toBe(1);
		controller.abort();
		expect(model.listeners).toBe(0);
		vi.advanceTimersByTime(1500);
		expect(vi.getTimerCount()).toBe(0);
	});
});

describe("the control model", () => {
	it("hands messages to its comm", () => {
		const model = new FakeModel();
		control.initialize({ model }).send({ op: "bye", page: "p", view: "v" });
		expect(model.sent).toEqual([{ op: "bye", page: "p", view: "v" }]);
	});
});
