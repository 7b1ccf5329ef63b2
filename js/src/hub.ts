/** The Hub: one per kernel and page. Takes the feed, keeps what is shown, paints it, and tells the kernel how that goes. */
import { FpsMeter, type Paintable, Painter } from "./lib/painter";
import { Scope } from "./lib/scope";
import { adoptStyles } from "./lib/theme";
import { PART_OF, Parts } from "./parts";
import { Channels } from "./store/cell";
import { statusWidget } from "./widgets/status";
import { STYLES } from "./widgets/styles";
import { type Services, View, type WidgetFactory } from "./widgets/view";
import { ControlClient, KEEPALIVE_MS } from "./wire/client";
import { Feed } from "./wire/feed";
import { pageId } from "./wire/ids";
import { type RawBuffer, str } from "./wire/read";
import type { HubExports, Kind, LeafTraits, Model, MountProps, Part, Verb } from "./wire/types";

/** The widgets of this bundle; the others come as parts. */
const WIDGETS: Partial<Record<Kind, WidgetFactory>> = {
	status: statusWidget,
};

/** Ages and countdowns move once a second. */
const TICK_MS = 1000;
/** Says hello again where nothing at all was heard for this long: a page the kernel forgot would stay silent for ever. */
const SILENCE_MS = 7500;
/** Holes come in bursts; one hello a second repairs them all. */
const HELLO_EVERY_MS = 1000;
const MAX_PAINT_MS = 60_000;

export class Hub implements Services {
	#views = new Set<View>();
	#channels = new Channels((ch) => this.#feed.forget(ch));
	#feed = new Feed({ part: (part) => this.#deliver(part), hole: (ch) => this.#repair(ch) });
	#painter = new Painter((paintMs, idle) => this.#painted(paintMs, idle));
	#fps = new FpsMeter();
	#client: ControlClient;
	/** Runs while something is mounted; an idle hub holds no timer and no listener on the page. */
	#running: Scope | null = null;
	#received = 0;
	#paintMs: number | null = null;
	#heardMs = 0;
	#visibleSinceMs = Date.now();
	#wanted = new Set<string>();
	#parts = new Parts(
		(name) => this.#client.code(name),
		() => {
			for (const again of [...this.#awaiting]) again();
		},
	);
	/** Views that wait for the code of their kind. */
	#awaiting = new Set<() => void>();
	#helloTimer: ReturnType<typeof setTimeout> | undefined;

	constructor(model: Model, signal?: AbortSignal) {
		this.#client = new ControlClient(pageId(), () => ({
			fps: this.#fps.fps,
			paintMs: this.#paintMs,
			hidden: document.hidden,
			views: this.#views.size,
		}));
		const hear = (content: unknown, buffers: readonly RawBuffer[]) => this.#hear(content, buffers ?? []);
		model.on("msg:custom", hear);
		new Scope(signal).add(() => {
			model.off("msg:custom", hear);
			for (const view of this.#views) this.#unmount(view);
		});
	}

	/** Shows a leaf in `el` until `signal` aborts; a change of its channels or options shows it anew. */
	mount({ model, el, signal, send }: MountProps): void {
		const scope = new Scope(signal);
		if (scope.closed) return;
		this.#client.use(send);
		this.#run();
		adoptStyles(el, STYLES, "hub");
		let view = this.#open(model, el);
		const again = () => {
			// The new one first: channels both show keep their data.
			const old = view;
			view = this.#open(model, el);
			this.#unmount(old);
		};
		const name = PART_OF[model.get("_kind")];
		if (name && !this.#parts.get(name)) {
			const arrived = () => {
				if (this.#parts.get(name)) this.#awaiting.delete(arrived);
				again();
			};
			this.#awaiting.add(arrived);
			scope.add(() => this.#awaiting.delete(arrived));
			this.#parts.want(name);
		}
		for (const name of ["change:_channels", "change:_options"]) {
			model.on(name, again);
			scope.add(() => model.off(name, again));
		}
		scope.add(() => this.#unmount(view));
	}

	acquire: Services["acquire"] = (ch, role) => this.#channels.acquire(ch, role);
	release = (ch: string): void => this.#channels.release(ch);
	mark = (view: Paintable): void => this.#painter.mark(view);
	forget = (view: Paintable): void => this.#painter.forget(view);
	act = (ch: string, verb: Verb, args: Record<string, unknown>): Promise<string[]> => this.#client.act(ch, verb, args);
	waiting = (): number => this.#client.waiting;
	paintMs = (): number => this.#paintMs ?? 0;
	visibleSinceMs = (): number => this.#visibleSinceMs;

	#open(model: Model<LeafTraits>, el: HTMLElement): View {
		const kind = model.get("_kind");
		const view = new View(this, model, kind, this.#factory(kind));
		this.#views.add(view);
		el.append(view.root);
		const part = this.#parts.get(PART_OF[kind]);
		if (part) adoptStyles(el, part.styles, PART_OF[kind] as string);
		view.invalidate();
		this.#heardMs = Math.max(this.#heardMs, Date.now() - SILENCE_MS / 2);
		this.#client.hello(view.id, view.channels);
		// A hello counts as a look; a page nobody sees says so at once.
		if (document.hidden) this.#client.credit();
		return view;
	}

	#factory(kind: Kind): WidgetFactory {
		const factory = WIDGETS[kind] ?? this.#parts.get(PART_OF[kind])?.widgets[kind];
		if (factory) return factory;
		return PART_OF[kind] ? loadingWidget(() => this.#parts.problem(PART_OF[kind])) : unknownWidget;
	}

	#unmount(view: View): void {
		if (!this.#views.delete(view)) return;
		view.close();
		this.#client.bye(view.id);
		if (this.#views.size === 0) this.#running?.close();
	}

	#run(): void {
		if (this.#running) return;
		const scope = new Scope();
		this.#running = scope;
		this.#visibleSinceMs = Date.now();
		scope.every(TICK_MS, () => {
			if (!document.hidden) for (const view of this.#views) view.invalidate();
		});
		scope.every(KEEPALIVE_MS, () => this.#keepalive());
		scope.listen(document, "visibilitychange", () => this.#visibility());
		scope.add(() => {
			clearTimeout(this.#helloTimer);
			this.#helloTimer = undefined;
			this.#fps.stop();
			this.#painter.stop();
			this.#parts.close();
			this.#client.close();
			this.#running = null;
		});
	}

	#hear(content: unknown, buffers: readonly RawBuffer[]): void {
		if (!this.#running) return;
		const n = this.#feed.receive(content, buffers);
		this.#ask();
		if (n === null) return;
		this.#heardMs = Date.now();
		this.#received = n;
		if (document.hidden) {
			// Nobody sees it, so taking it in is all there is to do.
			this.#client.painted(n);
			return;
		}
		this.#fps.pulse();
		if (this.#painter.idle) this.#client.painted(n);
	}

	#deliver(part: Part): void {
		if (part.kind === "status") this.#client.creditMs = part.body.creditMs;
		if (part.kind === "reply") this.#client.reply(part.body);
		else if (part.kind === "code") void this.#parts.take(part.body);
		else this.#channels.deliver(part);
	}

	#painted(paintMs: number, idle: boolean): void {
		this.#paintMs = Math.min(MAX_PAINT_MS, Math.round(paintMs * 10) / 10);
		if (idle && this.#received > 0) this.#client.painted(this.#received);
	}

	#keepalive(): void {
		// A page that nobody sees has said so, and is silent: each word makes a notebook draw how busy its kernel is.
		if (document.hidden) return;
		this.#client.keepalive();
		for (const ch of this.#feed.lost) this.#repair(ch);
		this.#ask();
		if (Date.now() - this.#heardMs > SILENCE_MS) {
			this.#heardMs = Date.now();
			this.#helloAll();
		}
	}

	#visibility(): void {
		if (document.hidden) {
			this.#client.credit();
			return;
		}
		this.#visibleSinceMs = Date.now();
		this.#helloAll();
		for (const view of this.#views) view.invalidate();
		this.#painter.wake();
		this.#client.credit();
	}

	#helloAll(): void {
		for (const view of this.#views) this.#client.hello(view.id, view.channels);
	}

	/** A channel (null: any of them) needs a snap. */
	#repair(ch: string | null): void {
		const all = [...this.#views].flatMap((view) => view.channels);
		for (const lost of ch === null ? all : [ch]) if (all.includes(lost)) this.#wanted.add(lost);
	}

	/** Asks for the snaps that are wanted: everything one envelope showed to be missing at once, then nothing for a second. */
	#ask(): void {
		if (this.#wanted.size === 0 || this.#helloTimer) return;
		for (const view of this.#views) {
			const channels = view.channels.filter((ch) => this.#wanted.delete(ch));
			if (channels.length) this.#client.hello(view.id, channels);
		}
		this.#wanted.clear();
		this.#helloTimer = setTimeout(() => {
			this.#helloTimer = undefined;
			this.#ask();
		}, HELLO_EVERY_MS);
	}
}

/** Stands for a widget whose part is still on its way. */
const loadingWidget =
	(problem: () => string): WidgetFactory =>
	(ctx) => ({
		paint() {
			ctx.card.title(str(ctx.options.title) || "Loading");
			const failed = problem();
			ctx.card.body.textContent = failed
				? `This widget's code could not be loaded (${failed}): reload the page.`
				: "loading this widget …";
		},
	});

const unknownWidget: WidgetFactory = (ctx) => ({
	paint() {
		ctx.card.title("Unknown widget");
		ctx.card.body.textContent = "This kind of widget is newer than the browser code: reload the page.";
	},
});

export default {
	initialize({ model, signal }: { model: Model; signal?: AbortSignal }): HubExports {
		const hub = new Hub(model, signal);
		return { mount: (props) => hub.mount(props) };
	},
};
