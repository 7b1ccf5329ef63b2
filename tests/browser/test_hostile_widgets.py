"""Hostile content in every field of every record, in every widget: shown as text, nothing executes, nothing is fetched."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Locator

from tests.browser.lab import Lab, Notebook, until

HTML = (
    '<img src="http://evil.example/i" onerror="window.pwned=1"><script>window.pwned=2;alert(1)</script>'
    '<svg/onload=alert(2)><iframe src="http://evil.example/f"></iframe><style>*{display:none}</style>"\'`'
)
LINK = "[click](javascript:alert(3)) javascript:alert(3) http://evil.example/link"
TEMPLATE = "{{constructor.constructor('alert(4)')()}} ${alert(5)} <%= 7*7 %> &lt;b&gt;"
ANSI = "\x1b[31mred\x1b[0m \x1b]8;;javascript:alert(6)\x07link\x1b]8;;\x07\x1b[2J\x1b]0;title\x07"
BIDI = "user\u202egnp.exe\u2066\u200b"
EMOJI = "👩\u200d👩\u200d👧 🏴\u200d☠️ é"
NUL = "nul\x00 bell\x07 back\x08"
HOSTILE = " | ".join((HTML, LINK, TEMPLATE, ANSI, BIDI, EMOJI, NUL))
SAFE_PARTS = (HTML, LINK, TEMPLATE, "user⟨RLO⟩gnp.exe⟨LRI⟩⟨ZWSP⟩", EMOJI, "nul␀ bell␇ back␈", "red link")
"""What must be read in the browser: the same text, its invisible parts named, its terminal codes gone."""

KINDS = ("platform", "health", "logs", "alerts", "chart", "events", "operations", "timeline", "status", "commands",
         "pressure", "transport")  # fmt: skip
TABLES = 15
"""Widgets that are frozen as HTML, and records that are shown as such."""

CELL = """
import json, pathlib, time
import msgspec
import gunj_widgets as gunj
from IPython.display import display
from gunj_widgets.connection.loop import get_io
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.recording.recorder import Recorder
from gunj_widgets.widgets.pressure import PressureChannel

rt = gunj.connect("demo")
H = json.loads({hostile!r})
t = time.time()

def facts(text, n):
    "One fact of each kind with `text` in every field of it."
    stages = [{{"name": text, "status": "running", "progress": 0.4, "message": text}}]
    part = {{"component": text, "status": "degraded", "phase": text, "version": text, "replicas": 3, "readyReplicas": 1,
            "message": text, "updated": t}}
    condition = {{"type": text, "status": "False", "reason": text, "message": text, "lastTransitionTime": t}}
    yield topic("platform", "evil", "status"), {{
        "id": "evil", "name": "evil", "namespace": text, "uid": text, "phase": "Degraded", "message": text,
        "version": text, "health": "degraded", "components": {{text: part}}, "conditions": [condition],
        "endpoints": {{text: text}}, "labels": {{text: text}}, "updated": t}}
    yield topic("platform", "evil", "logs", text[:80]), {{
        "timestamp": t + n, "level": text, "component": text, "message": text, "metadata": {{text: text}}}}
    yield topic("platform", "evil", "events"), {{
        "type": text, "reason": text, "message": text, "component": text, "count": 7, "firstTimestamp": t,
        "lastTimestamp": t + n}}
    yield topic("platform", "evil", "operation", "op%d" % n, "progress"), {{
        "id": "op%d" % n, "type": text, "platform": "evil", "status": "running", "progress": 0.4, "stages": stages,
        "message": text, "error": text, "startedAt": t, "completedAt": None}}
    for severity in ("critical", text):
        yield topic("alert", severity[:20] + str(n), "firing"), {{
            "fingerprint": severity[:200] + str(n), "status": "firing", "name": text, "severity": severity,
            "platform": text, "component": text, "labels": {{"evil": text, text[:500]: text}},
            "annotations": {{"summary": text, "description": text}}, "startsAt": t, "acknowledgedBy": text}}
    yield topic("platform", "evil", "metrics", text[:80]), {{
        "metric": text[:80], "unit": text[-200:],
        "samples": [{{"labels": {{text[:200]: text[:500]}}, "time": t - 60 + i, "value": i}} for i in range(60)]}}

def deliver(text, n):
    for kind, payload in facts(text, n):
        frame = json.dumps({{"type": kind, "payload": payload, "id": kind + str(n), "timestamp": t}})
        get_io().call(rt._memory.take, codec.decode(frame, arrived=t, source="test"))

deliver("A" * 120_000 + H, 2)
deliver(H, 1)  # the platform shows what was said last
get_io().call(rt._memory.take, codec.decode(json.dumps({{"type": topic("platform", "evil", "logs", "long"), "id": "long",
    "payload": {{"timestamp": t + 3, "level": "info", "component": "long", "message": "L" * 1_000_000 + H}}}}),
    arrived=t, source="test"))

get_io().call(rt.store.reset, None, H[:200], (t - 30, t - 20))
for text in (H, "A" * 2_000):
    rt.note(text, author=text[:200], platform=text[:200])

# What a server says of itself and of a failure, and what a recording says.
def hostile_status(said, **other):
    parts = tuple(msgspec.structs.replace(one, name=H, reason=H, remedy=H) for one in said.transports)
    return msgspec.structs.replace(said, server=H, reason=H, remedy=H, transports=parts, **other)

real = rt.status
rt.status = lambda: hostile_status(real())
arguments = [{{"name": H, "title": H, "help": H, "type": kind, "choices": [H, "other"], "default": default}}
             for kind, default in (("text", H), ("choice", H), ("choices", [H]), ("boolean", True), (H, None))]
rt.commands = lambda *_, **__: [{{"name": H, "title": H, "description": H, "destroys": True, "arguments": arguments}}]
snap = PressureChannel.snap
PressureChannel.snap = lambda *args: {{**snap(*args), "reason": H, "policy": H, "counts": {{H: 1}}}}
path = pathlib.Path("hostile.gunj")
path.unlink(missing_ok=True)
recorder = Recorder(path, source=H)
recorder.take([Event(topic=kind, data=payload, time=t + i, arrived=t + i) for i, (kind, payload) in enumerate(facts(H, 3))])
recorder.stop()
past = gunj.replay(path)
past.player.seek(t + 60)
then = past.status
past.status = lambda: hostile_status(then(), state="failed")
time.sleep(0.5)
every = [gunj.PlatformCard(rt, "evil"), gunj.LogViewer(rt, "evil"), gunj.AlertPanel(rt),
         gunj.MetricChart(rt, "evil", title=H), gunj.EventFeed(rt, "evil"), gunj.OperationProgress(rt, "evil"),
         gunj.ComponentHealth(rt, "evil"), gunj.MetricChart(rt, "evil", facet=H[:200]), gunj.IncidentTimeline(rt),
         gunj.ConnectionStatus(rt), gunj.CommandPanel(rt, "evil"), gunj.BackpressureMonitor(rt), gunj.ReplayBar(past)]
for widget in every:
    display(widget)
display(gunj.Dashboard([[gunj.EventFeed(rt, title=H), gunj.AlertPanel(rt, title=H)]]))
display(rt.metrics("evil").to_bqplot(title=H))
for book in (rt.store.operations, rt.store.alerts, rt.store.events):
    display([one for one in book if "evil.example" in one._repr_html_()][0])
for widget in every:
    if not isinstance(widget, gunj.CommandPanel):
        widget.freeze()
print("shown", rt.store.stats())
"""

BAD = """() => [...document.querySelectorAll(
        '.gunj, .gunj *, .bqplot *, .jp-OutputArea-output[data-mime-type="text/html"] *')].filter(e =>
    ['SCRIPT', 'IFRAME', 'IMG', 'OBJECT', 'EMBED', 'LINK', 'STYLE', 'A', 'BASE', 'META'].includes(e.tagName.toUpperCase())
    || [...e.attributes].some(a => /^on/i.test(a.name) || /^(href|src|srcdoc|action|formaction)$/i.test(a.name))
).map(e => e.outerHTML.slice(0, 200))"""
RAW = """() => {
    const acts = /[\\x00\\x07\\x08\\x1b\\u202e\\u2066]/;
    const names = ['title', 'aria-label', 'placeholder'];
    return [...document.querySelectorAll('.gunj, .gunj *')].filter(e =>
        [...e.childNodes].some(n => n.nodeType === Node.TEXT_NODE && acts.test(n.data))
        || names.some(n => acts.test(e.getAttribute(n) ?? ''))
    ).map(e => e.closest('.gunj').dataset.kind + ' ' + e.tagName + ' ' + e.className);
}"""


@pytest.fixture
def hostile(open_notebook: Callable[..., Notebook], lab: Lab) -> Notebook:
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "hostile",
        "metadata": {},
        "outputs": [],
        "source": CELL.format(hostile=json.dumps(HOSTILE)),
    }
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    book = {"cells": [cell], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (lab.root / "hostile.ipynb").write_text(json.dumps(book))
    return open_notebook("hostile.ipynb")


def with_titles(place: Locator) -> str:
    """What is read there, and the whole names behind those that are cut to what tells them apart."""
    script = "el => [el.textContent, ...[...el.querySelectorAll('[title]')].map((e) => e.title)].join(' ')"
    return str(place.evaluate(script))


def test_hostile_content_is_text_in_every_widget(hostile: Notebook, shoot: Callable[..., Any]) -> None:
    notebook, page = hostile, hostile.page
    dialogs: list[str] = []
    requests: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: requests.append(request.url))
    notebook.run_all()
    for kind in KINDS:
        page.wait_for_selector(f".gunj[data-kind={kind}]", timeout=30_000, state="attached")
    until(lambda: notebook.number("logs", "rows") >= 3, 60, f"three lines; the cell said {notebook.cell_errors()}")
    until(lambda: page.locator(".gunj[data-kind=alerts] [data-fingerprint]").count() >= 3, 20, "the alerts")
    until(lambda: notebook.number("chart", "points") > 50, 20, "the chart's points")
    until(lambda: page.locator(".gunj[data-kind=platform] [data-component]").count(), 20, "the component")
    notebook.show("logs")
    page.locator(".gunj[data-kind=logs] .gunj-log-row").first.click()
    page.locator(".gunj[data-kind=alerts] .gunj-alert-acts button:last-child").first.click()
    silence = page.locator(".gunj[data-kind=alerts] [data-fingerprint] button", has_text="Silence").first
    silence.click()
    page.locator(".gunj[data-kind=platform] button", has_text="Show logs").click()

    chart = page.locator(".gunj[data-kind=chart]").first
    chart.locator("button", has_text="⋯").click()
    chart.locator("button", has_text="Table").click()
    chart.locator("canvas").first.scroll_into_view_if_needed()
    tip = chart.locator(".gunj-tip")

    def pointed() -> bool:
        box = chart.locator(".u-over").first.bounding_box()
        page.mouse.move(box["x"] + box["width"] - 3, box["y"] + box["height"] / 2)
        page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2, steps=3)
        return bool(tip.is_visible())

    until(pointed, 10, "the tooltip", every=0.3)
    page.locator(".gunj[data-kind=commands] button", has_text="Dry run").click()

    here = {kind: (notebook.widget(kind).text_content() or "") for kind in KINDS}
    here |= {"table": with_titles(chart.locator(".gunj-samples")), "tooltip": with_titles(tip)}
    for place, text in here.items():
        for part in SAFE_PARTS:
            assert part in text, f"{part!r} is not in {place}: {text[-2000:]!r}"
    assert "more characters not shown" in here["logs"]
    assert here["timeline"].count("✎") >= 2
    assert f"nothing heard of {HTML[:200]}" in here["timeline"]
    assert here["commands"].count(HTML) > 8, "a name, a description, titles and choices"
    for words in (".gunj-reason", ".gunj-remedy", ".gunj-sub", ".gunj-transports td", ".gunj-transports th"):
        told = "".join(page.locator(f".gunj[data-kind=status] {words}").all_text_contents())
        assert HTML in told, words
    assert HTML in page.locator(".gunj[data-kind=transport] .gunj-banner").text_content()
    for kind in ("events", "alerts"):
        assert HTML in page.locator(f".gunj[data-kind={kind}] .gunj-title").last.text_content()
    figure = page.locator(".bqplot").first
    figure.scroll_into_view_if_needed()
    until(lambda: HTML in (figure.text_content() or ""), 15, "the figure's title")
    tables = page.locator(".jp-OutputArea-output[data-mime-type='text/html']")
    assert tables.count() == TABLES
    frozen = "".join(tables.all_text_contents())
    records = tables.filter(has_text="field").all_text_contents()
    assert len([text for text in records if HTML in text]) == 3
    for part in (HTML, LINK, TEMPLATE):
        assert frozen.count(part) >= 8, part

    bad = page.evaluate(BAD)
    assert bad == []
    raw = page.evaluate(RAW)
    assert raw == [], f"{raw} codes that act instead of being read"
    assert page.evaluate("() => window.pwned") is None
    assert dialogs == []
    assert [url for url in requests if "evil.example" in url] == []
    for kind in ("logs", "alerts"):
        notebook.show(kind)
        shoot(notebook, f"hostile-page-{kind}")
    assert notebook.cell_errors() == []
