/** The keys of the log viewer, as k9s taught them, and the bar that names them. */
import type { ToolbarActions } from "./log-toolbar";

/** Everything a key can do. */
export interface LogCommands extends ToolbarActions {
	since(ms: number): void;
	focusSearch(): void;
	head(): void;
	tail(): void;
	mark(): void;
	clear(): void;
	fullScreen(): void;
	details(): void;
	move(by: 1 | -1): void;
	back(): void;
}

export const HINTS = [
	"/ search",
	"n N match",
	"x context",
	"s follow",
	"0 tail 1 head",
	"2–6 1m 5m 15m 30m 1h",
	"w wrap",
	"t zone T time",
	"j k line",
	"Enter details",
	"m mark",
	"c copy",
	"^S save",
	"C clear",
	"f full screen",
	"Esc back",
];

const MINUTE_MS = 60_000;

const KEYS: Record<string, (c: LogCommands) => void> = {
	"/": (c) => c.focusSearch(),
	n: (c) => c.step(1),
	N: (c) => c.step(-1),
	x: (c) => c.context(),
	s: (c) => c.follow(),
	w: (c) => c.wrap(),
	t: (c) => c.zone(),
	T: (c) => c.clocks(),
	c: (c) => c.copy(),
	C: (c) => c.clear(),
	m: (c) => c.mark(),
	f: (c) => c.fullScreen(),
	g: (c) => c.head(),
	G: (c) => c.tail(),
	j: (c) => c.move(1),
	k: (c) => c.move(-1),
	Enter: (c) => c.details(),
	Escape: (c) => c.back(),
	"0": (c) => {
		c.allTimes();
		c.tail();
	},
	"1": (c) => c.head(),
	"2": (c) => c.since(MINUTE_MS),
	"3": (c) => c.since(5 * MINUTE_MS),
	"4": (c) => c.since(15 * MINUTE_MS),
	"5": (c) => c.since(30 * MINUTE_MS),
	"6": (c) => c.since(60 * MINUTE_MS),
};

/** What a key does in the list, or null where it is not ours. */
export function keyAction(event: KeyboardEvent, commands: LogCommands): (() => void) | null {
	if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "s")
		return () => commands.save();
	if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(KEYS, event.key)) return null;
	return () => KEYS[event.key]?.(commands);
}
