/** A short tone for a critical alert that is new. Off until the user turns it on. */
import type { AlertInfo } from "../wire/types";

const TONE_HZ = 880;
const TONE_S = 0.25;
/** After these a browser lets sound what it did not before; it does not begin by itself. Keyup: a button is clicked after it. */
const GESTURES = ["click", "keyup"] as const;

export class AlertSound {
	#audio: AudioContext | null = null;
	#known: Set<string> | null = null;
	readonly #wake = () => void this.#audio?.resume();

	/** `changed`: the browser lets it sound, or no longer. */
	constructor(private readonly changed: () => void = () => undefined) {}

	get on(): boolean {
		return this.#audio !== null;
	}

	/** On, but the browser lets nothing sound, as on a page that nobody has clicked yet. */
	get muted(): boolean {
		return this.#audio?.state === "suspended";
	}

	/** Is on from the beginning, without a tone. False where there is no sound to be had. */
	start(): boolean {
		if (typeof AudioContext !== "function") return false;
		this.#audio = new AudioContext();
		this.#audio.onstatechange = this.changed;
		for (const gesture of GESTURES) document.addEventListener(gesture, this.#wake, true);
		return true;
	}

	/** Only after a click: browsers play nothing before. False where there is no sound to be had. */
	toggle(): boolean {
		if (this.on && !this.muted) {
			this.close();
			return true;
		}
		if (this.muted) this.#wake();
		else if (!this.start()) return false;
		this.#play();
		return true;
	}

	/** Sounds once for all critical alerts that were not there before; what would have while it was muted stays unheard. */
	hear(active: readonly AlertInfo[]): void {
		const critical = active.filter((a) => a.severity === "critical" && a.state === "firing").map((a) => a.fingerprint);
		const fresh = this.#known !== null && critical.some((fingerprint) => !this.#known?.has(fingerprint));
		this.#known = new Set(critical);
		if (fresh && !this.muted) this.#play();
	}

	close(): void {
		for (const gesture of GESTURES) document.removeEventListener(gesture, this.#wake, true);
		void this.#audio?.close();
		this.#audio = null;
	}

	#play(): void {
		if (!this.#audio) return;
		const [tone, volume] = [this.#audio.createOscillator(), this.#audio.createGain()];
		tone.frequency.value = TONE_HZ;
		volume.gain.value = 0.1;
		tone.connect(volume).connect(this.#audio.destination);
		tone.start();
		tone.stop(this.#audio.currentTime + TONE_S);
	}
}
