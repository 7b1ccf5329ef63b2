/** Everything a view acquires, released once when its signal aborts: nothing may outlive the view. */
export class Scope {
	#undo: Array<() => void> = [];
	#closed = false;

	constructor(signal?: AbortSignal) {
		if (!signal) return;
		if (signal.aborted) {
			this.#closed = true;
			return;
		}
		const close = () => this.close();
		signal.addEventListener("abort", close, { once: true });
		this.add(() => signal.removeEventListener("abort", close));
	}

	get closed(): boolean {
		return this.#closed;
	}

	/** Runs `undo` on close; at once where the scope is closed already. */
	add(undo: () => void): void {
		if (this.#closed) undo();
		else this.#undo.push(undo);
	}

	listen<E extends Event = Event>(
		target: EventTarget,
		type: string,
		handler: (event: E) => void,
		options?: AddEventListenerOptions,
	): void {
		if (this.#closed) return;
		target.addEventListener(type, handler as EventListener, options);
		this.add(() => target.removeEventListener(type, handler as EventListener, options));
	}

	every(ms: number, task: () => void): void {
		if (this.#closed) return;
		const timer = setInterval(task, ms);
		this.add(() => clearInterval(timer));
	}

	/** A scope that closes with this one, or before it. */
	child(): Scope {
		const inner = new Scope();
		const close = () => inner.close();
		this.add(close);
		inner.add(() => {
			this.#undo = this.#undo.filter((undo) => undo !== close);
		});
		return inner;
	}

	/** Releases in reverse order. One failing release must not keep the others. */
	close(): void {
		if (this.#closed) return;
		this.#closed = true;
		for (const undo of this.#undo.reverse()) {
			try {
				undo();
			} catch (error) {
				console.warn("[gunj] a release failed", error);
			}
		}
		this.#undo = [];
	}
}
