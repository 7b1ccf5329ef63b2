/** A page with one hub for the widget tests: mounts, emits, advances frames. */
import { afterEach, beforeEach, vi } from "vitest";
import "../all-parts";
import hubModule from "../../src/hub";
import type { HubExports, Kind, Role } from "../../src/wire/types";
import { FakeKernel, type RawPart, statusBody } from "../kernel";

export const NOW = 1_700_000_000_000;

export class Bench {
	kernel = new FakeKernel();
	hub: HubExports = hubModule.initialize({ model: this.kernel.model });
	#open: { close(): void }[] = [];

	mount(kind: Kind, channels: Partial<Record<Role, string>>, options: Record<string, unknown> = {}, kept = {}) {
		const view = this.kernel.mount(this.hub, kind, { status: "status:1", ...channels }, options, kept);
		this.#open.push(view);
		this.show();
		return view;
	}

	status(changes: Record<string, unknown> = {}): RawPart {
		return this.kernel.part("status:1", "status", statusBody(changes));
	}

	/** Sends parts and lets them be painted. */
	show(parts: RawPart[] = [], buffers: ArrayBufferView[] = []): void {
		if (parts.length) this.kernel.emit(parts, buffers);
		vi.advanceTimersByTime(40);
	}

	close(): void {
		for (const view of this.#open) view.close();
		document.body.replaceChildren();
	}
}

/** A fresh bench for each test, on a clock of its own. */
export function useBench(): () => Bench {
	let bench: Bench;
	beforeEach(() => {
		vi.useFakeTimers({ now: NOW });
		bench = new Bench();
	});
	afterEach(() => {
		bench.close();
		vi.useRealTimers();
	});
	return () => bench;
}

/** The visible text of an element, hidden parts left out. */
export function seen(el: Element | null): string {
	if (!el) return "";
	const copy = el.cloneNode(true) as Element;
	for (const hidden of copy.querySelectorAll("[hidden], .gunj-sr")) hidden.remove();
	return (copy.textContent ?? "").replace(/\s+/g, " ").trim();
}
