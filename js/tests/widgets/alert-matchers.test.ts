import { describe, expect, it } from "vitest";
import { accepts, matchersOf, parseMatchers } from "../../src/widgets/alert-matchers";
import type { AlertInfo } from "../../src/wire/types";

const alert = (changes: Partial<AlertInfo> = {}): AlertInfo => ({
	fingerprint: "f",
	name: "LokiDown",
	state: "firing",
	severity: "critical",
	summary: "Loki does not answer",
	description: "",
	platform: "production",
	component: "loki",
	labels: { team: "a,b", path: 'C:\\x "y"' },
	startsMs: 1,
	endsMs: null,
	acknowledged: "",
	silencedUntilMs: null,
	acknowledgeable: true,
	...changes,
});

describe("matchers", () => {
	it.each([
		['severity="critical"', true],
		["severity=critical", true],
		['{severity="critical",component="loki"}', true],
		['severity = "critical" , component != "loki"', false],
		['component=~"loki|tempo"', true],
		['component=~"lok"', false],
		['component!~"lok"', true],
		['component=~"LOKI"', false],
		['component=~"^l.*i$"', true],
		['team="a,b"', true],
		['path="C:\\\\x \\"y\\""', true],
		['path=~"C:.x \\"y\\""', true],
		['missing=""', true],
		['missing!=""', false],
		['__proto__=""', true],
		['constructor=""', true],
		["loki", true],
		["does NOT", true],
		["tempo", false],
		["", true],
	])("%s", (text, taken) => {
		const matchers = parseMatchers(text);
		expect([matchers.error, accepts(matchers, alert())]).toEqual(["", taken]);
	});

	it.each([
		'severity="',
		"=x",
		'a="b" c="d"',
		'a=~"("',
		'a=~"(?=x)"',
		'{a="b"',
		`a="${"x".repeat(3000)}"`,
		'a="1",'.repeat(21),
	])("%s is refused with a reason", (text) => {
		expect(parseMatchers(text).error).not.toBe("");
		expect(parseMatchers(text).labels).toEqual([]);
	});

	it("writes the matchers of an alert so that they take it back", () => {
		const hostile = alert({ name: 'a"b\\c\nd', component: "", platform: "x, y=~z" });
		const matchers = parseMatchers(matchersOf(hostile, false));
		expect(matchers.error).toBe("");
		expect([accepts(matchers, hostile), accepts(matchers, alert())]).toEqual([true, false]);
	});

	it("writes all labels for a silence that stands, and looks at no others", () => {
		const one = alert({ labels: { alertname: 'a"b\\c\nd', job: "<b>", gone: "" } });
		const text = matchersOf(one, true);
		expect(text).toBe('alertname="a\\"b\\\\c\\nd", job="<b>"');
		expect(accepts(parseMatchers(text), one, one.labels)).toBe(true);
		const derived = parseMatchers('component="loki"');
		expect([accepts(derived, one), accepts(derived, one, one.labels)]).toEqual([true, false]);
	});

	it("is not stalled by a hostile expression, and trusts none with a value it has not read whole", () => {
		const long = alert({ labels: { x: "a".repeat(5000) } });
		const start = performance.now();
		expect(accepts(parseMatchers('x=~"(a+)+b"'), alert({ labels: { x: "a".repeat(1900) } }))).toBe(false);
		expect(performance.now() - start).toBeLessThan(1000);
		expect(accepts(parseMatchers('x=~"a+"'), long)).toBe(false);
	});
});
