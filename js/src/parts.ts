/** Parts of the browser code that are fetched when the first widget that needs one is shown. */

import type { WidgetFactory } from "./widgets/view";
import type { CodeBody, Kind } from "./wire/types";

/** What a part's module exports. */
export interface PartModule {
	widgets: Partial<Record<Kind, WidgetFactory>>;
	styles: string;
}

/** Which part a kind of widget lives in; a kind that is not here is in the hub's own bundle. */
export const PART_OF: Partial<Record<Kind, string>> = {
	chart: "chart",
	platform: "platform",
	health: "platform",
	logs: "logs",
	alerts: "alerts",
	events: "activity",
	operations: "activity",
	pressure: "activity",
	timeline: "activity",
	commands: "activity",
	transport: "activity",
};

/** Envelopes may get lost, so a part is asked for again until it is here. */
const ASK_EVERY_MS = 3000;

type Importer = (source: string) => Promise<PartModule>;

const loaded = new Map<string, PartModule>();

/** Makes a part known to this bundle. */
export function register(name: string, part: PartModule): void {
	loaded.set(name, part);
}

export class Parts {
	#waiting = new Map<string, ReturnType<typeof setInterval>>();
	#problems = new Map<string, string>();

	/** `ask` sends for a part's code; `arrived` is told when a part is here, or could not be used. */
	constructor(
		private readonly ask: (name: string) => void,
		private readonly arrived: (name: string) => void,
		private readonly load: Importer = importSource,
	) {}

	/** A part, where it is here. */
	get(name = ""): PartModule | undefined {
		return loaded.get(name);
	}

	/** Why a part cannot be used; "" while nothing speaks against it. */
	problem(name = ""): string {
		return this.#problems.get(name) ?? "";
	}

	/** Sends for a part, unless it is here or on its way. */
	want(name: string): void {
		if (loaded.has(name) || this.#waiting.has(name)) return;
		this.#waiting.set(
			name,
			setInterval(() => this.ask(name), ASK_EVERY_MS),
		);
		this.ask(name);
	}

	/** Takes a part's code. One that is here, or that nobody asked for, is left alone. */
	async take({ name, source }: CodeBody): Promise<void> {
		if (!this.#waiting.has(name)) return;
		this.#stop(name);
		try {
			register(name, await this.load(source));
			this.#problems.delete(name);
		} catch (error) {
			this.#problems.set(name, (error as Error).message);
		}
		this.arrived(name);
	}

	/** Stops asking. */
	close(): void {
		for (const name of [...this.#waiting.keys()]) this.#stop(name);
	}

	#stop(name: string): void {
		clearInterval(this.#waiting.get(name));
		this.#waiting.delete(name);
	}
}

async function importSource(source: string): Promise<PartModule> {
	const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
	try {
		const module = (await import(/* @vite-ignore */ url)) as { default: PartModule };
		return module.default;
	} finally {
		URL.revokeObjectURL(url);
	}
}
