import { describe, expect, it } from "vitest";
import { Crosshair } from "../../src/lib/crosshair";

describe("Crosshair", () => {
	it("tells the other views of the session, and neither itself nor another session", () => {
		const heard: [string, number | null][] = [];
		const [a, b, other] = [new Crosshair("s1"), new Crosshair("s1"), new Crosshair("s2")];
		a.listen((t) => heard.push(["a", t]));
		const undo = b.listen((t) => heard.push(["b", t]));
		other.listen((t) => heard.push(["other", t]));
		a.point(5);
		b.point(null);
		undo();
		a.point(6);
		b.point(7);
		expect(heard).toEqual([
			["b", 5],
			["a", null],
			["a", 7],
		]);
	});
});
