/** Log lines as text to take away: copied, or saved as a file. Nothing is shortened. */
import { count } from "../lib/format";
import type { LogFilter } from "./log-filter";
import { plainText } from "./log-list";

export const MAX_COPY = 10_000;

/** The lines that pass, the newest `limit` of them, with the user's marks between them. */
export function linesText(filter: LogFilter, marks: ReadonlyMap<number, number>, limit: number) {
	const from = Math.max(0, filter.length - limit);
	const out: string[] = [];
	let n = 0;
	for (let i = from; i < filter.length; i++) {
		const line = filter.line(i);
		if (!line) continue;
		n++;
		out.push(plainText(line));
		const mark = marks.get(line.id);
		if (mark !== undefined) out.push(`---- mark ${new Date(mark).toISOString()} ----`);
	}
	return { text: out.join("\n"), words: `${count(n)} line${n === 1 ? "" : "s"}` };
}

/** A message that is JSON, laid out; null where it is not. */
export function prettyJson(message: string, maxChars: number): string | null {
	const text = message.trim();
	if (text.length > maxChars || !/^[{[]/.test(text)) return null;
	try {
		return JSON.stringify(JSON.parse(text), null, 2);
	} catch {
		return null;
	}
}
