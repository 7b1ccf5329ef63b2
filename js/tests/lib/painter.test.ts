import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { BUDGET_MS, FpsMeter, Painter } from "../../src/lib/painter";

describe("Painter", () => {
	let painted: [number, boolean][];
	let painter: Painter;
	let hidden: boolean;

	beforeEach(() => {
		vi.useFakeTimers();
		hidden = false;
		vi.spyOn(document, "hidden", "get").mockImplementation(() => hidden);
		painted = [];
		painter = new Painter((ms, idle) => painted.push([ms, idle]));
	});
	afterEach(() => {
		painter.stop();
		vi.useRealTimers();
	});

	it("paints a view once per frame, however often it is marked", () => {
		const view = { paint: vi.fn() };
		for (let i = 0; i < 50; i++) painter.mark(view);
		expect(view.paint).not.toHaveBeenCalled();
		vi.advanceTimersByTime(40);
		expect(view.paint).toHaveBeenCalledTimes(1);
		expect(painted).toHaveLength(1);
		expect(painted[0]?.[1]).toBe(true);
	});

	it("spreads slow views over frames instead of blocking one", () => {
		const slow = () => ({ paint: vi.fn(() => vi.setSystemTime(Date.now() + BUDGET_MS * 2)) });
		const clockOf = vi.spyOn(performance, "now").mockImplementation(() => Date.now());
		const views = [slow(), slow(), slow()];
		for (const view of views) painter.mark(view);
		vi.advanceTimersToNextFrame();
		expect(views.filter((v) => v.paint.mock.calls.length > 0)).toHaveLength(1);
		expect(painter.idle).toBe(false);
		for (let i = 0; i < 5; i++) vi.advanceTimersToNextFrame();
		expect(views.every((v) => v.paint.mock.calls.length === 1)).toBe(true);
		clockOf.mockRestore();
	});

	it("lets one broken view not blind the others", () => {
		const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
		const broken = {
			paint: () => {
				throw new Error("broken");
			},
		};
		const sound = { paint: vi.fn() };
		painter.mark(broken);
		painter.mark(sound);
		vi.advanceTimersByTime(40);
		expect(sound.paint).toHaveBeenCalledTimes(1);
		expect(error).toHaveBeenCalledTimes(1);
	});

	it("paints nothing while the page is hidden, and all of it when it is seen again", () => {
		const view = { paint: vi.fn() };
		hidden = true;
		painter.mark(view);
		vi.advanceTimersByTime(1000);
		expect(view.paint).not.toHaveBeenCalled();
		hidden = false;
		painter.wake();
		vi.advanceTimersByTime(40);
		expect(view.paint).toHaveBeenCalledTimes(1);
	});

	it("forgets a view that closed before its frame", () => {
		const view = { paint: vi.fn() };
		painter.mark(view);
		painter.forget(view);
		vi.advanceTimersByTime(40);
		expect(view.paint).not.toHaveBeenCalled();
	});
});

describe("FpsMeter", () => {
	afterEach(() => vi.useRealTimers());

	it("counts frames now and then while envelopes come, and none afterwards", () => {
		vi.useFakeTimers();
		const meter = new FpsMeter();
		const frames = vi.spyOn(globalThis, "requestAnimationFrame");
		expect(meter.fps).toBeNull();
		for (let i = 0; i < 60; i++) {
			meter.pulse();
			vi.advanceTimersByTime(100);
		}
		expect(meter.fps).toBeGreaterThan(50);
		expect(meter.fps).toBeLessThan(70);
		// Six seconds of 60 frames: fewer than a third of them were asked for.
		expect(frames.mock.calls.length).toBeGreaterThan(50);
		expect(frames.mock.calls.length).toBeLessThan(120);
		vi.advanceTimersByTime(1500);
		expect(vi.getTimerCount()).toBe(0);
	});
});
