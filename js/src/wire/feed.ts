/** Follows the feed: which parts are in order, and which channels lost their place. */
import { decodeEnvelope } from "./decode";
import type { RawBuffer } from "./read";
import type { Envelope, Part } from "./types";

interface Place {
	seq: number;
	/** A hole was found: deltas are useless until the next snap. */
	lost: boolean;
}

export interface FeedSink {
	part(part: Part): void;
	/** The channel lost its place: say hello for it. Null = an envelope went missing, so any channel may have. */
	hole(ch: string | null): void;
}

export interface FeedCounts {
	envelopes: number;
	malformed: number;
	holes: number;
}

export class Feed {
	#places = new Map<string, Place>();
	#n: number | null = null;
	readonly counts: FeedCounts = { envelopes: 0, malformed: 0, holes: 0 };

	constructor(private readonly sink: FeedSink) {}

	/** Takes one custom message; returns its number, or null where it was no envelope. */
	receive(content: unknown, buffers: readonly RawBuffer[]): number | null {
		const envelope = decodeEnvelope(content, buffers);
		if (!envelope) {
			this.counts.malformed++;
			return null;
		}
		this.counts.envelopes++;
		this.counts.malformed += envelope.malformed;
		this.#follow(envelope);
		for (const part of envelope.parts) if (this.#inOrder(part)) this.sink.part(part);
		return envelope.n;
	}

	/** Forgets a channel nobody shows any more, so that its next part is not taken for a hole. */
	forget(ch: string): void {
		this.#places.delete(ch);
	}

	/** Channels that wait for a snap. */
	get lost(): string[] {
		return [...this.#places].filter(([, place]) => place.lost).map(([ch]) => ch);
	}

	#follow(envelope: Envelope): void {
		const missed = this.#n !== null && envelope.n !== this.#n + 1;
		this.#n = envelope.n;
		if (!missed) return;
		this.counts.holes++;
		this.sink.hole(null);
	}

	#inOrder(part: Part): boolean {
		const place = this.#places.get(part.ch);
		if (part.op === "snap") {
			this.#places.set(part.ch, { seq: part.seq, lost: false });
			return true;
		}
		if (place && !place.lost && part.seq === place.seq + 1) {
			place.seq = part.seq;
			return true;
		}
		if (!place?.lost) {
			this.#places.set(part.ch, { seq: part.seq, lost: true });
			this.counts.holes++;
			this.sink.hole(part.ch);
		}
		return false;
	}
}
