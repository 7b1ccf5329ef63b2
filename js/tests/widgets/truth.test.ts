import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { truth, type Watch, withPause } from "../../src/widgets/truth";
import { status } from "../../src/wire/bodies";
import { statusBody } from "../kernel";

const NOW = 1_700_000_000_000;
const watch = (changes: Partial<Watch> = {}): Watch => ({
	nowMs: NOW,
	heardMs: NOW - 1000,
	sinceMs: NOW - 60_000,
	skewMs: 0,
	...changes,
});
const body = (changes: Record<string, unknown>) => status(statusBody({ kernelMs: NOW, ...changes }));

describe("truth", () => {
	it.each([
		[{ state: "open", live: true }, "live", "● live"],
		[{ state: "idle" }, "connecting", "◌ not connected yet"],
		[{ state: "connecting", attempt: 1 }, "connecting", "◌ connecting"],
		[{ state: "connecting", attempt: 4 }, "connecting", "◌ connecting, attempt 4"],
		[{ state: "polling", live: false }, "polling", "◒ polling"],
		[{ state: "waiting", retryAtMs: NOW + 2100 }, "waiting", "◔ reconnecting in 3 s"],
		[{ state: "waiting", retryAtMs: NOW - 50 }, "waiting", "◔ reconnecting now"],
		[{ state: "waiting", retryAtMs: null }, "waiting", "◔ reconnecting soon"],
		[{ state: "failed" }, "failed", "■ failed"],
		[{ state: "open", live: true, replay: { playing: true, speed: 10 } }, "replay", "▷ REPLAY ×10"],
		[{ state: "open", live: true, replay: { playing: false, speed: 10 } }, "replay", "‖ REPLAY"],
	])("%j is %s", (changes, live, label) => {
		expect(truth(body(changes), watch())).toMatchObject({ live, label });
	});

	it("is silent, and stale since the last byte, where an open connection says nothing, as the kernel tells it", () => {
		const told = JSON.parse(readFileSync("../tests/contract/silent.json", "utf8")) as {
			kernelMs: number;
			silentSinceMs: number;
		};
		const got = truth(
			status(statusBody(told)),
			watch({ nowMs: told.kernelMs + 500, heardMs: told.kernelMs + 500, skewMs: 500 }),
		);
		expect(got).toEqual({
			live: "stale",
			label: "▲ silent",
			detail: "the connection is open, and nothing was heard for 16 s",
			staleMs: told.silentSinceMs + 500,
		});
	});

	it("is stale, never live, once the session was closed", () => {
		expect(truth(body({ state: "closed", live: false }), watch()).live).toBe("stale");
	});

	it("tells the reason and the remedy of a failure", () => {
		const got = truth(body({ state: "failed", reason: "403 Forbidden", remedy: "Ask for a role" }), watch());
		expect(got.detail).toBe("403 Forbidden — Ask for a role");
	});

	it("says since when the picture is old, in this browser's time, wherever it is", () => {
		const heard = { heartbeatMs: NOW - 9000, transports: [] };
		for (const state of ["waiting", "failed", "closed", "connecting"]) {
			expect(truth(body({ state, live: false, ...heard }), watch({ skewMs: 500 })).staleMs).toBe(NOW - 8500);
		}
		expect(truth(body({ state: "open", ...heard }), watch()).staleMs).toBeNull();
		expect(truth(body({ state: "connecting", heartbeatMs: null, transports: [] }), watch()).staleMs).toBeNull();
		expect(truth(body({}), watch({ heardMs: NOW - 60_000 })).staleMs).toBe(NOW - 60_000);
	});

	it("counts down by the kernel's clock", () => {
		const kernel = NOW - 3_600_000;
		expect(truth(body({ state: "waiting", retryAtMs: kernel + 5000 }), watch({ skewMs: 3_600_000 })).label).toContain(
			"in 5 s",
		);
	});

	it("is gone after three missed beats, not before", () => {
		const alive = body({ beatMs: 5000 });
		expect(truth(alive, watch({ heardMs: NOW - 15_000 })).live).toBe("live");
		const gone = truth(alive, watch({ heardMs: NOW - 15_001 }));
		expect(gone.live).toBe("gone");
		expect(gone.detail).toBe("kernel gone or busy — no update for 15 s");
	});

	it("is busy, not gone, where the front-end says that the kernel runs a cell, and gone at once where it says so", () => {
		const alive = body({ beatMs: 5000 });
		const silent = watch({ heardMs: NOW - 15_001 });
		expect(truth(alive, { ...silent, kernel: "busy" })).toEqual({
			live: "busy",
			label: "◍ kernel busy",
			detail: "the kernel is busy with a cell — no update for 15 s",
			staleMs: NOW - 15_001,
		});
		expect(truth(alive, watch({ kernel: "busy" })).live, "as long as it is heard").toBe("live");
		expect(truth(alive, { ...silent, kernel: "idle" }).live).toBe("gone");
		expect(truth(alive, watch({ kernel: "gone" }))).toMatchObject({ live: "gone", label: "✕ kernel gone" });
		expect(truth(null, watch({ heardMs: null, sinceMs: NOW - 20_000, kernel: "busy" })).live).toBe("busy");
	});

	it("is busy while what the user asked for waits, unless the kernel is gone", () => {
		expect(truth(body({}), watch({ waiting: 1 }))).toMatchObject({
			live: "busy",
			detail: "what you asked for waits until the running cell ends",
			staleMs: null,
		});
		expect(truth(body({}), watch({ waiting: 3 })).detail).toContain("3 requests wait");
		expect(truth(body({}), watch({ waiting: 3, kernel: "gone" })).live).toBe("gone");
		expect(truth(body({}), watch({ waiting: 0 })).live).toBe("live");
	});

	it("is connecting before the first word, and gone when none comes", () => {
		expect(truth(null, watch({ heardMs: null, sinceMs: NOW - 1000 })).live).toBe("connecting");
		expect(truth(null, watch({ heardMs: null, sinceMs: NOW - 20_000 })).live).toBe("gone");
	});

	it("does not count the time the page was hidden", () => {
		expect(truth(body({}), watch({ heardMs: NOW - 600_000, sinceMs: NOW - 2000 })).live).toBe("live");
	});

	it("says paused only where nothing worse is to be said", () => {
		expect(withPause(truth(body({}), watch()), true).live).toBe("paused");
		expect(withPause(truth(body({ state: "failed" }), watch()), true).live).toBe("failed");
		expect(withPause(truth(body({}), watch()), false).live).toBe("live");
	});
});
