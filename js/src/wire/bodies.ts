/** Reads the body of each kind of part. Returns null where the body cannot be what its kind says. */
import { oneLine } from "../lib/text";
import {
	type Bag,
	bag,
	bytes,
	isBag,
	list,
	num,
	numbers,
	numOrNull,
	oneOf,
	type RawBuffer,
	str,
	strings,
} from "./read";
import type {
	AlertInfo,
	AlertsBody,
	CodeBody,
	ConnectionState,
	EventsBody,
	Health,
	KubeEventInfo,
	LogLine,
	LogsBody,
	MetricsBody,
	MomentKind,
	MomentTone,
	OperationFacts,
	OperationsBody,
	PlatformBody,
	PressureBody,
	RangeInfo,
	ReplayInfo,
	ReplyBody,
	SeriesInfo,
	StatusBody,
	TimelineBody,
} from "./types";

const STATES: readonly ConnectionState[] = [
	"idle",
	"connecting",
	"open",
	"polling",
	"waiting",
	"closing",
	"closed",
	"failed",
];
const HEALTHS: readonly Health[] = ["healthy", "degraded", "unhealthy", "unknown"];
const MOMENT_KINDS: readonly MomentKind[] = ["alert", "deploy", "operation", "event", "note", "gap"];
const MOMENT_TONES: readonly MomentTone[] = ["good", "busy", "warn", "bad", "quiet"];
const MAX_ITEMS = 1000;
const MAX_LINES = 200_000;
export const DEFAULT_CREDIT_MS = 100;
export const DEFAULT_BEAT_MS = 5000;

/** Foreign words that are shown as they come. */
const line = (value: unknown): string => oneLine(str(value));
/** A longer unit would leave a chart no room for its lines. */
const LONG_UNIT = /^(.{24}).+/;

export function status(b: Bag): StatusBody {
	return {
		server: line(b.server),
		name: line(b.name),
		demo: b.demo === true,
		replay: isBag(b.replay) ? replay(b.replay) : null,
		state: oneOf(b.state, STATES, "idle"),
		reason: line(b.reason),
		remedy: line(b.remedy),
		sinceMs: num(b.sinceMs),
		retryAtMs: numOrNull(b.retryAtMs),
		attempt: num(b.attempt),
		live: b.live === true,
		silentSinceMs: numOrNull(b.silentSinceMs),
		transports: list(
			b.transports,
			(t) => ({
				name: line(t.name),
				state: line(t.state),
				silent: t.silent === true,
				reason: line(t.reason),
				lastByteMs: numOrNull(t.lastByteMs),
				retryAtMs: numOrNull(t.retryAtMs),
			}),
			MAX_ITEMS,
		),
		heartbeatMs: numOrNull(b.heartbeatMs),
		latencyMs: numOrNull(b.latencyMs),
		counts: numbers(b.counts),
		rate: numOrNull(b.rate),
		range: range(bag(b.range)),
		kernelMs: num(b.kernelMs, Date.now()),
		beatMs: Math.max(250, num(b.beatMs, DEFAULT_BEAT_MS)),
		creditMs: Math.min(2000, Math.max(50, num(b.creditMs, DEFAULT_CREDIT_MS))),
	};
}

function replay(b: Bag): ReplayInfo {
	return {
		playing: b.playing === true,
		speed: num(b.speed, 1),
		fromMs: num(b.fromMs),
		toMs: num(b.toMs),
		told: num(b.told),
		total: num(b.total),
	};
}

function range(b: Bag): RangeInfo {
	return {
		version: num(b.version),
		zone: str(b.zone) || "local",
		live: b.live !== false,
		fromMs: numOrNull(b.fromMs),
		toMs: numOrNull(b.toMs),
		back: b.back === true,
		forward: b.forward === true,
	};
}

export function platform(b: Bag): PlatformBody {
	const alerts = bag(b.alerts);
	return {
		found: b.found === true,
		id: str(b.id),
		namespace: str(b.namespace),
		name: str(b.name),
		uid: str(b.uid),
		phase: str(b.phase, "Unknown"),
		health: oneOf(b.health, HEALTHS, "unknown"),
		message: str(b.message),
		version: str(b.version),
		updatedMs: numOrNull(b.updatedMs),
		components: list(
			b.components,
			(c) => ({
				name: str(c.name),
				health: oneOf(c.health, HEALTHS, "unknown"),
				phase: str(c.phase),
				version: str(c.version),
				replicas: numOrNull(c.replicas),
				ready: numOrNull(c.ready),
				message: str(c.message),
				updatedMs: numOrNull(c.updatedMs),
			}),
			MAX_ITEMS,
		),
		conditions: list(
			b.conditions,
			(c) => ({
				type: str(c.type),
				status: str(c.status, "Unknown"),
				reason: str(c.reason),
				message: str(c.message),
				sinceMs: numOrNull(c.sinceMs),
			}),
			MAX_ITEMS,
		),
		endpoints: strings(b.endpoints),
		operations: list(
			b.operations,
			(o) => ({
				id: str(o.id),
				kind: str(o.kind),
				status: str(o.status),
				progress: share(o.progress),
				stage: str(o.stage),
				message: str(o.message),
			}),
			MAX_ITEMS,
		),
		alerts: { critical: num(alerts.critical), warning: num(alerts.warning), info: num(alerts.info) },
		events: list(b.events, kubeEvent, MAX_ITEMS),
	};
}

function kubeEvent(e: Bag): KubeEventInfo {
	return {
		tMs: numOrNull(e.tMs),
		type: str(e.type, "Normal"),
		reason: str(e.reason),
		message: str(e.message),
		component: str(e.component),
	};
}

export function events(b: Bag): EventsBody {
	return {
		events: list(
			b.events,
			(e) => ({ ...kubeEvent(e), firstMs: numOrNull(e.firstMs), platform: str(e.platform), count: num(e.count, 1) }),
			MAX_ITEMS,
		),
		total: num(b.total),
	};
}

export function operations(b: Bag): OperationsBody {
	return { operations: list(b.operations, operation, MAX_ITEMS) };
}

function operation(o: Bag): OperationFacts {
	return {
		id: str(o.id),
		kind: str(o.kind),
		platform: str(o.platform),
		status: str(o.status),
		progress: share(o.progress),
		stages: list(
			o.stages,
			(s) => ({ name: str(s.name), status: str(s.status), progress: share(s.progress), message: str(s.message) }),
			MAX_ITEMS,
		),
		message: str(o.message),
		error: str(o.error),
		startedMs: numOrNull(o.startedMs),
		finishedMs: numOrNull(o.finishedMs),
	};
}

export function timeline(b: Bag): TimelineBody {
	const moments = list(
		b.moments,
		(m) => ({
			tMs: num(m.tMs),
			endMs: numOrNull(m.endMs),
			kind: oneOf(m.kind, MOMENT_KINDS, "event"),
			tone: oneOf(m.tone, MOMENT_TONES, "quiet"),
			title: str(m.title),
			detail: str(m.detail),
			platform: str(m.platform),
			component: str(m.component),
			lasting: m.lasting === true,
		}),
		MAX_ITEMS,
	);
	return { moments, total: num(b.total) };
}

export function pressure(b: Bag): PressureBody {
	const readings = bag(b.readings);
	const history = bag(b.history);
	return {
		incoming: num(b.incoming),
		rate: num(b.rate),
		minRate: num(b.minRate),
		maxRate: num(b.maxRate),
		reason: str(b.reason),
		backoffs: num(b.backoffs),
		recoveries: num(b.recoveries),
		depth: num(b.depth),
		capacity: num(b.capacity),
		policy: str(b.policy),
		slow: b.slow === true,
		readings: {
			fps: numOrNull(readings.fps),
			paint: numOrNull(readings.paint),
			lag: numOrNull(readings.lag),
			cpu: numOrNull(readings.cpu),
			memory: numOrNull(readings.memory),
			unacked: numOrNull(readings.unacked),
		},
		counts: numbers(b.counts),
		history: {
			atMs: column(history.atMs),
			rate: column(history.rate),
			fps: column(history.fps),
			lagMs: column(history.lagMs),
			depth: column(history.depth),
		},
	};
}

/** A column of numbers; NaN where there is none. */
function column(value: unknown): number[] {
	return Array.isArray(value) ? value.slice(0, MAX_ITEMS).map((v) => num(v, Number.NaN)) : [];
}

/** A number from 0 to 1. */
function share(value: unknown): number {
	return Math.min(1, Math.max(0, num(value)));
}

export function metrics(b: Bag, buffers: readonly RawBuffer[]): MetricsBody | null {
	const series = list(b.series, seriesInfo, MAX_ITEMS).filter((s): s is SeriesInfo => s !== null);
	const loading = Array.isArray(b.loading) ? { done: num(b.loading[0]), total: num(b.loading[1]) } : null;
	const notice = str(b.notice);
	const base = { series, windowMs: num(b.windowMs), lost: num(b.lost), thinned: num(b.thinned), loading, notice };
	const rows = num(b.rows);
	// Some hosts cannot carry an empty buffer, so a part without rows need not have any.
	if (rows === 0) return { ...base, k: new Int32Array(0), x: new Float64Array(0), y: new Float64Array(0) };
	const [k, x, y] = [b.kBuf, b.xBuf, b.yBuf].map((index) => (typeof index === "number" ? bytes(buffers[index]) : null));
	if (!k || !x || !y) return null;
	if (k.byteLength !== rows * 4 || x.byteLength !== rows * 8 || y.byteLength !== rows * 8) return null;
	return { ...base, k: new Int32Array(k), x: new Float64Array(x), y: new Float64Array(y) };
}

function seriesInfo(s: Bag): SeriesInfo | null {
	if (typeof s.k !== "number" || !Number.isInteger(s.k)) return null;
	const metric = str(s.metric);
	return {
		k: s.k,
		metric,
		labels: strings(s.labels),
		unit: line(s.unit).replace(LONG_UNIT, "$1…"),
		name: str(s.name) || metric || `series ${s.k}`,
	};
}

export function logs(b: Bag): LogsBody | null {
	if (!Array.isArray(b.lines)) return null;
	const lines: LogLine[] = [];
	for (const raw of b.lines.slice(-MAX_LINES)) {
		if (!Array.isArray(raw) || typeof raw[0] !== "number") continue;
		lines.push({
			id: raw[0],
			tMs: num(raw[1]),
			level: str(raw[2]).toLowerCase(),
			component: str(raw[3]),
			message: str(raw[4]),
			metadata: isBag(raw[5]) ? raw[5] : null,
		});
	}
	return {
		lines,
		total: num(b.total),
		held: num(b.held),
		filtered: num(b.filtered),
		lost: num(b.lost),
		limit: num(b.limit),
		notice: str(b.notice),
	};
}

export function alerts(b: Bag): AlertsBody {
	const counts = bag(b.counts);
	return {
		active: list(b.active, alert, MAX_ITEMS),
		resolved: list(b.resolved, alert, MAX_ITEMS),
		counts: {
			critical: num(counts.critical),
			warning: num(counts.warning),
			info: num(counts.info),
			pending: num(counts.pending),
		},
		standing: str(b.standing),
	};
}

function alert(a: Bag): AlertInfo {
	return {
		fingerprint: str(a.fingerprint),
		name: str(a.name),
		state: str(a.state),
		severity: str(a.severity),
		summary: str(a.summary),
		description: str(a.description),
		platform: str(a.platform),
		component: str(a.component),
		labels: strings(a.labels),
		startsMs: numOrNull(a.startsMs),
		endsMs: numOrNull(a.endsMs),
		acknowledged: str(a.acknowledged),
		silencedUntilMs: numOrNull(a.silencedUntilMs),
		acknowledgeable: a.acknowledgeable === true,
	};
}

export function reply(b: Bag): ReplyBody | null {
	if (typeof b.re !== "string") return null;
	const told = Array.isArray(b.told) ? b.told.slice(0, MAX_ITEMS).map((line) => str(line)) : [];
	return { re: b.re, taken: b.taken === true, ok: b.ok === true, error: str(b.error), told };
}

export function code(b: Bag): CodeBody | null {
	const [name, source] = [str(b.name), str(b.source)];
	return name && source ? { name, source } : null;
}
