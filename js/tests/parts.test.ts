import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { PartModule } from "../src/parts";
import { FakeKernel, statusBody } from "./kernel";

const fake: PartModule = {
	widgets: {
		logs: (ctx) => ({
			paint: () => ctx.card.title("the real thing"),
		}),
	},
	styles: ".fake{}",
};

beforeEach(() => {
	vi.resetModules();
	vi.useFakeTimers({ now: 1_700_000_000_000 });
});
afterEach(() => {
	vi.useRealTimers();
	document.body.replaceChildren();
});

async function page() {
	const { default: hubModule } = await import("../src/hub");
	const kernel = new FakeKernel();
	const hub = hubModule.initialize({ model: kernel.model });
	const view = kernel.mount(hub, "logs", { status: "status:1", logs: "logs:1" }, { title: "Lines" });
	vi.advanceTimersByTime(40);
	return { kernel, view, codes: () => kernel.said("code").map((m) => m.name) };
}

describe("a widget whose code is not here", () => {
	it("says so, asks for it, and asks again while it does not come", async () => {
		const { view, codes } = await page();
		expect(view.root().textContent).toContain("Lines");
		expect(view.root().textContent).toContain("loading this widget");
		expect(codes()).toEqual(["logs"]);
		vi.advanceTimersByTime(3100);
		expect(codes()).toEqual(["logs", "logs"]);
		view.close();
		vi.advanceTimersByTime(60_000);
		expect(codes()).toEqual(["logs", "logs"]);
	});

	it("says why where the code cannot be used", async () => {
		const { view, kernel } = await page();
		vi.spyOn(URL, "createObjectURL").mockImplementation(() => {
			throw new Error("forbidden by a policy");
		});
		kernel.emit([kernel.part("code", "code", { name: "logs", source: "export default 1" })]);
		await vi.advanceTimersByTimeAsync(100);
		expect(view.root().textContent).toContain("could not be loaded (forbidden by a policy)");
		view.close();
	});
});

describe("Parts", () => {
	it("keeps a part for the page, and takes none it did not ask for", async () => {
		const { Parts } = await import("../src/parts");
		const asked: string[] = [];
		const arrived: string[] = [];
		const load = vi.fn(async () => fake);
		const parts = new Parts(
			(name) => asked.push(name),
			(name) => arrived.push(name),
			load,
		);
		await parts.take({ name: "logs", source: "x" });
		expect(load).not.toHaveBeenCalled();
		parts.want("logs");
		parts.want("logs");
		expect(asked).toEqual(["logs"]);
		await parts.take({ name: "logs", source: "x" });
		expect([arrived, parts.get("logs")]).toEqual([["logs"], fake]);
		parts.want("logs");
		expect(asked).toEqual(["logs"]);
		vi.advanceTimersByTime(60_000);
		expect(asked).toEqual(["logs"]);
	});

	it("mounts what waited once its part is here", async () => {
		const { kernel, view } = await page();
		kernel.emit([kernel.part("status:1", "status", statusBody())]);
		const source = "export default {styles: '', widgets: {logs: c => ({paint: () => c.card.title('the real thing')})}}";
		// jsdom has no Blob URLs; what they stand for is the same.
		vi.spyOn(URL, "createObjectURL").mockReturnValue(`data:text/javascript,${encodeURIComponent(source)}`);
		vi.spyOn(URL, "revokeObjectURL").mockReturnValue();
		kernel.emit([kernel.part("code", "code", { name: "logs", source })]);
		await vi.waitFor(() => expect(view.root().textContent).toContain("the real thing"), { timeout: 5000 });
		view.close();
	});
});
