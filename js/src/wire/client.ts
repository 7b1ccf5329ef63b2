/** What the browser says to the kernel: hello, bye, credit, act. */
import type { ControlMessage, ReplyBody, Send, Verb } from "./types";

/**
 * Credits at most this often while envelopes come, and the keepalive otherwise. Acknowledging each envelope would flood the kernel.
 * Where the page keeps up, as often as the kernel says: each credit may hold up an envelope.
 */
export const SLOW_CREDIT_MS = 100;
const QUICK_FPS = 45;
export const KEEPALIVE_MS = 2000;
/** An act without an answer by then has failed, as far as the user is told. */
export const ACT_TIMEOUT_MS = 15_000;

/** What a credit says beside the page and the envelope. */
export interface Vitals {
	fps: number | null;
	paintMs: number | null;
	hidden: boolean;
	views: number;
}

/** An act that the kernel has not come to by then waits for a cell: it is taken within a tenth of a second otherwise. */
export const BUSY_AFTER_MS = 1000;

/** Whether the page keeps up. */
const quick = ({ fps }: Vitals): boolean => (fps ?? 0) >= QUICK_FPS;

interface Pending {
	sinceMs: number;
	/** The kernel has come to it. */
	taken: boolean;
	resolve: (told: string[]) => void;
	reject: (error: Error) => void;
	timer: ReturnType<typeof setTimeout>;
}

export class ControlClient {
	creditMs = SLOW_CREDIT_MS;
	#send: Send | null = null;
	#pending = new Map<string, Pending>();
	#acts = 0;
	#painted = 0;
	#lastCredit = Number.NEGATIVE_INFINITY;
	#toldQuick = false;
	#creditTimer: ReturnType<typeof setTimeout> | undefined;

	constructor(
		readonly page: string,
		private readonly vitals: () => Vitals,
	) {}

	/** The way out. A fresh view brings a fresh one; null once it failed, because a closed comm stays closed. */
	use(send: Send): void {
		this.#send = send;
	}

	hello(view: string, channels: string[]): void {
		this.#say({ op: "hello", page: this.page, view, channels });
	}

	bye(view: string): void {
		this.#say({ op: "bye", page: this.page, view });
	}

	/** Asks for a part of the browser code. */
	code(name: string): void {
		this.#say({ op: "code", page: this.page, name });
	}

	/** Envelope `n` is painted: tells the kernel now, or with the next credit that is due. */
	painted(n: number): void {
		this.#painted = n;
		// The kernel waits for a page that told it does not keep up: one that does again has to tell that soon.
		const every = this.#toldQuick && quick(this.vitals()) ? this.creditMs : SLOW_CREDIT_MS;
		const due = this.#lastCredit + every - performance.now();
		if (due <= 0) this.credit();
		else this.#creditTimer ??= setTimeout(() => this.credit(), due);
	}

	/** Sends a credit at once: on the keepalive, and when the page hides or shows itself. */
	credit(): void {
		clearTimeout(this.#creditTimer);
		this.#creditTimer = undefined;
		this.#lastCredit = performance.now();
		const vitals = this.vitals();
		this.#toldQuick = quick(vitals);
		this.#say({ op: "credit", page: this.page, n: this.#painted, ...vitals });
	}

	/** The keepalive tick: silent where a credit went out lately. */
	keepalive(): void {
		if (performance.now() - this.#lastCredit >= KEEPALIVE_MS / 2) this.credit();
	}

	/** Asks the session behind the status channel `ch` to do something; rejects with words for the user. */
	act(ch: string, verb: Verb, args: Record<string, unknown> = {}): Promise<string[]> {
		const id = `${this.page}-${++this.#acts}`;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(
				() => this.#settle(id, "the kernel did not answer: it may be busy or gone"),
				ACT_TIMEOUT_MS,
			);
			this.#pending.set(id, { sinceMs: performance.now(), taken: false, resolve, reject, timer });
			if (!this.#say({ op: "act", page: this.page, ch, id, verb, args })) {
				this.#settle(id, "the kernel cannot be reached: re-run the cell");
			}
		});
	}

	/** Acts that the kernel has not come to. */
	get waiting(): number {
		const now = performance.now();
		return [...this.#pending.values()].filter((act) => !act.taken && now - act.sinceMs > BUSY_AFTER_MS).length;
	}

	reply(body: ReplyBody): void {
		const pending = this.#pending.get(body.re);
		if (body.taken && pending) pending.taken = true;
		if (body.taken) return;
		this.#settle(body.re, body.ok ? null : body.error || "the kernel refused without a reason", body.told);
	}

	close(): void {
		clearTimeout(this.#creditTimer);
		this.#creditTimer = undefined;
		for (const id of [...this.#pending.keys()]) this.#settle(id, "the widget was closed");
		this.#send = null;
	}

	#settle(id: string, problem: string | null, told: string[] = []): void {
		const pending = this.#pending.get(id);
		if (!pending) return;
		this.#pending.delete(id);
		clearTimeout(pending.timer);
		if (problem === null) pending.resolve(told);
		else pending.reject(new Error(problem));
	}

	#say(message: ControlMessage): boolean {
		if (!this.#send) return false;
		try {
			this.#send(message);
			return true;
		} catch {
			this.#send = null;
			return false;
		}
	}
}
