/** One custom message → one Envelope. A part that is not understood is counted, and costs only itself. */
import * as bodies from "./bodies";
import { type Bag, isBag, num, type RawBuffer } from "./read";
import type { Envelope, Part } from "./types";

export const VERSION = 1;

const BODY_OF: {
	[K in Part["kind"]]: (b: Bag, buffers: readonly RawBuffer[]) => Extract<Part, { kind: K }>["body"] | null;
} = {
	status: bodies.status,
	platform: bodies.platform,
	metrics: bodies.metrics,
	logs: bodies.logs,
	alerts: bodies.alerts,
	events: bodies.events,
	operations: bodies.operations,
	pressure: bodies.pressure,
	timeline: bodies.timeline,
	reply: bodies.reply,
	code: bodies.code,
};

/** Returns null for what is no envelope of our version. */
export function decodeEnvelope(content: unknown, buffers: readonly RawBuffer[] = []): Envelope | null {
	if (!isBag(content) || content.v !== VERSION || typeof content.n !== "number" || !Array.isArray(content.parts))
		return null;
	const parts: Part[] = [];
	let malformed = 0;
	for (const raw of content.parts) {
		const part = decodePart(raw, buffers);
		if (part) parts.push(part);
		else malformed++;
	}
	return { n: content.n, sentMs: num(content.sentMs), parts, malformed };
}

function decodePart(raw: unknown, buffers: readonly RawBuffer[]): Part | null {
	if (!isBag(raw) || typeof raw.ch !== "string" || typeof raw.seq !== "number" || !isBag(raw.body)) return null;
	if (typeof raw.kind !== "string" || !Object.hasOwn(BODY_OF, raw.kind)) return null;
	if (raw.op !== "snap" && raw.op !== "delta") return null;
	const kind = raw.kind as Part["kind"];
	const body = BODY_OF[kind](raw.body, buffers);
	return body ? ({ ch: raw.ch, kind, op: raw.op, seq: raw.seq, body } as Part) : null;
}
