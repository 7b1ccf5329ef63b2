/** Makes foreign text safe to look at: no terminal codes, no invisible controls, no reordering, no endless lines. */

/** Characters of a line that are shown; the rest is named by its length. */
export const MAX_LINE = 10_000;

/** One terminal escape sequence. */
export const ANSI =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: terminal codes are control characters
	/\u001b(?:\[[0-?]*[ -/]*[@-~]?|[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]?/g;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ODD = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

const NAMES: Record<number, string> = {
	127: "␡",
	1564: "⟨ALM⟩",
	8203: "⟨ZWSP⟩",
	8206: "⟨LRM⟩",
	8207: "⟨RLM⟩",
	8232: "⏎",
	8233: "⏎",
	8234: "⟨LRE⟩",
	8235: "⟨RLE⟩",
	8236: "⟨PDF⟩",
	8237: "⟨LRO⟩",
	8238: "⟨RLO⟩",
	8294: "⟨LRI⟩",
	8295: "⟨RLI⟩",
	8296: "⟨FSI⟩",
	8297: "⟨PDI⟩",
	65279: "⟨BOM⟩",
};

/** Removes ANSI escape sequences (colours, cursor moves, titles, hyperlinks). */
export function stripAnsi(text: string): string {
	return text.includes("\u001b") || text.includes("\u009b") ? text.replace(ANSI, "") : text;
}

/** Replaces control and direction-changing characters by visible marks; keeps tab and newline. */
export function neutralise(text: string): string {
	return text.replace(ODD, mark);
}

function mark(char: string): string {
	const code = char.charCodeAt(0);
	if (code === 13) return "␍";
	if (code < 32) return String.fromCharCode(0x2400 + code);
	return NAMES[code] ?? `⟨U+${code.toString(16).toUpperCase().padStart(4, "0")}⟩`;
}

/** A message as it is shown, newlines kept. */
export function readable(text: string): string {
	const cut = text.length > MAX_LINE;
	const head = neutralise(stripAnsi(cut ? text.slice(0, MAX_LINE) : text));
	return cut ? `${head} … [${text.length - MAX_LINE} more characters not shown]` : head;
}

/** A message as it is shown in one row: newlines and tabs become marks. */
export function oneLine(text: string): string {
	return flat(readable(unended(text)));
}

/** Text without the line end it closes with. */
export function unended(text: string): string {
	return text.endsWith("\n") ? text.slice(0, -1).replace(/\r$/, "") : text;
}

/** Newlines and tabs as marks. */
export function flat(clean: string): string {
	return clean.includes("\n") || clean.includes("\t") ? clean.replace(/\n/g, " ⏎ ").replace(/\t/g, "  ") : clean;
}
