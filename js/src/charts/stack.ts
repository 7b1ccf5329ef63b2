/** Series put on one another: each stands on the sum of those of its unit before it. */
import type { Column } from "./align";

/**
 * Where a series has no sample of its own at an x, what it had before counts on; in a gap, and where it is infinite, it counts nothing, and its line is
 * broken there. Hidden series add nothing.
 */
export function stack(columns: readonly Column[], shown: readonly boolean[], units: readonly string[] = []): Column[] {
	const rows = columns[0]?.length ?? 0;
	const piles = new Map<string, Float64Array>();
	return columns.map((column, s) => {
		if (!shown[s]) return column.map(() => undefined);
		const out: Column = new Array(rows);
		const unit = units[s] ?? "";
		const sums = piles.get(unit) ?? new Float64Array(rows);
		piles.set(unit, sums);
		let held: number | null | undefined;
		for (let i = 0; i < rows; i++) {
			const value = column[i];
			if (value !== undefined) held = Number.isFinite(value) ? value : null;
			if (held === null || held === undefined) {
				out[i] = held;
				continue;
			}
			sums[i] = (sums[i] as number) + held;
			out[i] = sums[i];
		}
		return out;
	});
}
