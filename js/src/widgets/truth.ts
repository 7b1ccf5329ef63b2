/** Whether what a widget shows is true right now, in one word and in words for people. Pure: the time is passed in. */
import { duration } from "../lib/format";
import { DEFAULT_BEAT_MS } from "../wire/bodies";
import type { StatusBody } from "../wire/types";

export type Live =
	| "live"
	| "replay"
	| "stale"
	| "polling"
	| "waiting"
	| "failed"
	| "gone"
	| "busy"
	| "connecting"
	| "paused";

export interface Truth {
	live: Live;
	/** The badge: a shape and words, since colour alone tells not everybody. */
	label: string;
	/** More, for the banner or the tooltip; may be empty. */
	detail: string;
	/** Since when what is shown is old news (browser clock); null while it is not, or where there never was any. */
	staleMs: number | null;
}

/** Beats that may go missing before the kernel counts as gone. */
export const BEATS_MISSED = 3;

export interface Watch {
	/** Browser clock. */
	nowMs: number;
	/** When the newest status arrived (browser clock); null before the first. */
	heardMs: number | null;
	/** Since when we listen: mount, or the page becoming visible. */
	sinceMs: number;
	/** Browser clock minus kernel clock. */
	skewMs: number;
	/** What the front-end says of the kernel; null where it does not tell. */
	kernel?: KernelState | null;
	/** Requests of the user that the kernel has not come to for longer than it should take. */
	waiting?: number;
}

export type KernelState = "idle" | "busy" | "gone";

export function truth(status: StatusBody | null, watch: Watch): Truth {
	const gone = kernelGone(status, watch);
	if (gone) return gone;
	if (watch.waiting) return queued(watch.waiting);
	if (!status) return { live: "connecting", label: "◌ connecting to the kernel", detail: "", staleMs: null };
	const heard = lastHeard(status);
	const staleMs = heard === null ? null : heard + watch.skewMs;
	const detail = status.reason;
	switch (status.state) {
		case "open":
			if (status.replay) return replayed(status.replay, status.server);
			if (status.silentSinceMs !== null) return silent(status.silentSinceMs, watch);
			return { live: "live", label: "● live", detail: `connected to ${status.server}`, staleMs: null };
		case "polling":
			return {
				live: "polling",
				label: "◒ polling",
				detail: detail || "nothing can be streamed: the operator is asked again and again, updates are late",
				staleMs: null,
			};
		case "waiting":
			return { live: "waiting", label: `◔ ${countdown(status, watch.nowMs - watch.skewMs)}`, detail, staleMs };
		case "failed":
			return {
				live: "failed",
				label: "■ failed",
				detail: [detail, status.remedy].filter(Boolean).join(" — "),
				staleMs,
			};
		case "closing":
		case "closed":
			return { live: "stale", label: "○ closed", detail, staleMs };
		case "idle":
			return { live: "connecting", label: "◌ not connected yet", detail, staleMs };
		case "connecting":
			return {
				live: "connecting",
				label: status.attempt > 1 ? `◌ connecting, attempt ${status.attempt}` : "◌ connecting",
				detail,
				staleMs,
			};
	}
}

/** Open, though nothing comes any more: what is shown may be old already, and the connection will soon be given up. */
function silent(sinceMs: number, { nowMs, skewMs }: Watch): Truth {
	const long = duration(nowMs - sinceMs - skewMs);
	const detail = `the connection is open, and nothing was heard for ${long}`;
	return { live: "stale", label: "▲ silent", detail, staleMs: sinceMs + skewMs };
}

function replayed({ playing, speed }: { playing: boolean; speed: number }, file: string): Truth {
	const label = playing ? `▷ REPLAY ×${speed}` : "‖ REPLAY";
	return { live: "replay", label, detail: `a recording, not live: ${file}`, staleMs: null };
}

/** Frozen by the user: said as long as the connection itself has nothing worse to say. */
export function withPause(base: Truth, paused: boolean): Truth {
	if (!paused || base.live !== "live") return base;
	return { ...base, live: "paused", label: "‖ paused", detail: "the view is frozen; data is still collected" };
}

/** `retryAtMs` as a countdown. */
export function countdown(status: Pick<StatusBody, "retryAtMs">, kernelNowMs: number): string {
	if (status.retryAtMs === null) return "reconnecting soon";
	const left = status.retryAtMs - kernelNowMs;
	return left < 500 ? "reconnecting now" : `reconnecting in ${Math.ceil(left / 1000)} s`;
}

function kernelGone(status: StatusBody | null, { nowMs, heardMs, sinceMs, kernel = null }: Watch): Truth | null {
	const listening = nowMs - Math.max(heardMs ?? sinceMs, sinceMs);
	const silent = listening > BEATS_MISSED * (status?.beatMs ?? DEFAULT_BEAT_MS);
	if (kernel !== "gone" && !silent) return null;
	const since = `no update for ${duration(nowMs - (heardMs ?? sinceMs))}`;
	if (kernel === "busy") {
		const words = `the kernel is busy with a cell — ${since}`;
		return { live: "busy", label: "◍ kernel busy", detail: words, staleMs: heardMs };
	}
	const known = kernel === "gone";
	const words = known ? "the kernel has ended or was restarted: run the cells again" : "kernel gone or busy";
	const label = `✕ ${known ? "kernel gone" : words}`;
	return { live: "gone", label, detail: `${words} — ${since}`, staleMs: heardMs };
}

/** What the user asked for waits in the kernel until the cell that runs has ended. */
function queued(waiting: number): Truth {
	const what = waiting === 1 ? "what you asked for waits" : `${waiting} requests wait`;
	return { live: "busy", label: "◍ kernel busy", detail: `${what} until the running cell ends`, staleMs: null };
}

/** When the server was last heard of, by the kernel's clock; null = never. */
function lastHeard(status: StatusBody): number | null {
	const bytes = status.transports.map((t) => t.lastByteMs ?? 0);
	return Math.max(status.heartbeatMs ?? 0, ...bytes) || null;
}
