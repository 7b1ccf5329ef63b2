/** What every widget carries: it finds the shared hub and mounts there. Small, because it travels with each widget. */
import type { ControlExports, HubExports, LeafTraits, Model } from "./wire/types";

interface Host {
	getWidget?<T>(ref: string): Promise<{ exports: T }>;
}

interface RenderProps {
	model: Model<LeafTraits>;
	el: HTMLElement;
	signal?: AbortSignal;
	host?: Host;
}

interface HubModule {
	default: { initialize(props: { model: Model<LeafTraits>; signal: AbortSignal }): HubExports };
}

const TRIES = 3;
const WAIT_MS = 700;
const BUNDLE_MS = 15_000;

/** The hub's bundle by way of this leaf's own comm, once per page: for hosts that cannot hand out another widget's exports. */
function bundle(model: Model<LeafTraits>): Promise<HubModule> {
	const home = globalThis as { __gunj?: { bundle?: Promise<HubModule> } };
	home.__gunj ??= {};
	const shared = home.__gunj;
	shared.bundle ??= new Promise<string>((resolve, reject) => {
		const timer = setTimeout(() => done(null), BUNDLE_MS);
		const hear = (message: { op?: string; source?: string }) => {
			if (message?.op === "bundle" && message.source) done(message.source);
		};
		const done = (source: string | null) => {
			clearTimeout(timer);
			model.off("msg:custom", hear);
			if (source) resolve(source);
			else reject(Error("the kernel did not send it"));
		};
		model.on("msg:custom", hear);
		model.send({ op: "bundle" });
	})
		.then((source) => {
			const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
			return import(/* @vite-ignore */ url).finally(() => URL.revokeObjectURL(url)) as Promise<HubModule>;
		})
		.catch((error) => {
			shared.bundle = undefined as never;
			throw error;
		});
	return shared.bundle;
}

/** The hub may still be on its way when a page is reloaded, so it is asked for more than once. */
async function get<T>(host: Host, ref: string): Promise<T> {
	for (let left = TRIES; ; left--) {
		try {
			return (await (host.getWidget as NonNullable<Host["getWidget"]>)<T>(ref)).exports;
		} catch (error) {
			if (left <= 1) throw error;
			await new Promise((resume) => setTimeout(resume, WAIT_MS));
		}
	}
}

export default {
	async render({ model, el, signal: given, host }: RenderProps): Promise<() => void> {
		// Hosts before anywidget 0.11 pass no signal, but call what render returns.
		const own = new AbortController();
		const signal = given ?? own.signal;
		el.textContent = "gunj: connecting to the kernel …";
		try {
			let mount: HubExports["mount"];
			let send: ControlExports["send"] = (message) => model.send(message);
			if (host?.getWidget) {
				const [hub, control] = await Promise.all([
					get<HubExports>(host, model.get("_hub")),
					get<ControlExports>(host, model.get("_control")),
				]);
				[mount, send] = [hub.mount, control.send];
			} else mount = (await bundle(model)).default.initialize({ model, signal }).mount;
			el.textContent = "";
			if (!signal.aborted) mount({ model, el, signal, send });
		} catch (error) {
			el.textContent = `gunj: this widget could not start (${(error as Error).message}). Run its cell again; if that does not help, restart the kernel.`;
		}
		return () => own.abort();
	},
};
