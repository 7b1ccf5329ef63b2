import { describe, expect, it, vi } from "vitest";
import { alertBody } from "../kernel";
import { type Bench, NOW, seen, useBench } from "./bench";

const bench = useBench();
const alerts = (b: Bench, active: unknown[], resolved: unknown[] = [], counts = {}) =>
	b.kernel.part("alerts:1", "alerts", {
		active,
		resolved,
		counts: { critical: 0, warning: 0, info: 0, pending: 0, ...counts },
	});
const rows = (root: Element) => [...root.querySelectorAll<HTMLElement>("li[data-fingerprint]")];

describe("AlertPanel", () => {
	it("puts the worst first, then the oldest", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const list = [
			alertBody("i", { severity: "info", startsMs: NOW - 9e6 }),
			alertBody("w-new", { startsMs: NOW - 1000 }),
			alertBody("x", { severity: "custom" }),
			alertBody("w-old", { startsMs: NOW - 5e6 }),
			alertBody("c", { severity: "critical" }),
		];
		bench().show([bench().status(), alerts(bench(), list, [], { critical: 1, warning: 2, info: 1 })]);
		expect(rows(view.root()).map((li) => li.dataset.fingerprint)).toEqual(["c", "w-old", "w-new", "i", "x"]);
		expect(view.root().dataset.active).toBe("5");
		expect(seen(view.root())).toContain("■ 1 critical▲ 2 warning● 1 info○ 0 pending");
		expect(seen(rows(view.root())[0] as Element)).toMatch(/^■ criticalAlert cproduction \/ lokifiring60 s/);
	});

	it("says since when all is quiet", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		expect(seen(view.root())).toContain("waiting for the first alerts");
		bench().show([
			bench().status(),
			alerts(bench(), [], [alertBody("r", { state: "resolved", endsMs: NOW - 60_000 })]),
		]);
		expect(seen(view.root())).toMatch(/no active alerts ✓ since \d\d:\d\d:\d\d/);
		expect(seen(view.root().querySelector("summary"))).toBe("resolved (1)");
	});

	it("acknowledges and silences, shows that it is asking, and the refusal", async () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([bench().status(), alerts(bench(), [alertBody("f")])]);
		const row = () => rows(view.root())[0] as HTMLElement;
		const [ack, silence] = [...row().querySelectorAll("button")] as HTMLButtonElement[];
		ack?.click();
		bench().show();
		expect(row().hasAttribute("data-pending")).toBe(true);
		expect([ack?.disabled, silence?.disabled, seen(row()).includes("asking")]).toEqual([true, true, true]);
		const [act] = bench().kernel.said("act");
		expect(act).toMatchObject({ ch: "status:1", verb: "ack", args: { fingerprint: "f" } });
		bench().show([bench().kernel.part("reply", "reply", { re: act?.id, ok: false, error: "403 Forbidden" })]);
		await vi.advanceTimersByTimeAsync(50);
		expect(seen(row())).toContain("403 Forbidden");
		ack?.click();
		bench().show([
			bench().kernel.part("reply", "reply", { re: bench().kernel.said("act")[1]?.id, ok: true, error: "" }),
		]);
		await vi.advanceTimersByTimeAsync(50);
		expect(seen(row())).not.toContain("403");
	});

	it("silences by matchers, after it showed what that would mute", async () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const list = [
			alertBody("a", { name: "LokiDown" }),
			alertBody("b", { name: "LokiSlow" }),
			alertBody("c", { name: "TempoDown", component: "tempo" }),
		];
		bench().show([bench().status(), alerts(bench(), list)]);
		const form = view.root().querySelector("form") as HTMLFormElement;
		expect(form.hidden).toBe(true);
		rows(view.root())[0]?.querySelectorAll("button")[1]?.click();
		expect(form.hidden).toBe(false);
		const [matchers, comment, author] = [...form.querySelectorAll("input")] as [
			HTMLInputElement,
			HTMLInputElement,
			HTMLInputElement,
		];
		expect(matchers.value).toBe('alertname="LokiDown", platform="production", component="loki"');
		expect(seen(form)).toContain("would mute, of those active now: LokiDown / production / loki.");
		const type = (text: string) => {
			matchers.value = text;
			matchers.dispatchEvent(new Event("input"));
		};
		type("");
		expect([
			seen(form).includes("name what to silence"),
			form.querySelector<HTMLButtonElement>("[type=submit]")?.disabled,
		]).toEqual([true, true]);
		type('alertname=~"Loki.*"');
		expect(seen(form)).toContain("Silence 2 alerts");
		(form.querySelector("select") as HTMLSelectElement).value = "14400";
		comment.value = " known <b> ";
		author.value = "mira";
		form.dispatchEvent(new Event("submit", { cancelable: true }));
		for (let i = 0; i < 2; i++) {
			const act = bench().kernel.said("act")[i];
			expect(act).toMatchObject({
				verb: "silence",
				args: { fingerprint: "ab"[i], duration: 14400, by: "mira", comment: "known <b>" },
			});
			const reply = { re: act?.id, ok: i === 0, error: i === 0 ? "" : "409 gone" };
			bench().show([bench().kernel.part("reply", "reply", reply)]);
			await vi.advanceTimersByTimeAsync(50);
		}
		expect(bench().kernel.said("act").length).toBe(2);
		expect(seen(form)).toContain("1 of 2 silenced");
		expect(seen(view.root())).toContain("409 gone");
	});

	/** The form, opened by a row's button or the filter's, in a session with an Alertmanager. */
	function standing(list: unknown[], opener = "Silence these …") {
		const view = bench().mount("alerts", { alerts: "alerts:1" }, { matchers: 'job="a"' });
		const counts = { critical: 0, warning: 0, info: 0, pending: 0 };
		const body = { active: list, resolved: [], counts, standing: "Alertmanager at 127.0.0.1:9093 <b>" };
		bench().show([bench().status(), bench().kernel.part("alerts:1", "alerts", body)]);
		const form = view.root().querySelector("form") as HTMLFormElement;
		const press = (name: string) =>
			[...view.root().querySelectorAll("button")].find((b) => b.textContent === name && !b.hidden)?.click();
		press(opener);
		const answer = async (reply: Record<string, unknown>) => {
			const act = bench().kernel.said("act").at(-1);
			bench().show([bench().kernel.part("reply", "reply", { re: act?.id, ok: true, error: "", told: [], ...reply })]);
			await vi.advanceTimersByTimeAsync(50);
			return act;
		};
		const submit = () => form.dispatchEvent(new Event("submit", { cancelable: true }));
		return { form, press, answer, submit, matchers: form.querySelector("input") as HTMLInputElement };
	}
	const theirs = (fingerprint: string, job: string, more = {}) =>
		alertBody(fingerprint, { acknowledgeable: false, labels: { job }, ...more });

	it("makes one silence that stands where there is an Alertmanager, and ends it", async () => {
		const { form, press, answer, submit } = standing([
			theirs("f", "a"),
			theirs("g", "b"),
			alertBody("o", { labels: { job: "a" } }),
		]);
		expect(seen(form)).toContain(
			"would mute, of those active now: Alert f / production / loki; and later alerts that match: one silence will stand at Alertmanager at 127.0.0.1:9093 <b>",
		);
		expect(seen(form)).toContain("Silence 1 alert and later ones");
		submit();
		submit();
		expect(seen(form)).toContain("asking …");
		const act = await answer({ told: ["s1"] });
		expect(bench().kernel.said("act").length, "asked once").toBe(1);
		expect(act).toMatchObject({ verb: "silence", args: { matchers: 'job="a"', duration: 3600, by: "", comment: "" } });
		expect(seen(form)).toMatch(/one silence stands at Alertmanager at 127.0.0.1:9093 <b> until \d{4}-/);
		expect(seen(form)).not.toContain("and later ones");
		press("End silence");
		expect(
			await answer({ ok: false, error: "Alertmanager: nothing listens on it. Check that it runs." }),
		).toMatchObject({
			verb: "expire",
			args: { silence: "s1" },
		});
		expect(seen(form)).toContain("Check that it runs.");
		press("End silence");
		await answer({});
		expect(seen(form)).toContain("ended");
		expect([seen(form).includes("End silence"), seen(form).includes("Silence 1 alert and later ones")]).toEqual([
			false,
			true,
		]);
	});

	it("may stand for later alerts alone, and tells the Alertmanager's refusal as it is", async () => {
		const { form, matchers, answer, submit } = standing([theirs("g", "b")]);
		expect(seen(form)).toContain("of those active now: none; and later alerts");
		submit();
		await answer({ ok: false, error: "Alertmanager answered 400: <i>bad</i>. Use labels that it has." });
		expect(seen(form)).toContain("Alertmanager answered 400: <i>bad</i>. Use labels that it has.");
		expect(form.querySelector(".gunj-silence-preview")?.getAttribute("data-tone")).toBe("bad");
		for (const [text, count] of [
			['component="loki"', 0],
			['job="b"', 1],
		] as const) {
			matchers.value = text;
			matchers.dispatchEvent(new Event("input"));
			expect(seen(form), "by its own labels only").toContain(`Silence ${count} alert`);
		}
		matchers.value = 'job=~"("';
		matchers.dispatchEvent(new Event("input"));
		submit();
		expect(bench().kernel.said("act").length, "not with matchers that are wrong").toBe(1);
		expect(seen(form)).not.toContain("400");
	});

	it("takes in as many alerts as there are: it is one request", () => {
		const { form, submit } = standing(Array.from({ length: 60 }, (_, i) => theirs(`f${i}`, "a")));
		expect(seen(form)).toContain("and 52 more; and later alerts");
		submit();
		expect(bench().kernel.said("act").length).toBe(1);
	});

	it("goes by all labels of an Alertmanager's alert, and silences an operator's by itself", () => {
		const one = standing([theirs("f", "a", { labels: { alertname: 'A"<b>', job: "a" } })], "Silence …");
		expect(one.matchers.value).toBe('alertname="A\\"<b>", job="a"');
		const other = standing([alertBody("o", { labels: { job: "a" } })], "Silence …");
		expect(other.matchers.value).toBe('alertname="Alert o", platform="production", component="loki"');
		expect(seen(other.form)).toContain("An alert that begins later is not muted.");
		other.submit();
		expect(bench().kernel.said("act").at(-1)).toMatchObject({ verb: "silence", args: { fingerprint: "o" } });
	});

	it("silences what the filter leaves, and offers that beside matchers only", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const list = [alertBody("a"), alertBody("b", { severity: "critical" }), alertBody("c", { component: "tempo" })];
		bench().show([bench().status(), alerts(bench(), list)]);
		const filter = view.root().querySelector("input[type=search]") as HTMLInputElement;
		const these = () =>
			[...view.root().querySelectorAll("button")].find((b) => b.textContent === "Silence these …") as HTMLButtonElement;
		const type = (text: string) => {
			filter.value = text;
			filter.dispatchEvent(new Event("input"));
			bench().show();
		};
		const offered = ["", "loki", 'component="', 'component="loki", severity!="critical"'].map((text) => {
			type(text);
			return !these().hidden;
		});
		expect(offered).toEqual([false, false, false, true]);
		these().click();
		const form = view.root().querySelector("form") as HTMLFormElement;
		expect([form.hidden, form.querySelector("input")?.value]).toEqual([false, filter.value]);
		expect(seen(form)).toContain("would mute, of those active now: Alert a / production / loki.");
		expect(rows(view.root()).map((li) => li.dataset.fingerprint)).toEqual(["a"]);
	});

	it("keeps to what the matchers take, and groups", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" }, { groupBy: "component" });
		const list = [
			alertBody("a", { severity: "critical", component: "tempo" }),
			alertBody("b", { labels: { team: "x" } }),
			alertBody("c"),
		];
		bench().show([bench().status(), alerts(bench(), list)]);
		expect([...view.root().querySelectorAll(".gunj-group")].map((g) => g.textContent)).toEqual([
			"component: tempo (1)",
			"component: loki (2)",
		]);
		const input = view.root().querySelector("input") as HTMLInputElement;
		input.value = 'severity!="critical", component=~"lo.i"';
		input.dispatchEvent(new Event("input"));
		bench().show();
		expect(rows(view.root()).map((li) => li.dataset.fingerprint)).toEqual(["b", "c"]);
		expect(seen(view.root())).toContain("2 of 3 shown");
		rows(view.root())[0]?.querySelector<HTMLButtonElement>(".gunj-alert-acts button:last-child")?.click();
		const chip = rows(view.root())[0]?.querySelector<HTMLButtonElement>(".gunj-alert-facts button");
		expect(chip?.textContent).toBe("team=x");
		chip?.click();
		bench().show();
		expect(rows(view.root()).map((li) => li.dataset.fingerprint)).toEqual(["b"]);
		input.value = 'severity=~"("';
		input.dispatchEvent(new Event("input"));
		bench().show();
		expect(seen(view.root())).toContain("a ( that is not closed");
	});

	it("is silent until asked, then sounds once for what is new and critical", () => {
		const played: number[] = [];
		class FakeAudio {
			currentTime = 0;
			destination = {};
			createGain = () => ({ gain: { value: 0 }, connect: () => ({}) });
			createOscillator = () => ({
				frequency: { value: 0 },
				connect: () => ({ connect: () => ({}) }),
				start: () => played.push(1),
				stop: () => {},
			});
			close = () => Promise.resolve();
		}
		vi.stubGlobal("AudioContext", FakeAudio);
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([bench().status(), alerts(bench(), [alertBody("a", { severity: "critical" })])]);
		expect(played.length).toBe(0);
		const button = [...view.root().querySelectorAll("button")].find((b) => b.textContent === "sound off");
		button?.click();
		expect(played.length).toBe(1);
		const two = [alertBody("a", { severity: "critical" }), alertBody("b", { severity: "critical" })];
		bench().show([alerts(bench(), two)]);
		bench().show([alerts(bench(), two)]);
		expect(played.length).toBe(2);
		const silenced = alertBody("c", { severity: "critical", silencedUntilMs: Date.now() + 60_000 });
		bench().show([alerts(bench(), [...two, silenced])]);
		expect(played.length, "what is silenced makes no sound").toBe(2);
		bench().show([alerts(bench(), [...two, { ...silenced, silencedUntilMs: null }])]);
		expect(played.length, "but where it still fires when that ends").toBe(3);
		vi.unstubAllGlobals();
	});

	it("tells a screen reader once of each alert that begins to fire, of a critical one at once", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" }, { matchers: 'component!="tempo"' });
		const region = (live: string) => view.root().querySelector(`.gunj-body > [aria-live="${live}"]`) as HTMLElement;
		const told: string[] = [];
		for (const live of ["polite", "assertive"]) {
			const el = region(live);
			vi.spyOn(el, "replaceChildren").mockImplementation((p) => void told.push(`${live}: ${(p as Node).textContent}`));
		}
		const show = (...list: unknown[]) => {
			bench().show([bench().status(), alerts(bench(), list)]);
			vi.advanceTimersByTime(3000);
			return told.splice(0);
		};
		const old = alertBody("old", { severity: "critical" });
		expect(show(old), "what fires when the panel opens is no news").toEqual([]);
		const warning = alertBody("w", { summary: "<b>disk</b>\nfull" });
		const words = "polite: warning alert: Alert w, production / loki, <b>disk</b> ⏎ full";
		expect(show(old, warning)).toEqual([words]);
		expect(show(old, warning), "once").toEqual([]);
		expect(show(old, warning, alertBody("p", { state: "pending", severity: "critical" }))).toEqual([]);
		expect(show(old, warning, alertBody("p", { severity: "critical", component: "", summary: "" }))).toEqual([
			"assertive: critical alert: Alert p, production",
		]);
		expect(show(old)).toEqual([]);
		expect(show(old, warning), "it ended and fires again").toEqual([words]);
		const apart = [alertBody("t", { component: "tempo" }), alertBody("s", { silencedUntilMs: NOW + 600_000 })];
		expect(show(old, warning, ...apart), "filtered out, or silenced").toEqual([]);
		const many = ["1", "2", "3", "4", "5"].map((n) => alertBody(n, { summary: "", component: "", platform: "" }));
		expect(show(old, ...many)).toEqual([
			"polite: warning alert: Alert 1; warning alert: Alert 2; warning alert: Alert 3; and 2 more alerts",
		]);
		vi.restoreAllMocks();
	});

	it("has its words for a screen reader in the page, as new text each time", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const region = view.root().querySelector('[role="alert"][aria-live="assertive"]') as HTMLElement;
		bench().show([bench().status(), alerts(bench(), [])]);
		const fire = () => {
			bench().show([alerts(bench(), [alertBody("c", { severity: "critical" })])]);
			return region.firstElementChild;
		};
		const first = fire();
		expect(first?.textContent).toContain("critical alert: Alert c");
		bench().show([alerts(bench(), [])]);
		expect(fire()).not.toBe(first);
	});

	it("marks what was acknowledged and silenced, and offers no second acknowledgement", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([
			bench().status(),
			alerts(bench(), [alertBody("f", { acknowledged: "mira", silencedUntilMs: NOW + 60_000 })]),
		]);
		const row = rows(view.root())[0] as HTMLElement;
		expect(row.dataset.acknowledged).toBe("true");
		expect(seen(row)).toMatch(/✓ acknowledged by mira · silenced until \d\d:\d\d/);
		expect(seen(row)).not.toContain("Acknowledge");
	});

	it("silences nothing once the session is closed", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const offered = (state: string) => {
			bench().show([bench().status({ state }), alerts(bench(), [alertBody("f")])]);
			const row = rows(view.root())[0] as HTMLElement;
			return [...row.querySelectorAll("button")].filter((b) => !b.disabled && !b.hidden).map((b) => b.textContent);
		};
		expect(offered("open")).toEqual(expect.arrayContaining(["Acknowledge", "Silence …"]));
		expect(offered("closed")).not.toContain("Silence …");
		expect(offered("closed")).not.toContain("Acknowledge");
	});

	it("leaves the list of groups alone while somebody is in it", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const show = (labels: object) => bench().show([bench().status(), alerts(bench(), [alertBody("f", { labels })])]);
		show({});
		const select = view.root().querySelector("select") as HTMLSelectElement;
		const [open, offers] = [select.firstChild, () => [...select.options].map((option) => option.value)];
		select.focus();
		show({ team: "a" });
		expect(select.firstChild).toBe(open);
		select.blur();
		show({ team: "a" });
		expect(offers()).toContain("team");
	});

	it("keeps the focus in the row that is acknowledged", async () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		bench().show([bench().status(), alerts(bench(), [alertBody("f")])]);
		const [ack, silence] = [...view.root().querySelectorAll<HTMLButtonElement>(".gunj-alert-acts button")];
		ack?.focus();
		ack?.click();
		ack?.blur(); // as a browser does with what is disabled
		bench().show();
		const re = bench().kernel.said("act").at(-1)?.id;
		bench().show([bench().kernel.part("reply", "reply", { re, ok: true, error: "", told: [] })]);
		await vi.waitFor(() => expect(document.activeElement).toBe(silence));
	});

	it("offers to acknowledge only where somebody can be told", () => {
		const view = bench().mount("alerts", { alerts: "alerts:1" });
		const offered = (acknowledgeable: boolean) => {
			bench().show([bench().status(), alerts(bench(), [alertBody("f", { acknowledgeable })])]);
			return seen(rows(view.root())[0] as HTMLElement).includes("Acknowledge");
		};
		expect([offered(true), offered(false)]).toEqual([true, false]);
	});
});
