import { describe, expect, it } from "vitest";
import { Crosshair } from "../../src/lib/crosshair";

const three = () => {
	const heard: [string, number | null, number][] = [];
	const [a, b, other] = [new Crosshair("s1"), new Crosshair("s1"), new Crosshair("s2")];
	const undo = [a, b, other].map((end, i) =>
		end.listen((t, reach) => heard.push([["a", "b", "other"][i] as string, t, reach])),
	);
	return { heard, a, b, undo };
};

describe("Crosshair", () => {
	it("tells the other views of the session, and neither itself nor another session", () => {
		const { heard, a, b, undo } = three();
		a.point(5, 70);
		b.point(8);
		b.point(null);
		undo[1]?.();
		a.point(6);
		b.point(7);
		expect(heard).toEqual([
			["b", 5, 70],
			["a", 8, 1000],
			["a", null, 1000],
			["a", 7, 1000],
		]);
		for (const end of undo) end();
	});

	it("takes back only what it pointed at itself, and that also when its view closes", () => {
		const { heard, a, b, undo } = three();
		a.point(5);
		b.point(null);
		expect(heard.map(([who, t]) => [who, t])).toEqual([["b", 5]]);
		undo[0]?.();
		expect(heard.at(-1)).toEqual(["b", null, 1000]);
		for (const end of undo) end();
	});
});
