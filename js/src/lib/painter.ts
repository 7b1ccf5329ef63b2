/** Draws dirty views at most once per animation frame, within a time budget, and tells how that went. */

/** Script time a frame may spend on views before the rest waits for the next frame; leaves room for layout and paint. */
export const BUDGET_MS = 12;

export interface Paintable {
	paint(): void;
}

export class Painter {
	#dirty = new Set<Paintable>();
	#frame = 0;
	#after: ReturnType<typeof setTimeout> | undefined;

	/** `done(paintMs, idle)` runs in the first task after a frame that drew; `idle` when nothing was left over. */
	constructor(private readonly done: (paintMs: number, idle: boolean) => void) {}

	get idle(): boolean {
		return this.#dirty.size === 0;
	}

	mark(view: Paintable): void {
		this.#dirty.add(view);
		this.wake();
	}

	forget(view: Paintable): void {
		this.#dirty.delete(view);
	}

	/** Schedules a frame if there is work and somebody to see it. Called again when the page becomes visible. */
	wake(): void {
		if (this.#frame === 0 && this.#dirty.size > 0 && !document.hidden) {
			this.#frame = requestAnimationFrame(() => this.#draw());
		}
	}

	stop(): void {
		cancelAnimationFrame(this.#frame);
		clearTimeout(this.#after);
		this.#frame = 0;
		this.#dirty.clear();
	}

	#draw(): void {
		this.#frame = 0;
		const start = performance.now();
		for (const view of [...this.#dirty]) {
			this.#dirty.delete(view);
			try {
				view.paint();
			} catch (error) {
				// One broken view must not blind the others on the page.
				console.error("[gunj] a view could not be drawn", error);
			}
			if (performance.now() - start > BUDGET_MS) break;
		}
		clearTimeout(this.#after);
		this.#after = setTimeout(() => this.done(performance.now() - start, this.idle), 0);
		this.wake();
	}
}

/** Frames are counted so long, and then not for so long: each that is counted is one the page makes. */
const COUNT_MS = 400;
const REST_MS = 1600;

/** Frames per second, looked at now and then while envelopes come: an idle page must not burn frames to count them. */
export class FpsMeter {
	#frame = 0;
	#start = 0;
	#frames = 0;
	#restsUntil = 0;
	fps: number | null = null;

	/** Called with each envelope; counts where it is time to. */
	pulse(): void {
		if (this.#frame !== 0 || document.hidden || performance.now() < this.#restsUntil) return;
		this.#start = 0;
		this.#frame = requestAnimationFrame((t) => this.#count(t));
	}

	stop(): void {
		cancelAnimationFrame(this.#frame);
		this.#frame = this.#restsUntil = 0;
		this.fps = null;
	}

	#count(t: number): void {
		this.#frame = 0;
		if (document.hidden) return;
		if (this.#start === 0) {
			this.#start = t;
			this.#frames = 0;
		} else {
			this.#frames++;
			if (t - this.#start >= COUNT_MS) {
				this.fps = Math.round((this.#frames * 10_000) / (t - this.#start)) / 10;
				this.#restsUntil = performance.now() + REST_MS;
				return;
			}
		}
		this.#frame = requestAnimationFrame((n) => this.#count(n));
	}
}
