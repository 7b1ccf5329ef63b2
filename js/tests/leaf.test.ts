import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import leaf from "../src/leaf";
import type { LeafTraits } from "../src/wire/types";
import { FakeModel } from "./kernel";

const traits = (): LeafTraits => ({
	_hub: "anywidget:h",
	_control: "anywidget:c",
	_kind: "status",
	_channels: {},
	_options: {},
	_kept: {},
});
const page = globalThis as { __gunj?: { bundle?: unknown; seen?: unknown[] } };

beforeEach(() => {
	page.__gunj = undefined as never;
});
afterEach(() => vi.useRealTimers());

describe("a leaf", () => {
	it("mounts through the hub, and sends through the control", async () => {
		const [mount, send] = [vi.fn(), vi.fn()];
		const getWidget = vi.fn(async (ref: string) => ({ exports: ref === "anywidget:h" ? { mount } : { send } }));
		const model = new FakeModel(traits());
		const el = document.createElement("div");
		const { signal } = new AbortController();
		await leaf.render({ model, el, signal, host: { getWidget: getWidget as never } });
		expect(mount).toHaveBeenCalledWith({ model, el, signal, send });
		expect(el.textContent).toBe("");
	});

	it("asks for the hub again before it gives up, and then says what to do", async () => {
		vi.useFakeTimers();
		const getWidget = vi.fn(async () => {
			throw new Error("no such widget");
		});
		const el = document.createElement("div");
		const done = leaf.render({ model: new FakeModel(traits()), el, host: { getWidget } });
		await vi.advanceTimersByTimeAsync(5000);
		await done;
		expect(getWidget).toHaveBeenCalledTimes(6);
		expect(el.textContent).toContain("no such widget");
		expect(el.textContent).toContain("Run its cell again");
	});

	it("does not mount on a view that is closed by the time the hub answers", async () => {
		const mount = vi.fn();
		const controller = new AbortController();
		const getWidget = vi.fn(async () => {
			controller.abort();
			return { exports: { mount, send: vi.fn() } };
		});
		await leaf.render({
			model: new FakeModel(traits()),
			el: document.createElement("div"),
			signal: controller.signal,
			host: { getWidget: getWidget as never },
		});
		expect(mount).not.toHaveBeenCalled();
	});
});

describe("a leaf where the host has no getWidget", () => {
	const SOURCE =
		"export default { initialize: (p) => ({ mount: (m) => (globalThis.__gunj.seen ??= []).push([p, m]) }) };";

	beforeEach(() => {
		// Node cannot import a blob: URL, but it can import the same text as data:.
		vi.stubGlobal(
			"Blob",
			class {
				constructor(readonly parts: string[]) {}
			},
		);
		URL.createObjectURL = (blob) =>
			`data:text/javascript,${encodeURIComponent((blob as unknown as { parts: string[] }).parts.join(""))}`;
		URL.revokeObjectURL = () => undefined;
	});
	afterEach(() => vi.unstubAllGlobals());

	it("fetches the bundle over its own comm, once per page, and uses that comm for everything", async () => {
		const [a, b] = [new FakeModel(traits()), new FakeModel(traits())];
		const elements = [document.createElement("div"), document.createElement("div")] as const;
		const both = [leaf.render({ model: a, el: elements[0] }), leaf.render({ model: b, el: elements[1] })];
		expect([a.sent, b.sent]).toEqual([[{ op: "bundle" }], []]);
		a.fire("msg:custom", { v: 1 });
		a.fire("msg:custom", { op: "bundle", source: SOURCE });
		const [close] = await Promise.all(both);
		const seen = page.__gunj?.seen as [
			{ model: unknown },
			{ model: unknown; send(m: unknown): void; signal: AbortSignal },
		][];
		expect(seen.map(([init, mount]) => [init.model, mount.model])).toEqual([
			[a, a],
			[b, b],
		]);
		seen[1]?.[1].send({ op: "bye" });
		expect(b.sent).toEqual([{ op: "bye" }]);
		expect(a.listeners).toBe(0);
		expect(seen[0]?.[1].signal.aborted).toBe(false);
		close?.();
		expect(seen[0]?.[1].signal.aborted).toBe(true);
	});

	it("gives up when nothing comes, and lets the next leaf try anew", async () => {
		vi.useFakeTimers();
		const model = new FakeModel(traits());
		const el = document.createElement("div");
		const done = leaf.render({ model, el });
		await vi.advanceTimersByTimeAsync(20_000);
		await done;
		expect(el.textContent).toContain("could not start");
		expect([model.listeners, page.__gunj?.bundle]).toEqual([0, undefined]);
	});
});
