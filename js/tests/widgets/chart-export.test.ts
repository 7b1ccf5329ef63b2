import { describe, expect, it } from "vitest";
import { csvOf } from "../../src/widgets/chart-export";

const line = (label: string, show = true) => ({ label, unit: "", color: "#000", dash: [], show });

describe("csvOf", () => {
	const data = {
		x: [0, 1000, 2000, 3000],
		columns: [
			[1, null, undefined, 4],
			[9, 9, 9, 9],
			[undefined, 2.5, undefined, 3],
		],
	};

	it("has the visible lines between the times, gaps empty, rows without samples left out", () => {
		const lines = [line('cpu{a="b"}'), line("hidden", false), line("=evil()")];
		expect(csvOf(data, lines, 0, 2500)).toBe(
			['time,"cpu{a=""b""}",\'=evil()', "1970-01-01T00:00:00.000Z,1,", "1970-01-01T00:00:01.000Z,,2.5", ""].join("\n"),
		);
	});
});
