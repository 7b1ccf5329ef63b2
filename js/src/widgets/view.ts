/** One shown widget: its card, its cells, its place in the painter's queue; all of it released when it closes. */

import { Crosshair } from "../lib/crosshair";
import { h } from "../lib/dom";
import { moment } from "../lib/format";
import { keepKeys } from "../lib/keys";
import type { Paintable } from "../lib/painter";
import { Scope } from "../lib/scope";
import { hostTheme, type Theme, watchTheme } from "../lib/theme";
import type { Cells } from "../store/cell";
import { randomId } from "../wire/ids";
import { type Bag, isBag, type RawBuffer } from "../wire/read";
import type { Kind, LeafTraits, Model, Role, Verb } from "../wire/types";
import { Card } from "./card";
import { kernelState } from "./kernel-state";
import { Scrub } from "./scrub";
import { truth, withPause } from "./truth";

/** What a view needs of the hub. */
export interface Services {
	acquire<R extends Role>(ch: string, role: R): Cells[R];
	release(ch: string): void;
	mark(view: Paintable): void;
	forget(view: Paintable): void;
	act(ch: string, verb: Verb, args: Record<string, unknown>): Promise<string[]>;
	/** What the page's frames lately cost, in milliseconds. */
	paintMs(): number;
	/** Requests that the kernel has left unanswered for longer than it should take. */
	waiting(): number;
	/** When the page last became visible (browser clock): before it nothing could be heard. */
	visibleSinceMs(): number;
}

/** What a widget gets to work with. */
export interface ViewContext {
	readonly card: Card;
	readonly scope: Scope;
	/** What the cell asked for, and over it what the user set by hand. */
	readonly options: Record<string, unknown>;
	readonly cells: Partial<Cells>;
	/** Asks for a paint in the next frame. */
	invalidate(): void;
	/** The kernel's clock, as epoch milliseconds. */
	now(): number;
	theme(): Theme;
	/** Whose clock times are written in. */
	zone(): string;
	/** A time on that clock, with the day where that is not today's. */
	when(tMs: number, millis?: boolean): string;
	/** What a frame of the page lately cost, in milliseconds: who draws much draws less often when it is high. */
	paintMs(): number;
	/** Says whether the user froze the view. */
	pause(paused: boolean): void;
	act(verb: Verb, args?: Record<string, unknown>): Promise<string[]>;
	/** Tells this widget's own object in the kernel; there is no answer. False where it cannot be reached. */
	tell(content: Record<string, unknown>): boolean;
	/** Keeps what the user sets by hand: a view that opens later, or takes this one's place, has it among its options. */
	keep(settings: Record<string, unknown>): void;
	/** Whether the kernel waits for a picture. A state, not a message: it may ask before there is a view. */
	pictureAsked(): boolean;
	readonly crosshair: Crosshair;
}

export interface Widget {
	/** Draws the current state. At most once per animation frame, and at least once a second. */
	paint(): void;
	/** The theme changed: whatever holds colours reads them anew. */
	recolour?(): void;
	/** What this widget's own channel lost on the way. */
	lost?(): number;
	/** Takes what its own object in the kernel sends to all views of it. */
	hear?(content: Bag, buffers: readonly RawBuffer[]): void;
}

export type WidgetFactory = (ctx: ViewContext) => Widget;

const HEAD_EVERY_MS = 250;

export class View implements Paintable {
	readonly id = randomId();
	readonly channels: string[];
	#scope = new Scope();
	#card: Card;
	#cells: Partial<Cells> = {};
	#widget: Widget;
	#paused = false;
	#status: string;
	#mountedMs = Date.now();
	/** The way about in a recording, under every view of one; the bar is one itself. */
	#strip: Scrub | null = null;
	#told = { asOf: "", atMs: 0 };
	/** When the kernel's end of the model went, or came back: until something is heard again there is none. */
	#cutMs = 0;

	constructor(
		private readonly services: Services,
		private readonly model: Model<LeafTraits>,
		private readonly kind: Kind,
		factory: WidgetFactory,
	) {
		this.#card = new Card(kind);
		const roles = model.get("_channels") ?? {};
		this.channels = Object.values(roles);
		this.#status = roles.status ?? "";
		for (const [role, ch] of Object.entries(roles) as [Role, string][]) this.#acquire(role, ch);
		this.#widget = factory({
			card: this.#card,
			scope: this.#scope,
			options: { ...model.get("_options"), ...model.get("_by_hand") },
			cells: this.#cells,
			invalidate: () => this.invalidate(),
			now: () => this.#kernelNow(),
			theme: () => hostTheme(),
			zone: () => this.#zone(),
			when: (tMs, millis) => moment(tMs, this.#kernelNow(), this.#zone(), millis),
			paintMs: () => services.paintMs(),
			pause: (paused) => {
				this.#paused = paused;
				this.invalidate();
			},
			act: (verb, args) => this.#act(verb, args),
			tell: (content) => done(() => model.send(content)),
			keep: (settings) => keep(model, settings),
			pictureAsked: () => model.get("_picture_asked") === true,
			crosshair: new Crosshair(this.#status),
		});
		this.#on("msg:custom", (content: unknown, buffers: readonly RawBuffer[]) => {
			if (isBag(content)) this.#widget.hear?.(content, buffers ?? []);
		});
		this.#on("change:_picture_asked", () => this.invalidate());
		this.#on("comm_live_update", () => {
			this.#cutMs = Date.now();
			this.invalidate();
		});
		keepKeys(this.#scope, this.#card.root);
		watchTheme(this.#scope, (theme) => {
			this.#card.theme(theme);
			this.#widget.recolour?.();
			this.invalidate();
		});
		this.#scope.add(() => services.forget(this));
		this.#scope.add(() => this.#card.root.remove());
	}

	get root(): HTMLElement {
		return this.#card.root;
	}

	/** Hears what becomes of the model, for as long as the view is open. */
	#on(name: string, handler: (...args: never[]) => void): void {
		this.model.on(name, handler);
		this.#scope.add(() => this.model.off(name, handler));
	}

	invalidate(): void {
		if (!this.#scope.closed) this.services.mark(this);
	}

	paint(): void {
		this.#head();
		this.#wind();
		this.#widget.paint();
	}

	/** What the card says, as often as people read: charts are painted with each frame. */
	#head(): void {
		const status = this.#cells.status;
		const cut = this.#cutMs >= (status?.arrivedMs ?? 1);
		const asOf = `${status?.version} ${cut} ${this.#paused} ${this.services.waiting()}`;
		if (asOf === this.#told.asOf && performance.now() - this.#told.atMs < HEAD_EVERY_MS) return;
		this.#told = { asOf, atMs: performance.now() };
		const now = truth(status?.value ?? null, {
			nowMs: Date.now(),
			heardMs: status?.arrivedMs ?? null,
			sinceMs: Math.max(this.#mountedMs, this.services.visibleSinceMs()),
			skewMs: status?.skewMs ?? 0,
			kernel: cut ? "gone" : kernelState(this.model),
			waiting: this.services.waiting(),
		});
		const upstream = status?.value?.counts.dropped ?? 0;
		const own = this.#widget.lost?.() ?? 0;
		const merged = status?.value?.counts.conflated ?? 0;
		const detail = `${upstream} dropped by the session, ${own} not sent to this view because the browser was slow; ${merged} updates conflated: a newer one took their place`;
		this.#card.update(
			withPause(now, this.#paused),
			status?.value?.demo ?? false,
			{ dropped: upstream + own, detail },
			this.#zone(),
		);
	}

	close(): void {
		this.#scope.close();
	}

	#wind(): void {
		const replay = this.#cells.status?.value?.replay;
		if (!replay || this.kind === "transport") return;
		if (!this.#strip) {
			const act = (args: Record<string, unknown>) => void this.#act("replay", args).catch(() => undefined);
			const strip = new Scrub(this.#scope, act, () => this.invalidate());
			this.#card.foot(h("div", { class: "gunj-strip" }, strip.play, strip.lane, strip.place));
			this.#strip = strip;
		}
		this.#strip.paint(replay, this.#kernelNow(), this.#zone());
	}

	#act(verb: Verb, args: Record<string, unknown> = {}): Promise<string[]> {
		return this.services.act(this.#status, verb, args);
	}

	#acquire<R extends Role>(role: R, ch: string): void {
		const cell = this.services.acquire(ch, role);
		(this.#cells as Record<string, unknown>)[role] = cell;
		this.#scope.add(() => this.services.release(ch));
		this.#scope.add(cell.listen(() => this.invalidate()));
	}

	#zone(): string {
		return this.#cells.status?.value?.range.zone ?? "local";
	}

	#kernelNow(): number {
		return this.#cells.status?.kernelNow(Date.now()) ?? Date.now();
	}
}

function keep(model: Model<LeafTraits>, settings: Record<string, unknown>): void {
	model.set("_by_hand", { ...model.get("_by_hand"), ...settings });
	// In a saved notebook without a kernel nobody else needs to know.
	done(() => model.save_changes());
}

/** Whether it could be done: without a kernel nothing can be sent. */
function done(deed: () => void): boolean {
	try {
		deed();
		return true;
	} catch {
		return false;
	}
}
