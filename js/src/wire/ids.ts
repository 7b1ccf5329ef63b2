/** Random ids. `crypto.randomUUID` is missing on plain-http origins, where notebooks often live. */
export function randomId(): string {
	const words = crypto.getRandomValues(new Uint32Array(3));
	return Array.from(words, (word) => word.toString(36).padStart(7, "0")).join("");
}

interface PageGlobals {
	page?: string;
	bundle?: Promise<unknown>;
}

/** What all our bundles on one page share. */
export function pageGlobals(): PageGlobals {
	const home = globalThis as typeof globalThis & { __gunj?: PageGlobals };
	home.__gunj ??= {};
	return home.__gunj;
}

/** One id per page load, whatever the number of kernels and bundles. */
export function pageId(): string {
	const shared = pageGlobals();
	shared.page ??= randomId();
	return shared.page;
}
