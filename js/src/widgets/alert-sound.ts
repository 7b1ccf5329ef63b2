/** A short tone for a critical alert that is new. Off until the user turns it on. */
import type { AlertInfo } from "../wire/types";

const TONE_HZ = 880;
const TONE_S = 0.25;

export class AlertSound {
	#audio: AudioContext | null = null;
	#known: Set<string> | null = null;

	get on(): boolean {
		return this.#audio !== null;
	}

	/** Only after a click: browsers play nothing before. False where there is no sound to be had. */
	toggle(): boolean {
		if (this.#audio) this.close();
		else if (typeof AudioContext === "function") {
			this.#audio = new AudioContext();
			this.#play();
		} else return false;
		return true;
	}

	/** On as it was in the view before; not in a page that nobody has touched, where a browser would play nothing. */
	resume(): void {
		if (typeof AudioContext === "function" && navigator.userActivation?.hasBeenActive) this.#audio = new AudioContext();
	}

	/** Sounds once for all critical alerts that were not there before. */
	hear(active: readonly AlertInfo[]): void {
		const critical = active.filter((a) => a.severity === "critical" && a.state === "firing").map((a) => a.fingerprint);
		const fresh = this.#known !== null && critical.some((fingerprint) => !this.#known?.has(fingerprint));
		this.#known = new Set(critical);
		if (fresh) this.#play();
	}

	close(): void {
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
