/** The colours of a chart, as a canvas takes them. */
import type { OverlayColors } from "../charts/overlay";
import type { PlotColors } from "../charts/plot";
import { h } from "../lib/dom";

export function plotColors(at: HTMLElement): PlotColors {
	const resolve = (name: string) => resolveColor(at, name);
	return {
		text: resolve("--gunj-muted"),
		grid: resolve("--gunj-grid"),
		background: resolve("--gunj-bg"),
		threshold: resolve("--gunj-bad"),
		overlay: {
			tones: {
				good: resolve("--gunj-good"),
				busy: resolve("--gunj-busy"),
				warn: resolve("--gunj-warn"),
				bad: resolve("--gunj-bad"),
				quiet: resolve("--gunj-quiet"),
			},
			gap: resolve("--gunj-soft"),
			selected: resolve("--gunj-selected"),
		} satisfies OverlayColors,
	};
}

/** A token may hold a name, a var() or a color-mix(): canvas wants what it comes to. */
export function resolveColor(at: HTMLElement, token: string): string {
	const probe = h("i");
	probe.style.color = `var(${token})`;
	at.append(probe);
	const color = getComputedStyle(probe).color;
	probe.remove();
	return color || "#888";
}

export function plotFont(root: HTMLElement): string {
	return `11px ${getComputedStyle(root).getPropertyValue("--gunj-font").trim() || "sans-serif"}`;
}
