/** Terminal colours as class names. Every other terminal code is dropped; nothing of the text ever becomes markup. */
import { ANSI } from "./text";

/** A stretch of text in one style; `ink` is a list of our own class names, empty for plain text. */
export interface Run {
	text: string;
	ink: string;
}

/** More changes of style than this in one line are art, not a message: the rest is shown plain. */
const MAX_RUNS = 200;
const RGB_STEPS = [0, 95, 135, 175, 215, 255];

interface Pen {
	fg: number | null;
	bg: number | null;
	bold: boolean;
	dim: boolean;
	italic: boolean;
	underline: boolean;
	inverse: boolean;
}

const PLAIN: Pen = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, inverse: false };

export function hasAnsi(text: string): boolean {
	return text.includes("\u001b") || text.includes("\u009b");
}

/** Splits text at its colour codes and removes all codes. */
export function ansiRuns(text: string): Run[] {
	if (!hasAnsi(text)) return [{ text, ink: "" }];
	const runs: Run[] = [];
	let pen = PLAIN;
	let at = 0;
	const add = (piece: string) => {
		const last = runs[runs.length - 1];
		const ink = runs.length < MAX_RUNS ? classes(pen) : "";
		if (!piece) return;
		if (last && last.ink === ink) last.text += piece;
		else runs.push({ text: piece, ink });
	};
	for (const match of text.matchAll(ANSI)) {
		add(text.slice(at, match.index));
		at = match.index + match[0].length;
		// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes are control characters
		const colours = /^(?:\u001b\[|\u009b)([\d;:]*)m$/.exec(match[0]);
		if (colours) pen = applied(pen, colours[1] as string);
	}
	add(text.slice(at));
	return runs;
}

function applied(before: Pen, codes: string): Pen {
	let pen = { ...before };
	const numbers = codes.split(/[;:]/, 32).map(Number);
	for (let i = 0; i < numbers.length; i++) {
		const code = numbers[i] as number;
		if (code === 0) pen = { ...PLAIN };
		else if (code === 1) pen.bold = true;
		else if (code === 2) pen.dim = true;
		else if (code === 3) pen.italic = true;
		else if (code === 4) pen.underline = true;
		else if (code === 7) pen.inverse = true;
		else if (code === 22) pen.bold = pen.dim = false;
		else if (code === 23) pen.italic = false;
		else if (code === 24) pen.underline = false;
		else if (code === 27) pen.inverse = false;
		else if (code >= 30 && code <= 37) pen.fg = code - 30;
		else if (code === 39) pen.fg = null;
		else if (code >= 40 && code <= 47) pen.bg = code - 40;
		else if (code === 49) pen.bg = null;
		else if (code >= 90 && code <= 97) pen.fg = code - 82;
		else if (code >= 100 && code <= 107) pen.bg = code - 92;
		else if (code === 38 || code === 48) {
			const [colour, used] = extended(numbers, i + 1);
			if (code === 38) pen.fg = colour;
			else pen.bg = colour;
			i += used;
		}
	}
	return pen;
}

/** `5;n` or `2;r;g;b` after 38 or 48: the nearest of the sixteen colours, and how many numbers that took. */
function extended(numbers: number[], at: number): [number | null, number] {
	if (numbers[at] === 2) return [nearest(numbers[at + 1] ?? 0, numbers[at + 2] ?? 0, numbers[at + 3] ?? 0), 4];
	const n = numbers[at + 1];
	if (numbers[at] !== 5 || n === undefined) return [null, 1];
	if (n < 16) return [n, 2];
	if (n >= 232) return [nearest(8 + (n - 232) * 10, 8 + (n - 232) * 10, 8 + (n - 232) * 10), 2];
	const step = (divisor: number) => RGB_STEPS[Math.floor((n - 16) / divisor) % 6] ?? 0;
	return [nearest(step(36), step(6), step(1)), 2];
}

function nearest(r: number, g: number, b: number): number {
	const high = Math.max(r, g, b);
	if (high < 64) return 0;
	if (high - Math.min(r, g, b) < 40) return high < 140 ? 8 : high < 220 ? 7 : 15;
	const bit = (v: number) => (v > high / 2 ? 1 : 0);
	return bit(r) + 2 * bit(g) + 4 * bit(b) + (high > 215 ? 8 : 0);
}

function classes(pen: Pen): string {
	const names: string[] = [];
	const [fg, bg] = pen.inverse ? [pen.bg, pen.fg] : [pen.fg, pen.bg];
	if (fg !== null) names.push(`gunj-fg${fg % 16}`);
	if (bg !== null) names.push(`gunj-bg${bg % 8}`);
	if (pen.inverse && pen.fg === null && pen.bg === null) names.push("gunj-inverse");
	if (pen.bold) names.push("gunj-bold");
	if (pen.dim) names.push("gunj-dim");
	if (pen.italic) names.push("gunj-italic");
	if (pen.underline) names.push("gunj-underline");
	return names.join(" ");
}
