/** The kernel ⇄ browser contract (docs/browser-wire.md), typed. Times are epoch milliseconds. */

/** A widget model as anywidget hands it over. */
export interface Model<T extends object = Record<string, unknown>> {
	get<K extends keyof T & string>(name: K): T[K];
	on(name: string, handler: (...args: never[]) => void): void;
	off(name: string, handler: (...args: never[]) => void): void;
	set<K extends keyof T & string>(name: K, value: T[K]): void;
	save_changes(): void;
	send(content: unknown): void;
	/** The front-end's own; where it has a kernel, that says how it is. */
	readonly widget_manager?: unknown;
}

export type Kind =
	| "status"
	| "platform"
	| "chart"
	| "logs"
	| "alerts"
	| "events"
	| "operations"
	| "pressure"
	| "timeline"
	| "commands"
	| "transport"
	| "health";
export type Role =
	| "status"
	| "platform"
	| "metrics"
	| "logs"
	| "alerts"
	| "events"
	| "operations"
	| "pressure"
	| "timeline";

/** Traits of every leaf model. */
export interface LeafTraits {
	_hub: string;
	_control: string;
	_kind: Kind;
	_channels: Partial<Record<Role, string>>;
	_options: Record<string, unknown>;
	/** What the user set in a view, over the options of the same names. */
	_by_hand: Record<string, unknown>;
	/** Of a chart. */
	_picture_asked?: boolean;
}

export interface Threshold {
	value: number;
	label: string;
	color?: string;
}

/** `_options` by `_kind`. Everything is optional: an absent option has its default in the widget. */
export interface StatusOptions {
	title?: string;
}
export interface PlatformOptions {
	title?: string;
}
export interface ChartOptions {
	title?: string;
	heightPx?: number;
	windowMs?: number;
	thresholds?: Threshold[];
	legend?: boolean;
	yMin?: number;
	yMax?: number;
	log?: boolean;
	stacked?: boolean;
	/** Small multiples: one plot for each value of this label ("metric" is one too). */
	facet?: string;
	/** They share the value range; as it is where this is left out. */
	sharedY?: boolean;
	/** What makes the chart's frame in a cell. */
	code?: string;
	/** The kernel can have finer points of a stretch computed. */
	refines?: boolean;
}
export interface TimelineOptions {
	title?: string;
}
export interface LogsOptions {
	title?: string;
	heightPx?: number;
	/** Lines kept; the kernel's answer, in every body, is what counts. */
	limit?: number;
}
export interface EventsOptions {
	title?: string;
}
export interface OperationsOptions {
	title?: string;
}
export interface PressureOptions {
	title?: string;
}
export interface AlertsOptions {
	title?: string;
	matchers?: string;
	groupBy?: string;
}

export type ConnectionState = "idle" | "connecting" | "open" | "polling" | "waiting" | "closing" | "closed" | "failed";

export interface TransportInfo {
	name: string;
	state: string;
	/** Open, and nothing was heard for longer than should be. */
	silent: boolean;
	reason: string;
	lastByteMs: number | null;
	retryAtMs: number | null;
}

export interface StatusBody {
	server: string;
	name: string;
	demo: boolean;
	/** Where the events come from a recording: whether it plays, and how fast. `kernelMs` is the recording's time then. */
	replay: ReplayInfo | null;
	state: ConnectionState;
	reason: string;
	remedy: string;
	sinceMs: number;
	retryAtMs: number | null;
	attempt: number;
	/** Open, and heard in time. */
	live: boolean;
	/** Since when an open connection has said nothing that should have; null while it is heard in time. */
	silentSinceMs: number | null;
	transports: TransportInfo[];
	heartbeatMs: number | null;
	latencyMs: number | null;
	counts: Record<string, number>;
	rate: number | null;
	range: RangeInfo;
	kernelMs: number;
	beatMs: number;
	/** How often a page that keeps up tells what it has painted. */
	creditMs: number;
}

/** The time that a session's charts show; no bounds: each its own window. */
export interface RangeInfo {
	version: number;
	/** Whose clock all times are written in: "local", "UTC" or an IANA name. */
	zone: string;
	live: boolean;
	fromMs: number | null;
	toMs: number | null;
	/** Whether there is something before it and after it in what was shown. */
	back: boolean;
	forward: boolean;
}

export type Health = "healthy" | "degraded" | "unhealthy" | "unknown";

export interface ComponentInfo {
	name: string;
	health: Health;
	phase: string;
	version: string;
	replicas: number | null;
	ready: number | null;
	message: string;
	updatedMs: number | null;
}

export interface ConditionInfo {
	type: string;
	status: string;
	reason: string;
	message: string;
	sinceMs: number | null;
}

export interface OperationInfo {
	id: string;
	kind: string;
	status: string;
	progress: number;
	stage: string;
	message: string;
}

export interface KubeEventInfo {
	tMs: number | null;
	type: string;
	reason: string;
	message: string;
	component: string;
}

export interface PlatformBody {
	found: boolean;
	id: string;
	namespace: string;
	name: string;
	uid: string;
	phase: string;
	health: Health;
	message: string;
	version: string;
	updatedMs: number | null;
	components: ComponentInfo[];
	conditions: ConditionInfo[];
	endpoints: Record<string, string>;
	operations: OperationInfo[];
	alerts: { critical: number; warning: number; info: number };
	events: KubeEventInfo[];
}

export interface SeriesInfo {
	k: number;
	metric: string;
	labels: Record<string, string>;
	unit: string;
	name: string;
}

/** Rows grouped by `k`, ascending in `x` within one `k`. NaN in `y` is a gap. */
export interface MetricsBody {
	series: SeriesInfo[];
	k: Int32Array;
	x: Float64Array;
	y: Float64Array;
	windowMs: number;
	lost: number;
	/** Samples of the history that were left out, because no screen could show them. */
	thinned: number;
	/** Pieces of a history that is still on its way; null once it is here. */
	loading: { done: number; total: number } | null;
	/** What the kernel has to say about the query; nothing while all is as it should be. */
	notice: string;
}

export interface ReplayInfo {
	playing: boolean;
	speed: number;
	fromMs: number;
	toMs: number;
	/** Events told so far, of how many. */
	told: number;
	total: number;
}

export interface LogLine {
	id: number;
	tMs: number;
	level: string;
	component: string;
	message: string;
	metadata: Record<string, unknown> | null;
}

export interface LogsBody {
	lines: LogLine[];
	total: number;
	/** Lines the kernel has now, shown here or not. */
	held: number;
	filtered: number;
	lost: number;
	limit: number;
	/** What is to be said beside the count: "12 recovered", "polled: …". */
	notice: string;
}

export interface AlertInfo {
	fingerprint: string;
	name: string;
	state: string;
	severity: string;
	summary: string;
	description: string;
	platform: string;
	component: string;
	labels: Record<string, string>;
	startsMs: number | null;
	endsMs: number | null;
	acknowledged: string;
	silencedUntilMs: number | null;
	/** Whether there is an operator to tell it to. */
	acknowledgeable: boolean;
}

export interface AlertsBody {
	active: AlertInfo[];
	resolved: AlertInfo[];
	counts: { critical: number; warning: number; info: number; pending: number };
	/** The Alertmanager where matchers are one silence that stands; empty where each alert is silenced by itself. */
	standing: string;
}

/** A Kubernetes event as the event feed shows it. */
export interface EventInfo extends KubeEventInfo {
	firstMs: number | null;
	platform: string;
	count: number;
}

export interface EventsBody {
	/** Newest first. */
	events: EventInfo[];
	total: number;
}

export interface StageFacts {
	name: string;
	status: string;
	progress: number;
	message: string;
}

export interface OperationFacts {
	id: string;
	kind: string;
	platform: string;
	status: string;
	progress: number;
	stages: StageFacts[];
	message: string;
	error: string;
	startedMs: number | null;
	finishedMs: number | null;
}

export interface OperationsBody {
	/** Newest first. */
	operations: OperationFacts[];
}

export type MomentKind = "alert" | "deploy" | "operation" | "event" | "note" | "gap";
export type MomentTone = "good" | "busy" | "warn" | "bad" | "quiet";

/** Something that happened; without `endMs` it lasts, or lasted no time. */
export interface Moment {
	tMs: number;
	endMs: number | null;
	kind: MomentKind;
	tone: MomentTone;
	title: string;
	detail: string;
	platform: string;
	component: string;
	lasting: boolean;
}

export interface TimelineBody {
	/** Oldest first. */
	moments: Moment[];
	total: number;
}

/** Readings are null where nothing told them; cpu and memory are shares of 1, lag and paint seconds. */
export interface PressureBody {
	incoming: number;
	rate: number;
	minRate: number;
	maxRate: number;
	reason: string;
	backoffs: number;
	recoveries: number;
	depth: number;
	capacity: number;
	policy: string;
	slow: boolean;
	readings: Record<"fps" | "paint" | "lag" | "cpu" | "memory" | "unacked", number | null>;
	counts: Record<string, number>;
	history: Record<"atMs" | "rate" | "fps" | "lagMs" | "depth", number[]>;
}

export interface ReplyBody {
	re: string;
	/** The kernel has come to it; the answer follows. */
	taken: boolean;
	ok: boolean;
	error: string;
	/** What a dry run would change, or what a command began. */
	told: string[];
}

/** The code of a part of the browser side, as an ES module. */
export interface CodeBody {
	name: string;
	source: string;
}

interface PartOf<K extends string, B> {
	ch: string;
	kind: K;
	op: "snap" | "delta";
	seq: number;
	body: B;
}

export type Part =
	| PartOf<"status", StatusBody>
	| PartOf<"platform", PlatformBody>
	| PartOf<"metrics", MetricsBody>
	| PartOf<"logs", LogsBody>
	| PartOf<"alerts", AlertsBody>
	| PartOf<"events", EventsBody>
	| PartOf<"operations", OperationsBody>
	| PartOf<"timeline", TimelineBody>
	| PartOf<"pressure", PressureBody>
	| PartOf<"reply", ReplyBody>
	| PartOf<"code", CodeBody>;

export interface Envelope {
	n: number;
	sentMs: number;
	parts: Part[];
	/** Parts that were not understood. */
	malformed: number;
}

export type Verb =
	| "reconnect"
	| "range"
	| "ack"
	| "silence"
	| "expire"
	| "cancel"
	| "command"
	| "dryrun"
	| "replay"
	| "mark";

/** Browser → kernel. */
export type ControlMessage =
	| { op: "hello"; page: string; view: string; channels: string[] }
	| { op: "bye"; page: string; view: string }
	| { op: "code"; page: string; name: string }
	| {
			op: "credit";
			page: string;
			n: number;
			fps: number | null;
			paintMs: number | null;
			hidden: boolean;
			views: number;
	  }
	| { op: "act"; page: string; ch: string; id: string; verb: Verb; args: Record<string, unknown> };

export type Send = (message: ControlMessage) => void;

/** What the hub exports, and what a leaf hands it. */
export interface MountProps {
	model: Model<LeafTraits>;
	el: HTMLElement;
	signal: AbortSignal;
	send: Send;
}
export interface HubExports {
	mount(props: MountProps): void;
}
export interface ControlExports {
	send: Send;
}
