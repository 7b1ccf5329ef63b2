/** The moment that is pointed at in one view, shown in all views of its session on this page. Nothing of it reaches the kernel. */

/** `reachMs` is how near to it something is still meant: a few pixels, where it is pointed at on an axis. */
type Listener = (atMs: number | null, reachMs: number) => void;

/** How near a moment is that a row tells. */
const ROW_REACH_MS = 1000;

const groups = new Map<string, Set<Listener>>();

/** One view's end of it: what it points at goes to the others, and not back to itself. */
export class Crosshair {
	#hear: Listener | null = null;
	#pointing = false;

	constructor(private readonly session: string) {}

	/** Calls `hear` with what the others point at, null when they stop; returns the undo. */
	listen(hear: Listener): () => void {
		const group = groups.get(this.session) ?? new Set();
		groups.set(this.session, group.add(hear));
		this.#hear = hear;
		return () => {
			this.point(null);
			group.delete(hear);
			if (group.size === 0 && groups.get(this.session) === group) groups.delete(this.session);
			this.#hear = null;
		};
	}

	/** An end of its own for another plot or list of the same view. */
	fork(): Crosshair {
		return new Crosshair(this.session);
	}

	/** Points at a moment; null = no longer, which only who pointed can say. */
	point(atMs: number | null, reachMs = ROW_REACH_MS): void {
		if (atMs === null && !this.#pointing) return;
		this.#pointing = atMs !== null;
		for (const listener of groups.get(this.session) ?? []) if (listener !== this.#hear) listener(atMs, reachMs);
	}
}
