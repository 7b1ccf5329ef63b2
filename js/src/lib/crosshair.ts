/** The moment that is pointed at in one chart, shown in all charts of its session on this page. Nothing of it reaches the kernel. */

type Listener = (atMs: number | null) => void;

const groups = new Map<string, Set<Listener>>();

/** One view's end of it: what it points at goes to the others, and not back to itself. */
export class Crosshair {
	#hear: Listener | null = null;

	constructor(private readonly session: string) {}

	/** Calls `hear` with what the others point at, null when they stop; returns the undo. */
	listen(hear: Listener): () => void {
		const group = groups.get(this.session) ?? new Set();
		groups.set(this.session, group.add(hear));
		this.#hear = hear;
		return () => {
			group.delete(hear);
			if (group.size === 0 && groups.get(this.session) === group) groups.delete(this.session);
			this.#hear = null;
		};
	}

	/** An end of its own for another plot of the same view. */
	fork(): Crosshair {
		return new Crosshair(this.session);
	}

	point(atMs: number | null): void {
		for (const listener of groups.get(this.session) ?? []) if (listener !== this.#hear) listener(atMs);
	}
}
