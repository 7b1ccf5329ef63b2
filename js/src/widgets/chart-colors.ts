/** The colours of a chart, as a canvas takes them. */
import type { OverlayColors } from "../charts/overlay";
import type { PlotColors } from "../charts/plot";
import { h } from "../lib/dom";

const PROPERTIES = [
	"color",
	"backgroundColor",
	"borderTopColor",
	"borderRightColor",
	"borderBottomColor",
	"borderLeftColor",
	"outlineColor",
	"textDecorationColor",
	"columnRuleColor",
	"caretColor",
] as const;
const TOKENS = ["muted", "grid", "bg", "bad", "good", "busy", "warn", "quiet", "soft", "selected"] as const;

export function plotColors(at: HTMLElement): PlotColors {
	// All on one probe: each look at computed styles makes the browser bring them up to date.
	const probe = h("i");
	probe.style.setProperty("forced-color-adjust", "none");
	TOKENS.forEach((token, i) => {
		probe.style[PROPERTIES[i] as "color"] = `var(--gunj-${token})`;
	});
	at.append(probe);
	const style = getComputedStyle(probe);
	const found = TOKENS.map((_, i) => style[PROPERTIES[i] as "color"] || "#888");
	probe.remove();
	const of = (token: (typeof TOKENS)[number]) => found[TOKENS.indexOf(token)] as string;
	return {
		text: of("muted"),
		grid: of("grid"),
		background: of("bg"),
		threshold: of("bad"),
		overlay: {
			tones: { good: of("good"), busy: of("busy"), warn: of("warn"), bad: of("bad"), quiet: of("quiet") },
			gap: of("soft"),
			selected: of("selected"),
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
