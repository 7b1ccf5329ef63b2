/** Series put on one another: each stands on the sum of those before it. */
import type { Column } from "./align";

/**
 * Where a series has no sample of its own at an x, what it had before counts on; in a gap it counts nothing, and its line is
 * broken there. Hidden series add nothing.
 */
export function stack(columns: readonly Column[], shown: readonly boolean[]): Column[] {
	const rows = columns[0]?.length ?? 0;
	const sums = new Float64Array(rows);
	return columns.map((column, s) => {
		if (!shown[s]) return column.map(() => undefined);
		const out: Column = new Array(rows);
		let held: number | null | undefined;
		for (let i = 0; i < rows; i++) {
			const value = column[i];
			if (value !== undefined) held = value;
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
