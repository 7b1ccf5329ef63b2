"""The alert panel's tone in real Chromium: what reaches the speakers, and that nothing does unasked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Browser

from tests.browser.lab import Lab, Notebook, until

EAR = """(() => {
    window.heard = {contexts: [], tones: []};
    const connect = AudioNode.prototype.connect;
    window.AudioContext = class extends AudioContext {
        constructor(...options) {
            super(...options);
            window.heard.contexts.push(this);
            console.log(`audio begins ${this.state}`);
        }
    };
    AudioNode.prototype.connect = function (target, ...rest) {
        if (target instanceof AudioDestinationNode) {
            const ear = this.context.createAnalyser(), samples = new Float32Array(ear.fftSize);
            const tone = {peak: 0};
            window.heard.tones.push(tone);
            connect.call(this, ear);
            const listen = setInterval(() => {
                ear.getFloatTimeDomainData(samples);
                tone.peak = Math.max(tone.peak, ...samples.map(Math.abs));
            }, 10);
            setTimeout(() => clearInterval(listen), 2000);
        }
        return connect.call(this, target, ...rest);
    };
})();"""
STAGE = """import time
import gunj_widgets as gunj
from gunj_widgets.events.event import Event
rt = gunj.connect('demo').wait_ready()
def fire(name, severity, status='firing'):
    data = {'fingerprint': name, 'name': name, 'status': status, 'severity': severity, 'startsAt': time.time()}
    rt._io.call(lambda: rt._memory.take([Event(topic=f'alert.{name}.{status}', data=data, arrived=time.time())]))
"""


def tones(notebook: Notebook) -> list[float]:
    """The loudest sample of each tone so far; 1 is as loud as can be."""
    peaks: list[float] = notebook.page.evaluate("() => window.heard.tones.map(tone => tone.peak)")
    return peaks


def states(notebook: Notebook) -> list[str]:
    found: list[str] = notebook.page.evaluate("() => window.heard.contexts.map(context => context.state)")
    return found


def test_it_sounds_for_a_new_critical_alert_only_where_it_is_switched_on(
    open_notebook: Callable[..., Notebook], lab: Lab
) -> None:
    notebook = open_notebook(lab.write("alert-sound", STAGE, "panel = gunj.AlertPanel(rt)\npanel"))
    notebook.page.add_init_script(EAR)
    notebook.open()
    notebook.run_all()
    notebook.wait_idle(90)
    panel = notebook.widget("alerts")
    sound = panel.locator("button", has_text="sound")

    def fire(name: str, severity: str, status: str = "firing") -> None:
        notebook.execute(f"fire({name!r}, {severity!r}, {status!r})")
        if status == "firing":
            until(panel.locator(f"[data-fingerprint={name}]").count, 20, f"{name} is shown")
        notebook.page.wait_for_timeout(500)

    def loud(count: int) -> Any:
        return len(tones(notebook)) == count and min(tones(notebook)) > 0.05

    until(sound.count, 30, "the panel")
    fire("unasked", "critical")
    assert (states(notebook), tones(notebook)) == ([], [])

    sound.click()
    until(lambda: loud(1), 5, "a tone that says how it sounds")
    assert states(notebook) == ["running"]
    fire("minor", "warning")
    fire("unasked", "critical")
    assert len(tones(notebook)) == 1
    fire("first", "critical")
    until(lambda: loud(2), 5, "a tone for a new critical alert")
    fire("first", "critical", "resolved")
    assert len(tones(notebook)) == 2
    assert max(tones(notebook)) < 0.2, "not louder than it is meant to be"

    sound.click()
    fire("second", "critical")
    assert states(notebook) == ["closed"]
    assert len(tones(notebook)) == 2


def muted_page(notebook: Notebook, browser: Browser, lab: Lab) -> Notebook:
    """Run the notebook, switch the sound on, and show it in a page that nobody has clicked."""
    notebook.run_all()
    notebook.wait_idle(90)
    notebook.widget("alerts").locator("button", has_text="sound").click()
    until(lambda: "True" in notebook.execute("print(panel._by_hand['sound'])"), 10, "the kernel knows it")
    notebook.page.keyboard.press("Control+s")
    notebook.page.wait_for_timeout(1_000)
    fresh = Notebook(browser.new_page(viewport={"width": 1400, "height": 1000}), lab, notebook.name)
    fresh.page.add_init_script(EAR)
    # Whatever is evaluated in a page counts as a gesture, so nothing is before it has begun.
    with fresh.page.expect_console_message(lambda said: "audio begins" in said.text, timeout=60_000) as begun:
        fresh.page.goto(f"{lab.url}/lab/tree/{notebook.name}", wait_until="commit")
    assert begun.value.text == "audio begins suspended"
    sound = fresh.widget("alerts").locator("button", has_text="sound")
    until(lambda: "click once" in sound.inner_text(), 10, "it says that it may not sound yet")
    assert (states(fresh), tones(fresh)) == (["suspended"], [])
    return fresh


def test_a_page_that_nobody_has_clicked_says_so_and_sounds_after_a_click(
    open_notebook: Callable[..., Notebook], browser: Browser, lab: Lab
) -> None:
    notebook = open_notebook(lab.write("alert-sound-again", STAGE, "panel = gunj.AlertPanel(rt)\npanel"))
    fresh = muted_page(notebook, browser, lab)
    sound = fresh.widget("alerts").locator("button", has_text="sound")
    fresh.page.locator(".jp-Notebook").first.click(position={"x": 5, "y": 5})
    until(lambda: sound.inner_text() == "sound on", 5, "it may")
    assert states(fresh) == ["running"]
    assert tones(fresh) == [], "what fired before is not news"
    notebook.execute("fire('third', 'critical')")
    until(lambda: len(tones(fresh)) == 1 and tones(fresh)[0] > 0.05, 20, "a tone")
    sound.press("Space")
    until(lambda: states(fresh) == ["closed"], 5, "it is off")
    assert fresh.errors == []
    fresh.page.close()


def test_the_button_wakes_what_the_browser_holds_back(
    open_notebook: Callable[..., Notebook], browser: Browser, lab: Lab
) -> None:
    notebook = open_notebook(lab.write("alert-sound-woken", STAGE, "panel = gunj.AlertPanel(rt)\npanel"))
    fresh = muted_page(notebook, browser, lab)
    sound = fresh.widget("alerts").locator("button", has_text="sound")
    sound.press("Space")
    until(lambda: len(tones(fresh)) == 1 and tones(fresh)[0] > 0.05, 5, "a tone, as from a click that switches it on")
    assert states(fresh) == ["running"]
    until(lambda: sound.inner_text() == "sound on", 5, "the button says so")
    fresh.page.close()
