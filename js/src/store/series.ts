/** Metric samples in the browser: one growing window per series, trimmed by time. */
import type { MetricsBody, SeriesInfo } from "../wire/types";

/** Points kept per series whatever the window says: the kernel is trusted, its peer is not. */
export const MAX_POINTS = 100_000;
const FIRST_CAPACITY = 256;

/** Samples of one series, ascending in x, in one block of memory with room at its end. */
export class SeriesRing {
	#x = new Float64Array(FIRST_CAPACITY);
	#y = new Float64Array(FIRST_CAPACITY);
	#head = 0;
	#tail = 0;
	#views: { x: Float64Array; y: Float64Array } | null = null;
	/** Samples ever appended: who has drawn so many of them goes on from there. */
	appended = 0;
	/** The time of the newest infinite value. */
	infinite = Number.NEGATIVE_INFINITY;

	constructor(public info: SeriesInfo) {}

	get length(): number {
		return this.#tail - this.#head;
	}

	/** Views of the samples kept; valid until the next append or trim. */
	get x(): Float64Array {
		return this.#look().x;
	}

	get y(): Float64Array {
		return this.#look().y;
	}

	/** Made once for all who look between two changes. */
	#look(): { x: Float64Array; y: Float64Array } {
		this.#views ??= { x: this.#x.subarray(this.#head, this.#tail), y: this.#y.subarray(this.#head, this.#tail) };
		return this.#views;
	}

	get lastX(): number | null {
		return this.length ? (this.#x[this.#tail - 1] ?? null) : null;
	}

	/** The newest value that is no gap. */
	get lastY(): number | null {
		for (let i = this.#tail - 1; i >= this.#head; i--) {
			const y = this.#y[i] as number;
			if (!Number.isNaN(y)) return y;
		}
		return null;
	}

	/** Appends rows. Rows older than what is kept would break the order, so they are left out and counted. */
	append(x: Float64Array, y: Float64Array): number {
		this.#reserve(x.length);
		this.#views = null;
		let late = 0;
		let last = this.lastX ?? Number.NEGATIVE_INFINITY;
		for (let i = 0; i < x.length; i++) {
			const t = x[i] as number;
			if (!(t >= last)) {
				late++;
				continue;
			}
			this.#x[this.#tail] = t;
			const v = y[i] as number;
			this.#y[this.#tail++] = v;
			if (v === Number.POSITIVE_INFINITY || v === Number.NEGATIVE_INFINITY) this.infinite = t;
			this.appended++;
			last = t;
		}
		if (this.length > MAX_POINTS) this.#head = this.#tail - MAX_POINTS;
		return late;
	}

	/** Drops samples older than `fromMs`, but keeps the last before it so that the line enters the plot from its edge. */
	trim(fromMs: number): void {
		const before = this.#head;
		while (this.#head + 1 < this.#tail && (this.#x[this.#head + 1] as number) < fromMs) this.#head++;
		if (this.#head !== before) this.#views = null;
	}

	#reserve(more: number): void {
		if (this.#tail + more <= this.#x.length) return;
		const capacity = Math.max(FIRST_CAPACITY, 2 * (this.length + more));
		const [x, y] = [new Float64Array(capacity), new Float64Array(capacity)];
		x.set(this.x);
		y.set(this.y);
		this.#tail = this.length;
		this.#head = 0;
		this.#x = x;
		this.#y = y;
	}
}

export class SeriesStore {
	#rings = new Map<number, SeriesRing>();
	windowMs = 0;
	/** Samples the kernel could not send, and samples that came out of order. */
	lost = 0;
	late = 0;
	/** Samples of the history that are not here, because no screen could show them. */
	thinned = 0;
	/** How much of the history is here, while it is being loaded. */
	loading: MetricsBody["loading"] = null;
	/** Why samples may be missing, in the kernel's words. */
	notice = "";
	/** Rises when the set of series changes. */
	shape = 0;

	get rings(): SeriesRing[] {
		return [...this.#rings.values()];
	}

	get points(): number {
		let n = 0;
		for (const ring of this.#rings.values()) n += ring.length;
		return n;
	}

	get lastX(): number | null {
		let last: number | null = null;
		for (const ring of this.#rings.values()) {
			if (ring.lastX !== null && (last === null || ring.lastX > last)) last = ring.lastX;
		}
		return last;
	}

	/** Whether any sample is a number. */
	get drawable(): boolean {
		for (const ring of this.#rings.values()) if (ring.lastY !== null) return true;
		return false;
	}

	take(body: MetricsBody, snap: boolean): void {
		if (snap) {
			this.#rings.clear();
			this.shape++;
		}
		if (body.windowMs > 0) this.windowMs = body.windowMs;
		this.lost = body.lost;
		this.thinned = body.thinned;
		this.loading = body.loading;
		this.notice = body.notice;
		for (const info of body.series) this.#announce(info);
		this.#append(body);
		const last = this.lastX;
		if (last !== null && this.windowMs > 0) for (const ring of this.#rings.values()) ring.trim(last - this.windowMs);
	}

	#announce(info: SeriesInfo): void {
		const ring = this.#rings.get(info.k);
		if (ring) ring.info = info;
		else this.#rings.set(info.k, new SeriesRing(info));
		this.shape++;
	}

	#append(body: MetricsBody): void {
		const { k, x, y } = body;
		for (let from = 0; from < k.length; ) {
			let to = from + 1;
			while (to < k.length && k[to] === k[from]) to++;
			const ring = this.#rings.get(k[from] as number);
			if (ring) this.late += ring.append(x.subarray(from, to), y.subarray(from, to));
			else this.late += to - from;
			from = to;
		}
	}
}
