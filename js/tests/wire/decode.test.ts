import { describe, expect, it } from "vitest";
import { decodeEnvelope } from "../../src/wire/decode";
import type { LogsBody, MetricsBody, PlatformBody, StatusBody } from "../../src/wire/types";
import { metricsBody, series, statusBody } from "../kernel";

const envelope = (...parts: unknown[]) => ({ v: 1, n: 7, sentMs: 5, parts });
const part = (kind: string, body: unknown, more: object = {}) => ({
	ch: `${kind}:1`,
	kind,
	op: "snap",
	seq: 1,
	body,
	...more,
});

describe("decodeEnvelope", () => {
	it.each([
		null,
		undefined,
		7,
		"text",
		[],
		{},
		{ v: 2, n: 1, parts: [] },
		{ v: 1, n: "1", parts: [] },
		{ v: 1, n: 1 },
		{ op: "bundle", source: "x" },
	])("takes %j for no envelope", (content) => {
		expect(decodeEnvelope(content)).toBeNull();
	});

	it.each([
		["no object", 3],
		["no channel", { ...part("status", {}), ch: 4 }],
		["no seq", { ...part("status", {}), seq: "1" }],
		["no body", part("status", null)],
		["an unknown kind", part("poetry", {})],
		["a kind from the prototype", part("constructor", {})],
		["an unknown op", part("status", {}, { op: "patch" })],
		["logs without lines", part("logs", {})],
		["a reply without an id", part("reply", { ok: true })],
	])("counts a part with %s and keeps the others", (_, bad) => {
		const decoded = decodeEnvelope(envelope(bad, part("status", statusBody())));
		expect(decoded?.malformed).toBe(1);
		expect(decoded?.parts.map((p) => p.kind)).toEqual(["status"]);
	});

	it("gives every missing field its default", () => {
		const decoded = decodeEnvelope(
			envelope(part("status", {}), part("platform", { components: [{}, 3, null], alerts: 1 })),
		);
		const [status, platform] = (decoded?.parts.map((p) => p.body) ?? []) as [StatusBody, PlatformBody];
		expect(status).toMatchObject({
			state: "idle",
			live: false,
			transports: [],
			retryAtMs: null,
			counts: {},
			beatMs: 5000,
		});
		expect(platform).toMatchObject({ found: false, phase: "Unknown", health: "unknown", alerts: { critical: 0 } });
		expect(platform.components).toHaveLength(1);
		expect(platform.components[0]).toMatchObject({ health: "unknown", replicas: null });
	});

	it("does not believe a state, health or progress that cannot be", () => {
		const body = { found: true, health: "splendid", operations: [{ id: "o", progress: 7 }] };
		const decoded = decodeEnvelope(
			envelope(part("status", { state: "flying", latencyMs: Number.NaN }), part("platform", body)),
		);
		const [status, platform] = (decoded?.parts.map((p) => p.body) ?? []) as [StatusBody, PlatformBody];
		expect([status.state, status.latencyMs]).toEqual(["idle", null]);
		expect([platform.health, platform.operations[0]?.progress]).toEqual(["unknown", 1]);
	});

	it("reads metric columns from unaligned buffers", () => {
		const { body, buffers } = metricsBody([series(1)], [{ k: 1, x: 1000.5, y: Number.NaN }]);
		const metrics = decodeEnvelope(envelope(part("metrics", body)), buffers)?.parts[0]?.body as MetricsBody;
		expect([...metrics.k, ...metrics.x, ...metrics.y]).toEqual([1, 1000.5, Number.NaN]);
	});

	it("copies the buffers, so that reusing them changes nothing", () => {
		const { body, buffers } = metricsBody([series(1)], [{ k: 1, x: 1000, y: 2 }]);
		const metrics = decodeEnvelope(envelope(part("metrics", body)), buffers)?.parts[0]?.body as MetricsBody;
		new Uint8Array((buffers[2] as DataView).buffer).fill(0);
		expect(metrics.y[0]).toBe(2);
	});

	it.each([
		["a length that is not the rows", { rows: 2 }],
		["an index beyond the buffers", { xBuf: 9 }],
		["no index", { yBuf: undefined }],
	])("refuses metrics with %s", (_, changes) => {
		const { body, buffers } = metricsBody([series(1)], [{ k: 1, x: 1, y: 1 }], changes);
		expect(decodeEnvelope(envelope(part("metrics", body)), buffers)).toMatchObject({ parts: [], malformed: 1 });
	});

	it("needs no buffers for metrics without rows", () => {
		const decoded = decodeEnvelope(
			envelope(part("metrics", { series: [series(1), { k: "x" }], rows: 0, windowMs: 5 })),
		);
		expect(decoded?.parts[0]?.body).toMatchObject({ series: [{ k: 1 }], windowMs: 5 });
	});

	it("reads log lines and skips what is none", () => {
		const lines = [[1, 10, "WARN", "loki", "hi", { a: 1 }], [2, 11, null, null, null, null], "x", ["3"], [4]];
		const logs = decodeEnvelope(envelope(part("logs", { lines })))?.parts[0]?.body as LogsBody;
		expect(logs.lines.map((l) => l.id)).toEqual([1, 2, 4]);
		expect(logs.lines[0]).toEqual({
			id: 1,
			tMs: 10,
			level: "warn",
			component: "loki",
			message: "hi",
			metadata: { a: 1 },
		});
		expect(logs.lines[1]).toEqual({ id: 2, tMs: 11, level: "", component: "", message: "", metadata: null });
	});
});
