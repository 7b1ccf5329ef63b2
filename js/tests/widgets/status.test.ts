import { describe, expect, it, vi } from "vitest";
import { NOW, seen, useBench } from "./bench";

const bench = useBench();

describe("ConnectionStatus", () => {
	it("waits, then shows server, state, ages and every count that matters", () => {
		const view = bench().mount("status", {});
		expect(seen(view.root())).toContain("waiting for the first word from the kernel");
		const transports = [
			{ name: "websocket", state: "open", silent: false, reason: "", lastByteMs: NOW - 5000, retryAtMs: null },
			{ name: "sse logs", state: "waiting", silent: false, reason: "502", lastByteMs: null, retryAtMs: NOW + 4000 },
		];
		bench().show([
			bench().status({
				transports,
				latencyMs: 3.4,
				heartbeatMs: NOW - 3000,
				counts: { received: 12_345, gap: 2, reset: 1, oddity: 0, lines_held: 7 },
			}),
		]);
		const text = seen(view.root());
		for (const part of [
			"gunj.example.com:443",
			"● open",
			"3.4 ms",
			"3 s ago",
			"received12,345",
			"gap2",
			"reset1",
			"dropped0",
		]) {
			expect(text).toContain(part);
		}
		expect(text).not.toContain("oddity");
		expect(seen(view.root().querySelector("details"))).toBe("more (1)lines held7");
		const rows = [...view.root().querySelectorAll("tbody tr")].map(seen);
		expect(rows[0]).toBe("websocket● open5 s ago");
		expect(rows[1]).toMatch(/^sse logs◔ waitingneverin [34] s$/);
	});

	it("does not call open what says nothing any more, in words that do not contradict the badge", () => {
		const view = bench().mount("status", {});
		const quiet = {
			name: "WebSocket",
			state: "open",
			silent: true,
			reason: "",
			lastByteMs: NOW - 15_000,
			retryAtMs: null,
		};
		const heard = { ...quiet, name: "SSE logs", silent: false, lastByteMs: NOW - 1000 };
		bench().show([bench().status({ live: false, silentSinceMs: NOW - 15_000, transports: [quiet, heard] })]);
		expect(seen(view.root().querySelector(".gunj-state"))).toBe("▲ open, but silent");
		expect(view.root().querySelector(".gunj-state")?.getAttribute("data-tone")).toBe("warn");
		expect(seen(view.root())).toContain("open, but silentfor 15 s, since ");
		const rows = [...view.root().querySelectorAll("tbody tr")].map(seen);
		expect(rows).toEqual(["WebSocket▲ silent15 s ago", "SSE logs● open1 s ago"]);
	});

	it("offers to reconnect only where that helps, and tells how it went", async () => {
		const view = bench().mount("status", {});
		const button = () => view.root().querySelector<HTMLButtonElement>(".gunj-reconnect button") as HTMLButtonElement;
		bench().show([bench().status()]);
		expect(button().parentElement?.hidden).toBe(true);
		bench().show([
			bench().status({ state: "waiting", live: false, reason: "connection refused", retryAtMs: NOW + 60_000 }),
		]);
		expect(button().parentElement?.hidden).toBe(false);
		expect(seen(view.root())).toContain("connection refused");
		button().click();
		bench().show();
		expect([button().disabled, button().textContent]).toEqual([true, "Reconnecting …"]);
		const [act] = bench().kernel.said("act");
		expect(act).toMatchObject({ verb: "reconnect", args: {} });
		bench().show([bench().kernel.part("reply", "reply", { re: act?.id, ok: false, error: "already dialling" })]);
		await vi.advanceTimersByTimeAsync(50);
		expect(button().disabled).toBe(false);
		expect(seen(view.root())).toContain("already dialling");
	});
});
