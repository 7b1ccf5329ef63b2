/** A chart to take away: its samples as CSV, its picture as PNG. */
import type { Aligned } from "../charts/align";
import type { Line } from "../charts/plot";
import { fullTime } from "../lib/format";
import { oneLine } from "../lib/text";

const PAD = 8;
const LINE_PX = 16;

/** The visible lines between two times, one row a time; text that a spreadsheet would run is quoted. */
export function csvOf(data: Aligned, lines: readonly Line[], fromMs: number, toMs: number): string {
	const shown = lines.flatMap((line, i) => (line.show ? [{ line, column: data.columns[i] ?? [] }] : []));
	const rows = [["time", ...shown.map(({ line }) => line.label)].map(cell).join(",")];
	data.x.forEach((t, row) => {
		if (t < fromMs || t > toMs) return;
		const values = shown.map(({ column }) => column[row]);
		if (values.every((v) => v === undefined)) return;
		rows.push(
			[new Date(t).toISOString(), ...values.map((v) => (v === null || v === undefined ? "" : String(v)))].join(","),
		);
	});
	return `${rows.join("\n")}\n`;
}

function cell(text: string): string {
	const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
	return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Canvases that lie on one another, and where they lie within the picture, in CSS pixels. */
export interface PanelPicture {
	left: number;
	top: number;
	name: string;
	/** Lowest first; `left` and `top` in device pixels. */
	layers: { canvas: HTMLCanvasElement; left: number; top: number }[];
}

export interface Picture {
	title: string;
	panels: readonly PanelPicture[];
	/** Of all panels together, in CSS pixels. */
	width: number;
	height: number;
	lines: readonly Line[];
	fromMs: number;
	toMs: number;
	zone: string;
	text: string;
	background: string;
	font: string;
}

/** The plots with what the page shows around them: title, times, legend. */
export function pictureOf(picture: Picture): HTMLCanvasElement {
	const { title, panels, width, height, lines, fromMs, toMs, zone, text, background, font } = picture;
	const ratio = globalThis.devicePixelRatio || 1;
	const shown = lines.filter((line) => line.show);
	const out = document.createElement("canvas");
	const ctx = out.getContext("2d");
	if (!ctx) return out;
	ctx.font = font;
	const names = shown.map((line) => oneLine(line.short ?? line.label).slice(0, 80));
	const { at, rows } = placed(
		names.map((name) => ctx.measureText(name).width + 34),
		width,
	);
	const head = PAD + 2 * LINE_PX;
	out.width = width * ratio;
	out.height = (head + height + rows * LINE_PX + PAD) * ratio;
	ctx.scale(ratio, ratio);
	ctx.fillStyle = background;
	ctx.fillRect(0, 0, width, out.height / ratio);
	ctx.fillStyle = text;
	ctx.textBaseline = "top";
	ctx.font = `bold ${font}`;
	ctx.fillText(oneLine(title), PAD, PAD);
	ctx.font = font;
	ctx.fillText(`${fullTime(fromMs, zone)} – ${fullTime(toMs, zone)}`, PAD, PAD + LINE_PX);
	for (const panel of panels) {
		if (panel.name) ctx.fillText(panel.name, panel.left + PAD, head + panel.top - LINE_PX);
		for (const { canvas, left, top } of panel.layers) {
			if (canvas.width === 0 || canvas.height === 0) continue;
			const [x, y] = [panel.left + left / ratio, head + panel.top + top / ratio];
			ctx.drawImage(canvas, x, y, canvas.width / ratio, canvas.height / ratio);
		}
	}
	shown.forEach((line, i) => {
		const { x, row } = at[i] as { x: number; row: number };
		const y = head + height + row * LINE_PX;
		ctx.strokeStyle = line.color;
		ctx.lineWidth = 3;
		ctx.setLineDash(line.dash);
		ctx.beginPath();
		ctx.moveTo(x, y + 6);
		ctx.lineTo(x + 16, y + 6);
		ctx.stroke();
		ctx.fillText(names[i] as string, x + 20, y);
	});
	return out;
}

/** Where the entries of a legend go that are so wide, in rows of `width`. */
function placed(widths: readonly number[], width: number): { at: { x: number; row: number }[]; rows: number } {
	const at: { x: number; row: number }[] = [];
	let [x, row] = [PAD, 0];
	for (const w of widths) {
		if (x + w > width - PAD && x > PAD) [x, row] = [PAD, row + 1];
		at.push({ x, row });
		x += w;
	}
	return { at, rows: widths.length ? row + 1 : 0 };
}
