import { describe, expect, it } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();
const component = (name: string, health: string, changes = {}) => ({
	...{ name, health, phase: "Ready", version: "3.0", replicas: 3, ready: 3, message: "", updatedMs: NOW - 5000 },
	...changes,
});
const platform = (...components: unknown[]) =>
	bench().kernel.part("platform:1", "platform", { found: true, id: "p", name: "production", components }, "snap");
const rows = (root: Element) => [...root.querySelectorAll("li")].map(seen);

describe("ComponentHealth", () => {
	it("tells what ails a component first, and counts them", () => {
		const view = bench().mount("health", { platform: "platform:1" });
		expect(seen(view.root())).toContain("waiting for first status");
		const ill = component("loki", "degraded", { ready: 1, message: "disk <b>full</b>" });
		bench().show([bench().status(), platform(component("tempo", "healthy"), ill, component("grafana", "unknown"))]);
		expect(rows(view.root())).toEqual([
			"▲ degradedlokiv3.0 · 1/3 ready · updated 5 s agodisk <b>full</b>",
			"? unknowngrafanav3.0 · 3/3 ready · updated 5 s ago",
			"● healthytempov3.0 · 3/3 ready · updated 5 s ago",
		]);
		expect(seen(view.root().querySelector(".gunj-health-counts"))).toBe("▲ 1 degraded? 1 unknown● 1 healthy");
	});

	it("names what cannot be seen in what a server says", () => {
		const view = bench().mount("health", { platform: "platform:1" });
		const part = platform(component("a\u202eb", "degraded", { message: "m\u202e", version: "v\u202e" }));
		Object.assign(part.body as object, { namespace: "n\u202e", name: "n\u202e" });
		bench().show([bench().status(), part]);
		expect(seen(view.root())).not.toContain("\u202e");
		expect(seen(view.root())).toContain("n⟨RLO⟩");
	});

	it("shows only the components that were asked for, or says that there are none", () => {
		const view = bench().mount("health", { platform: "platform:1" }, { components: ["loki"] });
		bench().show([bench().status(), platform(component("tempo", "healthy"), component("loki", "healthy"))]);
		expect(rows(view.root())).toHaveLength(1);
		bench().show([platform(component("tempo", "healthy"))]);
		expect(seen(view.root())).toContain("no component is called loki");
	});
});
