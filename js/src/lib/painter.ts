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

/** Frames per second, measured only while envelopes come: an idle page must not burn frames to count them. */
export class FpsMeter {
	#until = 0;
	#frame = 0;
	#start = 0;
	#frames = 0;
	fps: number | null = null;

	/** Keeps measuring for another second. */
	pulse(): void {
		this.#until = performance.now() + 1000;
		if (this.#frame === 0 && !document.hidden) {
			this.#start = 0;
			this.#frame = requestAnimationFrame((t) => this.#count(t));
		}
	}

	stop(): void {
		cancelAnimationFrame(this.#frame);
		this.#frame = 0;
		this.fps = null;
	}

	#count(t: number): void {
		this.#frame = 0;
		if (this.#start === 0) {
			this.#start = t;
			this.#frames = 0;
		} else {
			this.#frames++;
			if (t - this.#start >= 500) {
				this.fps = Math.round((this.#frames * 10_000) / (t - this.#start)) / 10;
				this.#start = t;
				this.#frames = 0;
			}
		}
		if (performance.now() < this.#until && !document.hidden) this.#frame = requestAnimationFrame((n) => this.#count(n));
	}
}
