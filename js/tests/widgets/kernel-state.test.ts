import { describe, expect, it } from "vitest";
import { kernelState } from "../../src/widgets/kernel-state";

describe("kernelState", () => {
	it.each([
		[undefined, null],
		[{}, null],
		[{ kernel: null }, "gone"],
		[{ kernel: {} }, null],
		[{ kernel: { status: "dead" } }, "gone"],
		[{ kernel: { status: "autorestarting" } }, "gone"],
		[{ kernel: { status: "busy" } }, "busy"],
		[{ kernel: { status: "idle" } }, "idle"],
	])("of %j is %s", (widget_manager, state) => {
		expect(kernelState({ widget_manager })).toBe(state);
	});
});
