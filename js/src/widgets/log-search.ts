/** What is searched for: text as it is, or `/a regular expression/`; its matches, found in bounded time. */
import { compileRegex, compileText, type Matcher, type Range } from "../lib/regex";
import { MAX_LINE, stripAnsi } from "../lib/text";
import type { LogLine } from "../wire/types";

const MAX_MARKS = 50;
const NONE: Range[] = [];

export interface Pattern {
	matcher: Matcher | null;
	error: string;
}

export const NO_PATTERN: Pattern = { matcher: null, error: "" };

/** `text` is searched as it is; `/text/` is a regular expression. Both ignore case. */
export function parsePattern(text: string): Pattern {
	if (!text) return NO_PATTERN;
	const regex = /^\/(.+)\/i?$/.exec(text);
	try {
		return { matcher: regex ? compileRegex(regex[1] as string) : compileText(text), error: "" };
	} catch (error) {
		return { matcher: null, error: (error as Error).message };
	}
}

export function matches(line: LogLine, matcher: Matcher): boolean {
	return matcher.test(stripAnsi(line.message.slice(0, MAX_LINE))) || matcher.test(line.component.slice(0, MAX_LINE));
}

/** The matches in the text of rows: looked for once per line and pattern, however often the row is drawn. */
export class Marks {
	#matcher: Matcher | null = null;
	#found = new WeakMap<LogLine, Range[]>();

	of(line: LogLine, text: string, matcher: Matcher | null): Range[] {
		if (!matcher) return NONE;
		if (matcher !== this.#matcher) {
			this.#matcher = matcher;
			this.#found = new WeakMap();
		}
		let ranges = this.#found.get(line);
		if (!ranges) {
			ranges = matcher.ranges(text, MAX_MARKS);
			this.#found.set(line, ranges);
		}
		return ranges;
	}
}
