/** What the build holds to: js/size.json. */
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { PART_OF } from "../src/parts";

const budgets = JSON.parse(readFileSync("size.json", "utf8")) as Record<string, { gzip?: number; bytes?: number }>;

describe("size.json", () => {
	it("has a budget for every bundle there is", () => {
		const entries = readdirSync("src").filter((name) => name.endsWith(".ts") && name !== "parts.ts");
		expect(Object.keys(budgets).sort()).toEqual(entries.map((name) => name.slice(0, -3)).sort());
		for (const part of new Set(Object.values(PART_OF))) expect(budgets).toHaveProperty(`part-${part}`);
	});

	it("lets a page's first widget cost at most 60 kB", () => {
		expect(budgets.hub?.gzip).toBeLessThanOrEqual(60_000);
	});

	it("bounds each of them", () => {
		for (const budget of Object.values(budgets)) expect(budget.gzip ?? budget.bytes).toBeGreaterThan(0);
	});
});
