import { describe, expect, it } from "vitest";
import { STYLES } from "../../src/widgets/styles";

type Rgb = [number, number, number];

/** The colour tokens of a theme, as the style sheet declares them. */
function tokens(selector: string): Record<string, string> {
	const start = STYLES.indexOf(`${selector} {`);
	const block = STYLES.slice(start, STYLES.indexOf("}", start));
	return Object.fromEntries([...block.matchAll(/--gunj-(\w+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2] as string]));
}

function rgb(hex: string): Rgb {
	return [1, 3, 5].map((i) => Number.parseInt(hex.slice(i, i + 2), 16)) as Rgb;
}

function mix(top: Rgb, bottom: Rgb, share: number): Rgb {
	return top.map((v, i) => v * share + (bottom[i] as number) * (1 - share)) as Rgb;
}

function luminance(color: Rgb): number {
	const [r, g, b] = color.map((v) =>
		v / 255 <= 0.03928 ? v / 255 / 12.92 : ((v / 255 + 0.055) / 1.055) ** 2.4,
	) as Rgb;
	return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: Rgb, b: Rgb): number {
	const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
	return (high + 0.05) / (low + 0.05);
}

describe.each([
	[".gunj", "#ffffff", "#6e7882"],
	['.gunj[data-theme="dark"]', "#212121", "#a0aab4"],
])("the tones of %s", (selector, background, soft) => {
	const header = mix(rgb(soft), rgb(background), 0.1);

	it.each(["good", "busy", "change", "warn", "bad", "quiet", "muted"])(
		"%s is readable, on its own badge in a header too",
		(tone) => {
			const ink = rgb(tokens(selector)[tone] ?? "");
			expect(contrast(ink, rgb(background))).toBeGreaterThanOrEqual(4.5);
			expect(contrast(ink, mix(ink, header, 0.1))).toBeGreaterThanOrEqual(4.5);
		},
	);
});
