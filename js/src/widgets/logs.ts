/** LogViewer: a live tail that stands still while it is read. */
import { copyText } from "../lib/clipboard";
import type { Crosshair } from "../lib/crosshair";
import { h, setAttr, setText, show } from "../lib/dom";
import { clock, count } from "../lib/format";
import { isMeantFor } from "../lib/keys";
import { fileName, saveBlob } from "../lib/save";
import { LogRing } from "../store/logs";
import { num, oneOf, str, texts } from "../wire/read";
import { LogDetails } from "./log-details";
import { linesText, MAX_COPY } from "./log-export";
import { LogFilter, levelOf, MODES } from "./log-filter";
import { Kept, kept } from "./log-kept";
import { HINTS, keyAction, type LogCommands } from "./log-keys";
import { LogLayout } from "./log-layout";
import { LogList, plainText, textColumns } from "./log-list";
import { parsePattern } from "./log-search";
import { LogToolbar } from "./log-toolbar";
import { button } from "./marks";
import { nextZone, RangeChip } from "./range-chip";
import type { ViewContext, Widget } from "./view";

const DEFAULT_HEIGHT_PX = 320;
/** A scroll this soon after a wheel, touch, key or a scroll upwards is the user's. */
const TOUCH_MS = 1000;
const SCROLL_KEYS = ["ArrowUp", "ArrowDown", "PageUp", "PageDown", "Home", "End", " "];
const NOTE_MS = 3000;
/** A reader who has stood still for so long is handed on. */
const SETTLED_MS = 300;
const CONTEXTS = [0, 2, 5, 10];
const MAX_MARKS = 100;

export function logsWidget(ctx: ViewContext): Widget {
	return new LogViewer(ctx);
}

class LogViewer implements Widget {
	#ring: LogRing;
	#filter: LogFilter;
	#layout: LogLayout;
	#list: LogList;
	#bar: LogToolbar;
	#details = new LogDetails();
	#more = button("▼ new lines", "Jump to the newest line (s)", "gunj-more gunj-primary");
	#empty = h("p", { class: "gunj-empty" });
	#ruler = h("span", { class: "gunj-ruler", "aria-hidden": "true" }, "0".repeat(100));
	#following = true;
	#release: (() => void) | null = null;
	#scrollTop = 0;
	#touchedMs = Number.NEGATIVE_INFINITY;
	#anchor: { id: number; offset: number } | null = null;
	#pausedId: number | null = null;
	#wrap = false;
	#timed = true;
	#current: number | null = null;
	#selected: number | null = null;
	/** When the user put down a mark, by the id of the line it follows. */
	#marks = new Map<number, number>();
	/** What the view before handed on, until its lines are here. */
	#before: Kept | null;
	#keepTimer: ReturnType<typeof setTimeout> | undefined;
	#chip: RangeChip;
	#crosshair: Crosshair;
	/** The session's stretch as last seen, and the user's own choice of times. */
	#stretch = "";
	#own: LogFilter["range"] = null;
	#note = "";
	#noteTimer: ReturnType<typeof setTimeout> | undefined;

	constructor(private readonly ctx: ViewContext) {
		this.#ring = ctx.cells.logs?.ring ?? new LogRing();
		this.#filter = new LogFilter(this.#ring);
		this.#layout = new LogLayout(this.#filter);
		this.#list = new LogList(this.#filter, this.#layout);
		this.#bar = new LogToolbar(ctx.scope, this.#actions());
		const heightPx = Math.min(4000, Math.max(80, num(ctx.options.heightPx, DEFAULT_HEIGHT_PX)));
		this.#list.el.style.setProperty("--gunj-height", `${heightPx}px`);
		const hints = h(
			"div",
			{ class: "gunj-hints gunj-muted", "aria-hidden": "true" },
			...HINTS.map((hint) => h("span", {}, hint)),
		);
		const stage = h("div", { class: "gunj-log-stage" }, this.#list.el, this.#empty, this.#more, this.#ruler);
		ctx.card.body.append(this.#bar.el, stage, this.#details.el, hints);
		this.#chip = new RangeChip(ctx, false);
		this.#crosshair = ctx.crosshair.fork();
		this.#before = new Kept(ctx.options);
		this.#begin(ctx.options);
		this.#listen();
	}

	/** Begins with what the user set by hand, in another view of this widget or in the one that it follows. */
	#begin(options: ViewContext["options"]): void {
		const filter = this.#filter;
		for (const level of texts(options.hidden)) filter.hidden.add(level);
		this.#bar.input.value = str(options.search);
		filter.pattern = parsePattern(this.#bar.input.value);
		filter.mode = oneOf(options.mode, MODES, "filter");
		filter.component = str(options.component);
		filter.context = CONTEXTS.find((lines) => lines === options.context) ?? 0;
		this.#wrap = options.wrap === true;
		this.#timed = options.timed !== false;
		const fromMs = num(options.fromMs);
		if (fromMs > 0) filter.range = this.#own = { fromMs, toMs: Number.POSITIVE_INFINITY };
		filter.reset();
	}

	#keep(): void {
		const { hidden, mode, component, context } = this.#filter;
		const search = this.#bar.input.value;
		const [wrap, timed, fromMs] = [this.#wrap, this.#timed, this.#own?.fromMs ?? 0];
		this.ctx.keep({ hidden: [...hidden], search, mode, component, context, wrap, timed, fromMs });
	}

	paint(): void {
		this.#obey();
		this.ctx.card.title(str(this.ctx.options.title) || "Logs", this.#countWords());
		if (this.#wrap) this.#layout.wrap(this.#columns());
		// What one frame cannot look at, the next ones do.
		if (this.#filter.refresh()) this.ctx.invalidate();
		else this.#resume();
		if (this.#current !== null && this.#current < this.#ring.first) this.#current = null;
		this.#layout.refresh();
		this.#list.fit();
		this.#place();
		this.#list.paint({
			zone: this.#timed ? this.ctx.zone() : null,
			matcher: this.#filter.pattern.matcher,
			current: this.#current,
			selected: this.#selected,
			marks: this.#marks,
		});
		this.#chrome();
	}

	lost(): number {
		return this.#ring.lost;
	}

	/** Shows the session's stretch of time while there is one, and what the user chose here again after it. */
	#obey(): void {
		const range = this.#chip.paint();
		const key = range?.key ?? "";
		// Lines that grow too old leave, but not while they are read.
		if (key === this.#stretch && range?.live && this.#following && this.#filter.range !== this.#own)
			this.#filter.advance(range);
		if (key === this.#stretch) return;
		this.#stretch = key;
		this.#filter.range = range ?? this.#own;
		this.#filter.reset();
	}

	/** Goes on where the view before stood, with its marks, unless the user has gone elsewhere meanwhile. */
	#resume(): void {
		const before = this.#before;
		if (!before?.ready(this.#ring) || this.#list.el.clientHeight === 0) return;
		this.#before = null;
		for (const [id, atMs] of before.marks(this.#ring)) this.#marks.set(id, atMs);
		const place = this.#following ? before.place(this.#ring) : null;
		if (!place) return;
		this.#follow(false);
		this.#pausedId = place.pausedId;
		this.#anchor = place;
	}

	/** Hands on what is read, once the reader has settled; a mark at once, for a new run of the cell may follow it. */
	#handOn(afterMs = SETTLED_MS): void {
		clearTimeout(this.#keepTimer);
		this.#keepTimer = setTimeout(() => {
			const pausedId = this.#pausedId;
			const place = this.#anchor && pausedId !== null ? { ...this.#anchor, pausedId } : null;
			this.#before = null;
			this.ctx.keep(kept(this.#ring, place, this.#marks));
		}, afterMs);
	}

	/** Keeps the newest line at the bottom, or the line being read where it was. */
	#place(): void {
		const el = this.#list.el;
		if (this.#following) el.scrollTop = el.scrollHeight;
		else if (this.#anchor) {
			const index = this.#filter.index(this.#ring.seek(this.#anchor.id));
			const top = this.#layout.top(index) + this.#anchor.offset;
			if (Math.abs(top - el.scrollTop) > 1) el.scrollTop = top;
		}
		this.#scrollTop = el.scrollTop;
		this.#remember();
	}

	#remember(): void {
		const { position, offset } = this.#list.anchor();
		const line = this.#ring.at(position);
		this.#anchor = line ? { id: line.id, offset } : null;
	}

	#scrolled(): void {
		const top = this.#list.el.scrollTop;
		const since = performance.now() - this.#touchedMs;
		this.ctx.invalidate();
		// A notebook that hides a cell for a moment throws the list back to its top: the next paint puts it right again.
		if (top === 0 && this.#scrollTop > this.#list.el.clientHeight && since > TOUCH_MS) return;
		if (top < this.#scrollTop) this.#touch();
		// Only the user scrolls up: we ourselves only ever go to the bottom, or back to the line being read.
		if (this.#following && top < this.#scrollTop - 1 && !this.#list.atBottom) this.#follow(false);
		else if (!this.#following && this.#list.atBottom && top > this.#scrollTop) this.#follow(true);
		this.#scrollTop = top;
		this.#remember();
		if (!this.#following) this.#handOn();
	}

	#touch(): void {
		this.#touchedMs = performance.now();
	}

	#follow(following: boolean): void {
		if (following === this.#following) return;
		this.#following = following;
		this.#pausedId = following ? null : (this.#ring.at(this.#ring.end - 1)?.id ?? -1);
		if (following) this.#release?.();
		this.#release = following ? null : this.#ring.hold();
		this.ctx.pause(!following);
		this.#handOn();
	}

	#chrome(): void {
		this.#details.retime(this.ctx.zone());
		const rows = this.#filter.length;
		setAttr(this.ctx.card.root, "data-rows", rows);
		setAttr(this.ctx.card.root, "data-total", this.#ring.total);
		show(this.#empty, rows === 0);
		setText(
			this.#empty,
			this.#ring.length === 0 ? this.#none() : this.#filter.done < 1 ? "searching …" : "no line passes the filters",
		);
		const fresh = this.#pausedId === null ? 0 : rows - this.#filter.index(this.#ring.seek(this.#pausedId + 1));
		show(this.#more, !this.#following);
		setText(this.#more, fresh > 0 ? `▼ ${count(fresh)} new line${fresh === 1 ? "" : "s"}` : "▼ follow");
		this.#bar.paint({
			levels: this.#levelCounts(),
			hidden: this.#filter.hidden,
			mode: this.#filter.mode,
			error: this.#filter.pattern.error,
			searching: this.#filter.pattern.matcher !== null,
			hits: this.#filter.hits,
			hit: this.#current === null ? 0 : this.#filter.hitsBefore(this.#current) + 1,
			wrap: this.#wrap,
			zone: this.ctx.zone(),
			timed: this.#timed,
			following: this.#following,
			note: this.#note,
			components: this.#ring.components,
			component: this.#filter.component,
			context: this.#filter.context,
			done: this.#filter.done,
			times: this.#own ? `since ${clock(this.#own.fromMs, this.ctx.zone())}` : "",
		});
	}

	/** Why there is no line at all: none came, or none that came is one of those asked for, or they have grown too old. */
	#none(): string {
		const { held, total } = this.#ring;
		if (held > 0) return `none of ${count(held)} line${held === 1 ? "" : "s"} matches`;
		return total > 0 ? `none of ${count(total)} lines is left: all are too old` : "no log lines yet";
	}

	#countWords(): string {
		const rows = this.#filter.length;
		const { length, total, held, filtered, notice } = this.#ring;
		const rest = notice ? ` · ${notice}` : "";
		if (rows !== length) return `${count(rows)} of ${count(length)} lines shown${rest}`;
		if (length === 0 && total > 0) return `0 of ${count(total)} lines${rest}`;
		const all = Math.max(total, length);
		const lines = `${count(all)} line${all === 1 ? "" : "s"}${rest}`;
		// Of lines of which not all are asked for, it is not the newest that are here.
		return total > length ? `${held > filtered ? "" : "newest "}${count(length)} of ${lines}` : lines;
	}

	#levelCounts(): Map<string, number> {
		const counts = new Map<string, number>();
		for (const [level, n] of this.#ring.levels) counts.set(levelOf(level), (counts.get(levelOf(level)) ?? 0) + n);
		return counts;
	}

	#columns(): number {
		const text = this.#list.el.querySelector<HTMLElement>(".gunj-log-text");
		return textColumns(this.#list.el, this.#ruler.getBoundingClientRect().width / 100, (text?.offsetLeft ?? 0) + 12);
	}

	#actions(): LogCommands {
		return {
			toggleLevel: (level: string) => {
				if (!this.#filter.hidden.delete(level)) this.#filter.hidden.add(level);
				this.#refilter();
			},
			search: (text: string) => {
				this.#filter.pattern = parsePattern(text);
				this.#current = null;
				this.#refilter();
			},
			mode: () => {
				this.#filter.mode = this.#filter.mode === "filter" ? "highlight" : "filter";
				this.#refilter();
			},
			step: (by: 1 | -1) => this.#step(by),
			wrap: () => {
				this.#wrap = !this.#wrap;
				if (!this.#wrap) this.#layout.wrap(null);
				this.#keep();
				this.ctx.invalidate();
			},
			zone: () => nextZone(this.ctx),
			clocks: () => {
				this.#timed = !this.#timed;
				this.#keep();
				this.ctx.invalidate();
			},
			follow: () => this.#follow(!this.#following),
			copy: () => void this.#copy(),
			save: () => this.#save(),
			component: (name: string) => {
				this.#filter.component = name;
				this.#refilter();
			},
			context: () => {
				this.#filter.context = CONTEXTS[(CONTEXTS.indexOf(this.#filter.context) + 1) % CONTEXTS.length] ?? 0;
				this.#refilter();
			},
			allTimes: () => this.#since(0),
			since: (ms: number) => this.#since(ms),
			focusSearch: () => {
				this.#bar.input.focus();
				this.#bar.input.select();
			},
			head: () => this.#head(),
			tail: () => this.#follow(true),
			mark: () => this.#mark(),
			clear: () => this.#clear(),
			fullScreen: () => void this.#fullScreen(),
			details: () => this.#select(this.#selected ?? this.#current ?? this.#list.anchor().position),
			move: (by: 1 | -1) => this.#move(by),
			back: () => (this.#selected === null ? this.#follow(true) : this.#select(null)),
		};
	}

	#refilter(): void {
		this.#keep();
		this.#filter.reset();
		this.ctx.invalidate();
	}

	/** Goes to the next or previous match, from the current one or from what is in sight; around the end it starts over. */
	#step(by: 1 | -1): void {
		const hits = this.#filter.hits;
		if (hits === 0) return;
		const here = this.#current ?? this.#list.anchor().position;
		const at = this.#filter.hitsBefore(here);
		const next = this.#current === null ? (by > 0 ? at : at - 1) : at + by;
		this.#current = this.#filter.hit((next + hits) % hits) ?? null;
		if (this.#current !== null) this.#reveal(this.#current);
	}

	#reveal(position: number): void {
		this.#follow(false);
		const line = this.#ring.at(position);
		if (line) this.#anchor = { id: line.id, offset: -this.#list.el.clientHeight / 3 };
		this.ctx.invalidate();
	}

	#select(position: number | null): void {
		const line = position === null ? undefined : this.#ring.at(position);
		this.#selected = line && position !== this.#selected ? position : null;
		this.#details.open(this.#selected === null ? null : (line ?? null), this.ctx.zone());
		this.ctx.invalidate();
	}

	/** Shows the last `ms` milliseconds, as counted from the newest line, and what is to come; 0 = all times. */
	#since(ms: number): void {
		const newest = this.#ring.at(this.#ring.end - 1)?.tMs ?? this.ctx.now();
		this.#own = ms > 0 ? { fromMs: newest - ms, toMs: Number.POSITIVE_INFINITY } : null;
		this.#filter.range = this.#own;
		this.#refilter();
	}

	#head(): void {
		this.#touch();
		this.#follow(false);
		const first = this.#filter.line(0);
		if (first) this.#anchor = { id: first.id, offset: 0 };
	}

	/** Puts a line with the time under the newest row, or under the selected one. */
	#mark(): void {
		const line = this.#ring.at(this.#selected ?? this.#ring.end - 1);
		if (!line) return;
		if (!this.#marks.delete(line.id)) {
			this.#marks.set(line.id, this.ctx.now());
			// Whoever reads the same shared history sees it as a note; elsewhere the kernel lets it be.
			void this.ctx.act("mark", { atMs: line.tMs, text: line.message }).catch(() => undefined);
		}
		for (const id of this.#marks.keys()) if (this.#marks.size > MAX_MARKS) this.#marks.delete(id);
		this.#handOn(0);
	}

	/** Clears the lines so far from sight, or brings them back. They stay in the kernel. */
	#clear(): void {
		const newest = this.#ring.at(this.#ring.end - 1)?.id ?? 0;
		const back = this.#filter.clearedId > 0 && this.#filter.length === 0;
		this.#filter.clearedId = back ? 0 : newest;
		this.#say(back ? "cleared lines are back" : "cleared; C again brings them back");
		this.#refilter();
	}

	async #fullScreen(): Promise<void> {
		try {
			if (document.fullscreenElement) await document.exitFullscreen();
			else await this.ctx.card.root.requestFullscreen();
		} catch {
			this.#say("this page may not fill the screen");
		}
	}

	#move(by: 1 | -1): void {
		const here = this.#selected === null ? null : this.#filter.index(this.#selected);
		const row = here === null ? this.#filter.index(this.#list.anchor().position) : here + by;
		if (row < 0 || row >= this.#filter.length) return;
		this.#follow(false);
		this.#selected = null;
		this.#select(this.#filter.position(row));
		this.#point(this.#selected);
		const [top, height, el] = [this.#layout.top(row), this.#layout.height(row), this.#list.el];
		const line = this.#filter.line(row);
		if (!line) return;
		if (top < el.scrollTop) this.#anchor = { id: line.id, offset: 0 };
		else if (top + height > el.scrollTop + el.clientHeight)
			this.#anchor = { id: line.id, offset: height - el.clientHeight };
	}

	/** Tells the other views a line's moment. */
	#point(position: number | null): void {
		this.#crosshair.point((position === null ? null : this.#ring.at(position)?.tMs) ?? null);
	}

	async #copy(): Promise<void> {
		const { text, words } = linesText(this.#filter, this.#marks, MAX_COPY);
		await this.#copied(text, words);
	}

	#save(): void {
		const { text, words } = linesText(this.#filter, this.#marks, Number.POSITIVE_INFINITY);
		const name = fileName(str(this.ctx.options.title), "logs", "log", this.ctx.now());
		saveBlob(new Blob([text, "\n"], { type: "text/plain;charset=utf-8" }), name, this.ctx.card.root);
		this.#say(`saved ${words}`);
	}

	async #copied(text: string, what: string): Promise<void> {
		const done = await copyText(text, this.ctx.card.root);
		this.#say(done ? `copied ${what}` : "this browser does not let us copy");
	}

	#say(note: string): void {
		this.#note = note;
		clearTimeout(this.#noteTimer);
		this.#noteTimer = setTimeout(() => {
			this.#note = "";
			this.ctx.invalidate();
		}, NOTE_MS);
		this.ctx.invalidate();
	}

	#listen(): void {
		const { scope } = this.ctx;
		scope.listen(this.#list.el, "scroll", () => this.#scrolled(), { passive: true });
		for (const type of ["wheel", "touchmove", "pointerdown"]) {
			scope.listen(this.#list.el, type, () => this.#touch(), { passive: true });
		}
		// The row that is pressed: it may move on before the button is let go.
		let pressed: number | null = null;
		scope.listen(this.#list.el, "click", ({ target }) => {
			// A click that ends a text selection is not a wish to see details.
			if (document.getSelection()?.isCollapsed === false) return;
			this.#select(this.#list.positionOf(target) ?? pressed);
		});
		scope.listen<MouseEvent>(this.#list.el, "mousedown", ({ button, target }) => {
			pressed = this.#list.positionOf(target);
			if (button || !this.#following || pressed === null) return;
			// Lines that move on would be selected in place of those that were.
			this.#follow(false);
			const resume = () => this.#follow(document.getSelection()?.isCollapsed !== false);
			document.addEventListener("mouseup", resume, { once: true });
		});
		scope.listen(this.#list.el, "pointerover", ({ target }) => this.#point(this.#list.positionOf(target)));
		for (const type of ["pointerleave", "blur"]) scope.listen(this.#list.el, type, () => this.#point(null));
		scope.add(this.#crosshair.listen((atMs, reachMs) => this.#list.point(atMs, reachMs)));
		scope.listen(this.#more, "click", () => this.#follow(true));
		scope.listen(this.#details.close, "click", () => this.#select(null));
		scope.listen(this.#details.copy, "click", () => {
			if (this.#details.line) void this.#copied(plainText(this.#details.line), "the line");
		});
		scope.listen<KeyboardEvent>(this.#list.el, "keydown", ({ key }) => {
			if (SCROLL_KEYS.includes(key)) this.#touch();
		});
		scope.listen<KeyboardEvent>(this.ctx.card.root, "keydown", (event) => {
			if (!isMeantFor(event.target, event.key)) this.#key(event);
		});
		scope.listen<KeyboardEvent>(this.#bar.input, "keydown", (event) => this.#searchKey(event));
		const sizes = new ResizeObserver(() => this.ctx.invalidate());
		sizes.observe(this.#list.el);
		scope.add(() => sizes.disconnect());
		scope.add(() => clearTimeout(this.#noteTimer));
		scope.add(() => clearTimeout(this.#keepTimer));
		scope.add(() => this.#release?.());
	}

	#key(event: KeyboardEvent): void {
		const act = keyAction(event, this.#actions());
		if (!act) return;
		event.preventDefault();
		event.stopPropagation();
		act();
		this.ctx.invalidate();
	}

	#searchKey(event: KeyboardEvent): void {
		if (event.key === "Enter") this.#step(event.shiftKey ? -1 : 1);
		else if (event.key === "Escape") {
			this.#bar.input.value = "";
			this.#actions().search("");
			this.#list.el.focus();
		} else return;
		event.preventDefault();
		event.stopPropagation();
	}
}
