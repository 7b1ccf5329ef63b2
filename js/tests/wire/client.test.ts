import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACT_TIMEOUT_MS, ControlClient } from "../../src/wire/client";
import { pageId, randomId } from "../../src/wire/ids";
import type { ControlMessage } from "../../src/wire/types";

describe("ControlClient", () => {
	let sent: ControlMessage[];
	let client: ControlClient;
	const credits = () => sent.filter((m) => m.op === "credit");

	beforeEach(() => {
		vi.useFakeTimers();
		sent = [];
		client = new ControlClient("page", () => ({ fps: 60, paintMs: 3, hidden: false, views: 2 }));
		client.use((message) => sent.push(message));
	});
	afterEach(() => vi.useRealTimers());

	it("credits the first paint at once, with the page's vitals", () => {
		client.painted(4);
		expect(sent).toEqual([{ op: "credit", page: "page", n: 4, fps: 60, paintMs: 3, hidden: false, views: 2 }]);
	});

	it("credits as often as the kernel says, and always the newest envelope in the end", () => {
		client.creditMs = 1000;
		for (let n = 1; n <= 250; n++) {
			client.painted(n);
			vi.advanceTimersByTime(4);
		}
		expect(credits().length).toBeLessThanOrEqual(2);
		vi.advanceTimersByTime(1000);
		expect(credits().at(-1)).toMatchObject({ n: 250 });
	});

	it.each([10, null])("credits ten times a second where the page does not keep up or cannot say (%s fps)", (fps) => {
		client = new ControlClient("page", () => ({ fps, paintMs: 90, hidden: false, views: 2 }));
		client.use((message) => sent.push(message));
		for (let n = 1; n <= 250; n++) {
			client.painted(n);
			vi.advanceTimersByTime(4);
		}
		expect(credits().length).toBeGreaterThanOrEqual(9);
		expect(credits().length).toBeLessThanOrEqual(11);
	});

	it("tells at once that it keeps up again: the kernel holds what a slow page has not painted", () => {
		const vitals = { fps: 20, paintMs: 3, hidden: false, views: 2 };
		client = new ControlClient("page", () => vitals);
		client.use((message) => sent.push(message));
		client.creditMs = 1000;
		client.painted(1);
		vitals.fps = 60;
		for (let n = 2; n <= 5; n++) client.painted(n);
		vi.advanceTimersByTime(100);
		expect(credits().at(-1)).toMatchObject({ n: 5, fps: 60 });
		client.painted(6);
		vi.advanceTimersByTime(100);
		expect(credits()).toHaveLength(2);
		vitals.fps = 20;
		client.painted(7);
		expect(credits().at(-1)).toMatchObject({ n: 7, fps: 20 });
	});

	it("keeps alive where nothing is painted, and is silent where something just was", () => {
		client.painted(1);
		client.keepalive();
		expect(credits()).toHaveLength(1);
		vi.advanceTimersByTime(2000);
		client.keepalive();
		expect(credits()).toHaveLength(2);
	});

	it("counts acts that the kernel has not come to within a second, and not those that take long there", () => {
		client.act("status:3", "ack").catch(() => undefined);
		client.act("status:3", "ack").catch(() => undefined);
		expect(client.waiting).toBe(0);
		vi.advanceTimersByTime(1100);
		expect(client.waiting).toBe(2);
		client.reply({ re: "page-1", taken: true, ok: true, error: "", told: [] });
		expect(client.waiting).toBe(1);
		client.reply({ re: "page-2", taken: false, ok: true, error: "", told: [] });
		expect(client.waiting).toBe(0);
	});

	it("resolves an act on its own reply only", async () => {
		const done = vi.fn();
		void client.act("status:3", "ack", { fingerprint: "f" }).then(done);
		const act = sent[0] as Extract<ControlMessage, { op: "act" }>;
		expect(act).toMatchObject({ op: "act", ch: "status:3", verb: "ack", args: { fingerprint: "f" } });
		client.reply({ taken: false, re: "somebody else's", ok: true, error: "", told: ["x"] });
		await Promise.resolve();
		expect(done).not.toHaveBeenCalled();
		client.reply({ taken: false, re: act.id, ok: true, error: "", told: ["x"] });
		await vi.waitFor(() => expect(done).toHaveBeenCalledWith(["x"]));
	});

	it("rejects an act with the kernel's words, on silence, and on close", async () => {
		const refused = client.act("status:3", "reconnect");
		client.reply({ taken: false, re: (sent[0] as { id: string }).id, ok: false, error: "403 Forbidden", told: [] });
		await expect(refused).rejects.toThrow("403 Forbidden");
		const unheard = client.act("status:3", "reconnect");
		vi.advanceTimersByTime(ACT_TIMEOUT_MS);
		await expect(unheard).rejects.toThrow("did not answer");
		const cut = client.act("status:3", "reconnect");
		client.close();
		await expect(cut).rejects.toThrow("closed");
	});

	it("stops at the first send that throws, and never throws itself", async () => {
		const broken = vi.fn(() => {
			throw new Error("comm is closed");
		});
		client.use(broken);
		client.hello("v", ["a"]);
		client.bye("v");
		client.painted(1);
		vi.advanceTimersByTime(500);
		await expect(client.act("status:3", "reconnect")).rejects.toThrow("cannot be reached");
		expect(broken).toHaveBeenCalledTimes(1);
	});

	it("leaves no timer behind", () => {
		client.painted(1);
		client.painted(2);
		client.act("status:3", "reconnect").catch(() => undefined);
		expect(vi.getTimerCount()).toBe(2);
		client.close();
		expect(vi.getTimerCount()).toBe(0);
	});
});

describe("ids", () => {
	it("are random without crypto.randomUUID, and one per page", () => {
		vi.stubGlobal("crypto", { getRandomValues: (a: Uint32Array) => a.map(() => Math.random() * 2 ** 32) });
		expect(randomId()).not.toBe(randomId());
		vi.unstubAllGlobals();
		expect(pageId()).toBe(pageId());
	});
});
