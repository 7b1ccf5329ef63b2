/** A kernel for tests: models, envelopes, and the control messages it was sent. */
import type { ControlMessage, HubExports, Kind, LeafTraits, Model, Role } from "../src/wire/types";

type Handler = (...args: never[]) => void;

/** A widget model whose listeners can be counted. */
export class FakeModel<T extends object = Record<string, unknown>> implements Model<T> {
	readonly sent: unknown[] = [];
	saved = 0;
	#handlers = new Map<string, Set<Handler>>();

	constructor(private readonly traits: T = {} as T) {}

	get<K extends keyof T & string>(name: K): T[K] {
		return this.traits[name];
	}

	set<K extends keyof T & string>(name: K, value: T[K]): void {
		this.traits[name] = value;
		this.fire(`change:${name}`);
	}

	save_changes(): void {
		this.saved++;
	}

	on(name: string, handler: Handler): void {
		const handlers = this.#handlers.get(name) ?? new Set();
		this.#handlers.set(name, handlers.add(handler));
	}

	off(name: string, handler: Handler): void {
		this.#handlers.get(name)?.delete(handler);
	}

	send(content: unknown): void {
		this.sent.push(content);
	}

	fire(name: string, ...args: unknown[]): void {
		for (const handler of [...(this.#handlers.get(name) ?? [])]) handler(...(args as never[]));
	}

	get listeners(): number {
		return [...this.#handlers.values()].reduce((n, set) => n + set.size, 0);
	}
}

export interface RawPart {
	ch: string;
	kind: string;
	op: string;
	seq: number;
	body: unknown;
}

/** Sends envelopes on a hub model and collects what comes back by way of `send`. */
export class FakeKernel {
	readonly model = new FakeModel();
	readonly heard: ControlMessage[] = [];
	#n = 0;
	#seqs = new Map<string, number>();

	readonly send = (message: ControlMessage): void => {
		this.heard.push(message);
	};

	part(ch: string, kind: string, body: unknown, op = "snap"): RawPart {
		const seq = (this.#seqs.get(ch) ?? 0) + 1;
		this.#seqs.set(ch, seq);
		return { ch, kind, op, seq, body };
	}

	emit(parts: RawPart[], buffers: ArrayBufferView[] = []): number {
		this.#n++;
		this.model.fire("msg:custom", { v: 1, n: this.#n, sentMs: Date.now(), parts }, buffers);
		return this.#n;
	}

	/** An envelope gets lost on the way. */
	lose(): void {
		this.#n++;
	}

	said<O extends ControlMessage["op"]>(op: O): Extract<ControlMessage, { op: O }>[] {
		return this.heard.filter((m): m is Extract<ControlMessage, { op: O }> => m.op === op);
	}

	/** Mounts a widget; the returned function closes it. */
	mount(
		hub: HubExports,
		kind: Kind,
		channels: Partial<Record<Role, string>>,
		options: Record<string, unknown> = {},
		byHand: Record<string, unknown> = {},
	) {
		const model = new FakeModel<LeafTraits>({
			_hub: "",
			_control: "",
			_kind: kind,
			_channels: channels,
			_options: options,
			_by_hand: byHand,
		});
		const el = document.createElement("div");
		document.body.append(el);
		const controller = new AbortController();
		hub.mount({ model, el, signal: controller.signal, send: this.send });
		return {
			model,
			el,
			root: () => el.querySelector<HTMLElement>(".gunj") as HTMLElement,
			close: () => {
				controller.abort();
				el.remove();
			},
		};
	}
}

export function statusBody(changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		server: "gunj.example.com:443",
		name: "gunj-demo/0.1",
		demo: false,
		state: "open",
		reason: "",
		remedy: "",
		sinceMs: Date.now() - 60_000,
		retryAtMs: null,
		attempt: 1,
		live: true,
		silentSinceMs: null,
		transports: [
			{ name: "websocket", state: "open", silent: false, reason: "", lastByteMs: Date.now(), retryAtMs: null },
		],
		heartbeatMs: Date.now(),
		latencyMs: 3,
		counts: { received: 10, stored: 9, duplicate: 1 },
		rate: 5,
		kernelMs: Date.now(),
		beatMs: 5000,
		creditMs: 1000,
		...changes,
	};
}

export interface Row {
	k: number;
	x: number;
	y: number;
}

/** A metrics body and its buffers, the latter as unaligned views, as they come out of a message. */
export function metricsBody(series: Record<string, unknown>[], rows: Row[], changes: Record<string, unknown> = {}) {
	const k = unaligned(new Int32Array(rows.map((r) => r.k)));
	const x = unaligned(new Float64Array(rows.map((r) => r.x)));
	const y = unaligned(new Float64Array(rows.map((r) => r.y)));
	const body = { series, rows: rows.length, kBuf: 0, xBuf: 1, yBuf: 2, windowMs: 60_000, lost: 0, ...changes };
	return { body, buffers: [k, x, y] };
}

export function series(k: number, changes: Record<string, unknown> = {}): Record<string, unknown> {
	return { k, metric: "cpu_usage", labels: { component: `c${k}` }, unit: "percent", name: `cpu c${k}`, ...changes };
}

export function unaligned(data: Int32Array | Float64Array): DataView {
	const room = new Uint8Array(data.byteLength + 3);
	room.set(new Uint8Array(data.buffer), 3);
	return new DataView(room.buffer, 3, data.byteLength);
}

export function alertBody(fingerprint: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
	return {
		fingerprint,
		name: `Alert ${fingerprint}`,
		state: "firing",
		severity: "warning",
		summary: "something burns",
		description: "",
		platform: "production",
		component: "loki",
		labels: {},
		startsMs: Date.now() - 60_000,
		endsMs: null,
		acknowledged: "",
		silencedUntilMs: null,
		acknowledgeable: true,
		...changes,
	};
}
