/** Reads values of an unknown shape. What is missing or of another type becomes the default; nothing here throws on foreign data. */

export type Bag = Record<string, unknown>;

export function isBag(value: unknown): value is Bag {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function bag(value: unknown): Bag {
	return isBag(value) ? value : {};
}

export function str(value: unknown, fallback = ""): string {
	return typeof value === "string" ? value : fallback;
}

export function num(value: unknown, fallback = 0): number {
	return typeof value === "number" && Number.isFinite(value) ? value : fallback;
}

export function numOrNull(value: unknown): number | null {
	return typeof value === "number" && Number.isFinite(value) ? value : null;
}

export function oneOf<T extends string>(value: unknown, allowed: readonly T[], fallback: T): T {
	return allowed.find((word) => word === value) ?? fallback;
}

/** The items that are objects, read by `item`; at most `max`. */
export function list<T>(value: unknown, item: (bag: Bag) => T, max: number): T[] {
	if (!Array.isArray(value)) return [];
	return value.slice(0, max).filter(isBag).map(item);
}

/** The items that are strings. */
export function texts(value: unknown): string[] {
	return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

/** A record of strings; other values are written as JSON. */
export function strings(value: unknown): Record<string, string> {
	const out: Record<string, string> = {};
	for (const [key, v] of Object.entries(bag(value))) out[key] = typeof v === "string" ? v : String(JSON.stringify(v));
	return out;
}

export function numbers(value: unknown): Record<string, number> {
	const out: Record<string, number> = {};
	for (const [key, v] of Object.entries(bag(value))) if (typeof v === "number" && Number.isFinite(v)) out[key] = v;
	return out;
}

export type RawBuffer = ArrayBuffer | ArrayBufferView;

/** Copies a buffer: a view into a larger message need not be aligned for a typed array. */
export function bytes(buffer: RawBuffer | undefined): ArrayBuffer | null {
	if (buffer instanceof ArrayBuffer) return buffer.slice(0);
	if (!ArrayBuffer.isView(buffer)) return null;
	const copy = new ArrayBuffer(buffer.byteLength);
	new Uint8Array(copy).set(new Uint8Array(buffer.buffer, buffer.byteOffset, buffer.byteLength));
	return copy;
}
