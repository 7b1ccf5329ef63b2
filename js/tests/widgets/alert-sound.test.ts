import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { AlertSound } from "../../src/widgets/alert-sound";
import type { AlertInfo } from "../../src/wire/types";

/** As Chromium has it: suspended on a page without a gesture, and running only once somebody says resume after one. */
class FakeAudio {
	static begins = "running";
	static made: FakeAudio[] = [];
	state = FakeAudio.begins;
	currentTime = 0;
	destination = {};
	tones = 0;
	onstatechange: (() => void) | null = null;
	createGain = () => ({ gain: { value: 0 }, connect: () => ({}) });
	createOscillator = () => ({
		frequency: { value: 0 },
		connect: () => ({ connect: () => ({}) }),
		start: () => {
			this.tones++;
		},
		stop: () => {},
	});
	constructor() {
		FakeAudio.made.push(this);
	}
	resume = () => {
		if (this.state !== "suspended") return;
		this.state = "running";
		this.onstatechange?.();
	};
	close = () => {
		this.state = "closed";
		return Promise.resolve();
	};
}

const critical = (...names: string[]) =>
	names.map((fingerprint) => ({ fingerprint, severity: "critical", state: "firing" }) as AlertInfo);

describe("AlertSound", () => {
	beforeEach(() => {
		FakeAudio.made = [];
		vi.stubGlobal("AudioContext", FakeAudio);
	});
	afterEach(() => {
		vi.unstubAllGlobals();
		FakeAudio.begins = "running";
	});

	it("makes no sound, and nothing that could, until it is switched on; and none after it is off", () => {
		const sound = new AlertSound();
		sound.hear([]);
		sound.hear(critical("a"));
		expect([sound.on, FakeAudio.made.length]).toEqual([false, 0]);
		expect(sound.toggle()).toBe(true);
		const [audio] = FakeAudio.made;
		expect([sound.on, audio?.tones]).toEqual([true, 1]);
		sound.hear(critical("a", "b"));
		sound.hear(critical("a", "b"));
		expect(audio?.tones).toBe(2);
		expect(sound.toggle()).toBe(true);
		sound.hear(critical("a", "b", "c"));
		expect([sound.on, audio?.state, audio?.tones]).toEqual([false, "closed", 2]);
	});

	it("wakes with the first gesture on a page that nobody had clicked, and plays nothing late", () => {
		FakeAudio.begins = "suspended";
		const told = vi.fn();
		const sound = new AlertSound(told);
		sound.start();
		sound.hear([]);
		sound.hear(critical("a"));
		const [audio] = FakeAudio.made;
		expect([sound.muted, audio?.tones]).toEqual([true, 0]);
		document.body.click();
		expect([sound.muted, told.mock.calls.length, audio?.tones]).toEqual([false, 1, 0]);
		sound.hear(critical("a", "b"));
		expect(audio?.tones).toBe(1);
		sound.close();
	});

	it("is woken, not switched off, by its own button", () => {
		FakeAudio.begins = "suspended";
		const sound = new AlertSound();
		sound.start();
		sound.toggle();
		expect([sound.on, sound.muted, FakeAudio.made[0]?.tones]).toEqual([true, false, 1]);
		sound.close();
	});

	it("leaves no listener behind", () => {
		const added = vi.spyOn(document, "addEventListener");
		const removed = vi.spyOn(document, "removeEventListener");
		const sound = new AlertSound();
		sound.toggle();
		sound.toggle();
		expect(removed.mock.calls).toEqual(added.mock.calls);
		expect(added.mock.calls.length).toBe(2);
		vi.restoreAllMocks();
	});

	it("says so where there is no sound to be had", () => {
		vi.stubGlobal("AudioContext", undefined);
		const sound = new AlertSound();
		expect([sound.toggle(), sound.on]).toEqual([false, false]);
	});
});
