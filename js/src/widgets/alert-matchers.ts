/** Alertmanager's matchers: `severity="critical", component=~"loki|tempo"`; or plain words, looked for in what one reads. */
import { compileRegex, compileText, type Matcher as TextMatcher } from "../lib/regex";
import type { AlertInfo } from "../wire/types";

export type Operator = "=" | "!=" | "=~" | "!~";

export interface LabelMatcher {
	name: string;
	op: Operator;
	value: string;
	/** For `=~` and `!~`: the whole value must match, as Alertmanager has it. */
	regex: TextMatcher | null;
}

export interface Matchers {
	labels: LabelMatcher[];
	words: TextMatcher | null;
	error: string;
}

const MAX_TEXT = 2000;
const MAX_MATCHERS = 20;
const MAX_VALUE = 2000;
const ONE = /^\s*([A-Za-z_][\w.]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"{}]*))\s*(?:,|$)/;
const NOTHING: Matchers = { labels: [], words: null, error: "" };

/** Never throws: what is wrong is in `error`, and then nothing is matched. */
export function parseMatchers(text: string): Matchers {
	const trimmed = text
		.trim()
		.replace(/^\{([\s\S]*)\}$/, "$1")
		.trim();
	if (!trimmed) return NOTHING;
	if (trimmed.length > MAX_TEXT) return { ...NOTHING, error: `at most ${MAX_TEXT} characters` };
	if (!/[=~"]/.test(trimmed)) return { ...NOTHING, words: compileText(trimmed) };
	const labels: LabelMatcher[] = [];
	let rest = trimmed;
	try {
		while (rest) {
			const found = ONE.exec(rest);
			if (!found) return { ...NOTHING, error: `expected name="value" at “${rest.slice(0, 30)}”` };
			labels.push(matcher(found));
			if (labels.length > MAX_MATCHERS) return { ...NOTHING, error: `at most ${MAX_MATCHERS} matchers` };
			rest = rest.slice(found[0].length).trim();
		}
	} catch (problem) {
		return { ...NOTHING, error: (problem as Error).message };
	}
	return { labels, words: null, error: "" };
}

function matcher([, name, op, quoted, bare]: RegExpExecArray): LabelMatcher {
	const value =
		quoted === undefined ? (bare ?? "") : quoted.replace(/\\(.)/g, (_, c: string) => (c === "n" ? "\n" : c));
	const regex = op === "=~" || op === "!~" ? compileRegex(`^(?:${regexSource(quoted, value)})$`, false) : null;
	return { name: name as string, op: op as Operator, value, regex };
}

/** In a quoted expression only `\"` and `\\` are the quotes' own; `\d` belongs to the expression. */
function regexSource(quoted: string | undefined, bare: string): string {
	return quoted === undefined ? bare : quoted.replace(/\\(["\\])/g, "$1");
}

/** What an alert can be matched by: its labels, and what it is named by. */
export function labelsOf(alert: AlertInfo): Record<string, string> {
	const { name, severity, platform, component, state } = alert;
	return { alertname: name, severity, platform, component, state, ...alert.labels };
}

/** `known` are the labels that count. */
export function accepts({ labels, words }: Matchers, alert: AlertInfo, known = labelsOf(alert)): boolean {
	if (words)
		return [alert.name, alert.summary, alert.platform, alert.component].some((t) => words.test(t.slice(0, MAX_VALUE)));
	if (labels.length === 0) return true;
	return labels.every((m) => passes(m, (Object.hasOwn(known, m.name) ? known[m.name] : "") ?? ""));
}

function passes({ op, value, regex }: LabelMatcher, label: string): boolean {
	if (op === "=") return label === value;
	if (op === "!=") return label !== value;
	// An expression that saw only a part could say yes to what the whole would refuse.
	const found = label.length <= MAX_VALUE && (regex?.test(label) ?? false);
	return op === "=~" ? found : !found;
}

/** A matcher as it is written. */
export function written(name: string, value: string): string {
	return `${name}="${value.replace(/["\\]/g, "\\$&").replace(/\n/g, "\\n")}"`;
}

/** The matchers that name an alert and what it is about: what one silences. One that stands goes by all labels. */
export function matchersOf(alert: AlertInfo, stands: boolean): string {
	const { alertname, platform, component } = labelsOf(alert);
	const known: Record<string, string | undefined> = stands ? alert.labels : { alertname, platform, component };
	const named = Object.entries(known).filter(([, value]) => value);
	return named.map(([name, value]) => written(name, value ?? "")).join(", ");
}
