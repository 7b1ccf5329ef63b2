import { afterEach, describe, expect, it, vi } from "vitest";
import { Channels, StatusCell } from "../../src/store/cell";
import { status } from "../../src/wire/bodies";
import type { Part } from "../../src/wire/types";
import { statusBody } from "../kernel";

const part = (ch: string, changes = {}): Part => ({
	ch,
	kind: "status",
	op: "snap",
	seq: 1,
	body: status(statusBody(changes)),
});

describe("Channels", () => {
	it("gives all views of a channel one cell, and drops it with the last", () => {
		const dropped: string[] = [];
		const channels = new Channels((ch) => dropped.push(ch));
		const cell = channels.acquire("status:1", "status");
		expect(channels.acquire("status:1", "status")).toBe(cell);
		channels.release("status:1");
		expect(channels.deliver(part("status:1"))).toBe(true);
		channels.release("status:1");
		channels.release("status:1");
		expect(dropped).toEqual(["status:1"]);
		expect(channels.deliver(part("status:1"))).toBe(false);
		expect(channels.size).toBe(0);
	});

	it("refuses a part of another kind than the channel", () => {
		const channels = new Channels(() => undefined);
		const cell = channels.acquire("logs:1", "logs");
		expect(channels.deliver({ ...part("logs:1") })).toBe(false);
		expect(cell.version).toBe(0);
	});

	it("tells listeners until they leave", () => {
		const channels = new Channels(() => undefined);
		const cell = channels.acquire("status:1", "status");
		const heard = vi.fn();
		const undo = cell.listen(heard);
		channels.deliver(part("status:1"));
		undo();
		channels.deliver(part("status:1"));
		expect(heard).toHaveBeenCalledTimes(1);
		expect(cell.listeners).toBe(0);
	});
});

describe("StatusCell", () => {
	afterEach(() => vi.useRealTimers());

	it("takes the kernel's clock from the beat that travelled fastest", () => {
		vi.useFakeTimers({ now: 1_000_000 });
		const cell = new StatusCell();
		for (const travel of [400, 5, 900]) cell.take(status(statusBody({ kernelMs: Date.now() - 60_000 - travel })), true);
		expect(cell.skewMs).toBe(60_005);
	});
});
