/** What became of a button press on an alert, until the alert itself says so. */
import type { AlertInfo, Verb } from "../wire/types";
import type { ViewContext } from "./view";

export interface Deed {
	pending: boolean;
	error: string;
}

export class Deeds {
	#deeds = new Map<string, Deed>();

	constructor(private readonly ctx: ViewContext) {}

	of(alert: AlertInfo): Deed | undefined {
		return this.#deeds.get(alert.fingerprint);
	}

	/** Asks the kernel; false where it refused, and then the alert says why. */
	async act(verb: Verb, alert: AlertInfo, args: Record<string, unknown>): Promise<boolean> {
		this.#deeds.set(alert.fingerprint, { pending: true, error: "" });
		this.ctx.invalidate();
		try {
			await this.ctx.act(verb, { fingerprint: alert.fingerprint, ...args });
			this.#deeds.delete(alert.fingerprint);
			return true;
		} catch (problem) {
			this.#deeds.set(alert.fingerprint, { pending: false, error: (problem as Error).message });
			return false;
		} finally {
			this.ctx.invalidate();
		}
	}

	/** Forgets what is about alerts that are gone. */
	keep(active: readonly AlertInfo[]): void {
		const alive = new Set(active.map((a) => a.fingerprint));
		for (const fingerprint of this.#deeds.keys()) if (!alive.has(fingerprint)) this.#deeds.delete(fingerprint);
	}
}
