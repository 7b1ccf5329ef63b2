/** Which stretch of time a chart shows: it follows the session's range, and a gesture on the chart moves that along. */
import type { StatusCell } from "../store/cell";
import type { ViewContext } from "./view";

/** A gesture rests this long before the other charts follow it. */
const TELL_AFTER_MS = 150;
const MIN_STRETCH_MS = 200;

export interface Stretch {
	from: number;
	to: number;
}

export interface RangeEvents {
	/** The stretch is about to stand still: what is shown must be kept. */
	freezing(): void;
	/** It stands still (null: it follows the newest samples again). */
	changed(frozen: Stretch | null): void;
	/** A gesture has come to rest there. */
	rested(frozen: Stretch | null): void;
}

export class ChartRange {
	/** A fixed stretch of time, or null while following live. */
	frozen: Stretch | null = null;
	#obeyed = 0;
	#telling: ReturnType<typeof setTimeout> | undefined;

	/** `windowMs` is what is shown where the session has no range. */
	constructor(
		private readonly ctx: ViewContext,
		private readonly windowMs: () => number,
		private readonly events: RangeEvents,
	) {
		ctx.scope.add(() => clearTimeout(this.#telling));
	}

	at(now = this.ctx.now()): Stretch {
		if (this.frozen) return this.frozen;
		const status = this.ctx.cells.status?.value;
		const { fromMs = null, toMs = null } = status?.range ?? {};
		if (!status?.range.live || fromMs === null || toMs === null) return { from: now - this.windowMs(), to: now };
		return { from: now - (status.kernelMs - fromMs), to: now - (status.kernelMs - toMs) };
	}

	freeze(stretch: Stretch): void {
		this.#set(stretch);
		this.#tell({ fromMs: stretch.from, toMs: stretch.to });
	}

	follow(): void {
		this.#set(null);
		this.#tell({});
	}

	/** Zooms about a time; not beyond the `oldest` sample. */
	zoom(at: number, factor: number, oldest: number | undefined): void {
		const { from, to } = this.at();
		const next = {
			from: Math.max((oldest ?? from) - 1000, at - (at - from) * factor),
			to: Math.min(this.ctx.now(), at + (to - at) * factor),
		};
		if (next.to - next.from > MIN_STRETCH_MS) this.freeze(next);
	}

	/** Moves by a share of the width; not beyond now, and so far back that a quarter has samples: lists may go back further than they. */
	pan(share: number, oldest: number | undefined): void {
		const now = this.ctx.now();
		const { from, to } = this.at(now);
		const width = to - from;
		const first = Math.min(from, (oldest ?? from) - 0.75 * width);
		const next = Math.max(first, Math.min(now - width, from + share * width));
		if (Math.abs(next - from) > 1) this.freeze({ from: next, to: next + width });
	}

	/** Goes through what the session showed; a gesture under way goes first. */
	step(to: "back" | "forward"): void {
		if (!this.#telling) this.ctx.act("range", { [to]: true }).catch(() => undefined);
	}

	/** Takes the session's range where it has changed; a gesture under way goes first. */
	obey(status: StatusCell | undefined): void {
		const range = status?.value?.range;
		if (!range || range.version === this.#obeyed || this.#telling) return;
		this.#obeyed = range.version;
		const { fromMs: from, toMs: to, live } = range;
		this.#set(!live && from !== null && to !== null ? { from, to } : null);
		if (this.frozen) this.events.rested(this.frozen);
	}

	#set(stretch: Stretch | null): void {
		if (stretch && !this.frozen) this.events.freezing();
		this.frozen = stretch;
		this.events.changed(stretch);
		this.ctx.pause(stretch !== null);
	}

	/** Moves the session's range along, so that its other charts follow: once a gesture rests, or each notch would be a step back. */
	#tell(args: Record<string, unknown>): void {
		clearTimeout(this.#telling);
		this.#telling = setTimeout(() => {
			this.#telling = undefined;
			this.events.rested(this.frozen);
			// Unheard (no kernel): this chart has moved all the same.
			this.ctx.act("range", args).catch(() => undefined);
		}, TELL_AFTER_MS);
	}
}
