/** What a channel last said, for every view that shows it. */
import { DEFAULT_BEAT_MS } from "../wire/bodies";
import type {
	AlertsBody,
	EventsBody,
	LogsBody,
	MetricsBody,
	OperationsBody,
	Part,
	PlatformBody,
	PressureBody,
	Role,
	StatusBody,
	TimelineBody,
} from "../wire/types";
import { LogRing } from "./logs";
import { SeriesStore } from "./series";

/** How far a recording is thought to have played on since it was last heard of: it says where it is four times a second. */
const REPLAY_AHEAD_MS = 500;
const SKEW_BEATS = 5;

/** Bodies that are always whole. */
type WholeBody = PlatformBody | AlertsBody | EventsBody | OperationsBody | PressureBody | TimelineBody;
type Body = StatusBody | WholeBody | MetricsBody | LogsBody;

/** A value that tells its listeners when it changes. */
export abstract class Cell<B extends Body = Body> {
	#listeners = new Set<() => void>();
	version = 0;
	/** When the newest part arrived, by this browser's clock; null before the first. */
	arrivedMs: number | null = null;

	/** Takes a part's body. `snap` replaces, otherwise it continues. */
	take(body: B, snap: boolean): void {
		this.accept(body, snap);
		this.version++;
		this.arrivedMs = Date.now();
		for (const listener of this.#listeners) listener();
	}

	protected abstract accept(body: B, snap: boolean): void;

	/** Calls `listener` after each change; returns the undo. */
	listen(listener: () => void): () => void {
		this.#listeners.add(listener);
		return () => {
			this.#listeners.delete(listener);
		};
	}

	get listeners(): number {
		return this.#listeners.size;
	}
}

export class ValueCell<B extends WholeBody> extends Cell<B> {
	value: B | null = null;

	protected accept(body: B): void {
		this.value = body;
	}
}

/** The connection's state, and the kernel's clock as seen from here. */
export class StatusCell extends Cell<StatusBody> {
	value: StatusBody | null = null;
	#skews: number[] = [];

	protected accept(body: StatusBody): void {
		this.value = body;
		this.#skews = [...this.#skews.slice(1 - SKEW_BEATS), Date.now() - body.kernelMs];
	}

	/** Browser clock minus kernel clock. Travel time only ever adds to it, so the smallest of the last beats is nearest the truth. */
	get skewMs(): number {
		return this.#skews.length ? Math.min(...this.#skews) : 0;
	}

	/** What time it is in the kernel, or in the recording that it replays: that stands still, or runs at a speed of its own. */
	kernelNow(nowMs: number): number {
		const replay = this.value?.replay;
		if (!this.value || !replay) return nowMs - this.skewMs;
		const since = Math.min(nowMs - (this.arrivedMs ?? nowMs), REPLAY_AHEAD_MS);
		return this.value.kernelMs + (replay.playing ? since * replay.speed : 0);
	}

	get beatMs(): number {
		return this.value?.beatMs ?? DEFAULT_BEAT_MS;
	}
}

export class SeriesCell extends Cell<MetricsBody> {
	readonly store = new SeriesStore();

	protected accept(body: MetricsBody, snap: boolean): void {
		this.store.take(body, snap);
	}
}

export class LogCell extends Cell<LogsBody> {
	readonly ring = new LogRing();

	protected accept(body: LogsBody, snap: boolean): void {
		this.ring.take(body, snap);
	}
}

/** Which cell serves which role. */
export interface Cells {
	status: StatusCell;
	platform: ValueCell<PlatformBody>;
	metrics: SeriesCell;
	logs: LogCell;
	alerts: ValueCell<AlertsBody>;
	events: ValueCell<EventsBody>;
	operations: ValueCell<OperationsBody>;
	pressure: ValueCell<PressureBody>;
	timeline: ValueCell<TimelineBody>;
}

const MAKE: { [R in Role]: () => Cells[R] } = {
	status: () => new StatusCell(),
	platform: () => new ValueCell<PlatformBody>(),
	metrics: () => new SeriesCell(),
	logs: () => new LogCell(),
	alerts: () => new ValueCell<AlertsBody>(),
	events: () => new ValueCell<EventsBody>(),
	operations: () => new ValueCell<OperationsBody>(),
	pressure: () => new ValueCell<PressureBody>(),
	timeline: () => new ValueCell<TimelineBody>(),
};

/** The channels some view shows, counted: the last view to leave takes the data with it. */
export class Channels {
	#held = new Map<string, { role: Role; cell: Cell; users: number }>();

	/** `dropped` is told of channels nobody shows any more. */
	constructor(private readonly dropped: (ch: string) => void) {}

	get size(): number {
		return this.#held.size;
	}

	acquire<R extends Role>(ch: string, role: R): Cells[R] {
		let held = this.#held.get(ch);
		if (!held) {
			held = { role, cell: MAKE[role]() as Cell, users: 0 };
			this.#held.set(ch, held);
		}
		if (held.role !== role) throw new TypeError(`channel ${ch} carries ${held.role}, not ${role}`);
		held.users++;
		return held.cell as unknown as Cells[R];
	}

	release(ch: string): void {
		const held = this.#held.get(ch);
		if (!held || --held.users > 0) return;
		this.#held.delete(ch);
		this.dropped(ch);
	}

	/** Hands a part to its cell; false where nobody shows it or it is of another kind than the channel. */
	deliver(part: Part): boolean {
		const held = this.#held.get(part.ch);
		if (!held || held.role !== part.kind) return false;
		held.cell.take(part.body as Body, part.op === "snap");
		return true;
	}
}
