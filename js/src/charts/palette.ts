/** Line colours that stay apart under the common colour-vision deficiencies (after Okabe and Ito), tuned to each background. */
import type { Theme } from "../lib/theme";

const LINES: Record<Theme, readonly string[]> = {
	light: ["#0072b2", "#d55e00", "#00805e", "#b3478c", "#8f6f00", "#4a5ac9", "#a33a2a", "#3b3f46"],
	dark: ["#56b4e9", "#f08c3a", "#2fc79a", "#e08cc0", "#f0e442", "#9aa5ff", "#ff8373", "#c9ced6"],
};

const DASHES: readonly number[][] = [[], [6, 3], [2, 3], [8, 3, 2, 3]];

/** Colours repeat after eight lines; the dash pattern then tells them apart. */
export function lineStyle(index: number, theme: Theme): { color: string; dash: number[] } {
	const colors = LINES[theme];
	return {
		color: colors[index % colors.length] as string,
		dash: DASHES[Math.floor(index / colors.length) % DASHES.length] as number[],
	};
}

/** A small stable hash, to give a name the same colour everywhere. */
export function nameIndex(name: string, of: number): number {
	let hash = 2166136261;
	for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 16777619);
	return (hash >>> 0) % of;
}
