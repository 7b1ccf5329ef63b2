/** What jsdom lacks and the widgets need. Loaded before every test file: uPlot looks at matchMedia at import. */

const nothing = () => undefined;

function inertContext(): unknown {
	const state: Record<string | symbol, unknown> = { measureText: () => ({ width: 10 }) };
	return new Proxy(state, {
		get: (target, key) => (key in target ? target[key] : nothing),
		set: (target, key, value) => {
			target[key] = value;
			return true;
		},
	});
}

/** Observers that count themselves, so that a test can see whether they were let go. */
export const observing = { now: 0 };

class Observer {
	#on = false;
	observe(): void {
		if (!this.#on) observing.now++;
		this.#on = true;
	}
	unobserve(): void {}
	disconnect(): void {
		if (this.#on) observing.now--;
		this.#on = false;
	}
	takeRecords(): [] {
		return [];
	}
}

class Path {
	moveTo = nothing;
	lineTo = nothing;
	rect = nothing;
	arc = nothing;
	closePath = nothing;
	addPath = nothing;
	bezierCurveTo = nothing;
}

class MediaQuery extends EventTarget {
	matches = false;
	addListener = nothing;
	removeListener = nothing;
}

Object.assign(globalThis, {
	matchMedia: () => new MediaQuery(),
	ResizeObserver: Observer,
	IntersectionObserver: Observer,
	Path2D: Path,
	CSS: { supports: () => true },
});
HTMLCanvasElement.prototype.getContext = inertContext as never;
