import { describe, expect, it } from "vitest";
import { namesOf } from "../../src/widgets/chart-names";

const info = (labels: Record<string, string>, metric = "m") => ({
	k: 0,
	metric,
	labels,
	unit: "",
	name: `${metric}${JSON.stringify(labels)}`,
});
const short = (...labels: Record<string, string>[]) => namesOf(labels.map((each) => info(each))).short;

describe("namesOf", () => {
	it("leaves out what all have, and says it once", () => {
		const names = namesOf([info({ ns: "eu", pod: "a" }), info({ ns: "eu", pod: "b" })]);
		expect(names).toEqual({ short: ["a", "b"], shared: 'm{ns="eu"}' });
		expect(short({ pod: "a", cpu: "0" }, { pod: "a", cpu: "1" }, { pod: "b", cpu: "0" })).toEqual([
			"cpu=0 pod=a",
			"cpu=1 pod=a",
			"cpu=0 pod=b",
		]);
	});

	it("has the metric where there are several", () => {
		expect(namesOf([info({ a: "1" }, "x"), info({ a: "1" }, "y")])).toEqual({ short: ["x", "y"], shared: '{a="1"}' });
		expect(namesOf([info({ a: "1" }, "x"), info({ a: "2" }, "y")]).short).toEqual(["x 1", "y 2"]);
	});

	it("cuts of long values what all begin and end with, by whole words", () => {
		const pod = (n: string) => ({ pod: `a-very-long-pod-name-with-a-hash-${n}-7f9c8d6b5-x2x4z` });
		expect(namesOf([info(pod("010")), info(pod("011"))])).toEqual({
			short: ["…010…", "…011…"],
			shared: 'm{pod="a-very-long-pod-name-with-a-hash-…-7f9c8d6b5-x2x4z"}',
		});
		expect(short({ pod: "loki-0" }, { pod: "loki-1" })).toEqual(["loki-0", "loki-1"]);
	});

	it("leaves out what only some have, unless that tells them apart", () => {
		expect(short({}, { ns: "eu", pod: "a" }, { ns: "eu", pod: "b" })).toEqual(["m", "a", "b"]);
		expect(short({}, { ns: "eu" })).toEqual(["m", "eu"]);
		expect(short({ pod: "a" }, { pod: "a", ns: "eu" }, { pod: "b" })).toEqual(["pod=a", "ns=eu pod=a", "pod=b"]);
	});

	it("names in full a series that is alone, and series that nothing tells apart", () => {
		expect(namesOf([info({ a: "1" })])).toEqual({ short: ['m{"a":"1"}'], shared: "" });
		expect(short({ a: "1" }, { a: "1" })).toEqual(['m{"a":"1"}', 'm{"a":"1"}']);
		expect(namesOf([])).toEqual({ short: [], shared: "" });
	});
});
