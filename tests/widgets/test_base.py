"""Widgets without a front-end: what they hold, what they say of themselves, and what closing them releases."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import SettingsError
from gunj_widgets.widgets import base, chart
from gunj_widgets.widgets.dashboard import KINDS
from tests.session.conftest import Rig, until


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    yield made
    made.session.shut()


def held(rig: Rig) -> dict[str, int]:
    """Channels of this session, and how many widgets hold each."""
    feed = base.room(rig.session).feed
    get_io().run(_nothing()).result(5)
    mark = f":{rig.session.number}"
    return {name: channel.holders for name, channel in feed._channels.items() if mark in f"{name}:"}


async def _nothing() -> None:
    """Runs after whatever was called on gunj-io before."""


def test_a_widget_holds_its_channels_and_lets_go_when_closed(rig: Rig) -> None:
    card = gunj.PlatformCard(rig.session, "production")
    assert set(card._channels) == {"status", "platform", "metrics", "logs"}
    assert set(held(rig)) == set(card._channels.values())
    again = gunj.PlatformCard(rig.session, "production")
    assert set(held(rig).values()) == {2}
    card.close()
    card.close()
    assert set(held(rig).values()) == {1}
    again.close()
    assert held(rig) == {}


def test_open_and_close_a_hundred_times_leaves_nothing(rig: Rig) -> None:
    for _ in range(100):
        gunj.AlertPanel(rig.session).close()
    assert held(rig) == {}
    assert until(lambda: not rig.session._listeners)


def test_unknown_keywords_are_refused_by_name(rig: Rig) -> None:
    with pytest.raises(TypeError, match="MetricChart does not know colour"):
        gunj.MetricChart(rig.session, "production", "cpu_usage", colour="red")
    with pytest.raises(TypeError, match="AlertPanel does not know hieght"):
        gunj.AlertPanel(rig.session, hieght=3)
    assert held(rig) == {}


def test_every_object_displays_as_its_widget_and_always_the_same(rig: Rig) -> None:
    rt = rig.session
    things: dict[Any, str] = {
        rt: "status",
        rt.platform("production"): "platform",
        rt.metrics("production", ["cpu_usage"]): "chart",
        rt.logs("production"): "logs",
        rt.alerts: "alerts",
    }
    for thing, kind in things.items():
        data, _metadata = thing._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in data
        assert thing.view()._kind == kind
        assert thing.view() is thing.view()
        closed = thing.view()
        closed.close()
        assert thing.view() is not closed


def test_what_is_synced_holds_no_secret_and_no_data(rig: Rig) -> None:
    rig.session.url = "http://user:canary@127.0.0.1:1"
    card = gunj.PlatformCard(rig.session, "production")
    state = {name: card.get_state()[name] for name in ("_channels", "_options", "_kind")}
    assert "canary" not in repr(state)
    assert len(repr(state)) < 1_000


def test_a_line_about_a_widget_is_short_and_harmless_to_a_terminal(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    panel = gunj.AlertPanel(rig.session)
    monkeypatch.setattr(panel, "summary", lambda: "\x1b]0;owned\x07\u202e" + "a" * 100_000)
    assert repr(panel).isprintable()
    assert len(repr(panel)) < 400


def test_a_widget_says_what_it_shows_in_a_line(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    assert "observability/production Ready" in repr(gunj.PlatformCard(rt, "production"))
    assert "open" in repr(gunj.ConnectionStatus(rt))
    assert "no active alerts" in repr(gunj.AlertPanel(rt))
    assert "0 of 0 lines" in repr(gunj.LogViewer(rt, "production"))
    chart = gunj.MetricChart(rt, "production", ["cpu_usage"], thresholds=[80, (90, "page")])
    assert "production: cpu_usage" in repr(chart)
    assert chart._options["thresholds"] == [{"value": 80.0, "label": ""}, {"value": 90.0, "label": "page"}]
    chart.close()
    assert "closed" in repr(chart)


def test_a_front_end_without_get_widget_is_served_on_the_leafs_own_comm(rig: Rig) -> None:
    card = gunj.ConnectionStatus(rig.session)
    sent: list[dict[str, Any]] = []
    card.send = lambda content, buffers=None: sent.append(content)  # type: ignore[method-assign]
    card._handle_custom_msg({"op": "bundle"}, [])
    assert sent[0]["op"] == "bundle"
    assert len(sent[0]["source"]) > 10_000
    hello = {"op": "hello", "page": "p", "view": "v", "channels": list(card._channels.values())}
    card._handle_custom_msg(hello, [])
    until(lambda: any("parts" in message for message in sent))
    base.room(rig.session).feed.on_message({"op": "bye", "page": "p", "view": "v"})
    card.close()


def test_after_all_models_were_closed_new_widgets_get_a_new_room(rig: Rig) -> None:
    before = base.room(rig.session)
    before.hub.close()
    assert base.room(rig.session) is not before


def test_with_a_key_a_second_run_takes_the_place_of_the_first(rig: Rig) -> None:
    first = gunj.MetricChart(rig.session, "production", "cpu_usage", key="cpu")
    other = gunj.MetricChart(rig.session, "production", "cpu_usage", key="other")
    first._by_hand = {"selected": {"fromMs": 1000.0, "toMs": 2000.0}}
    second = gunj.MetricChart(rig.session, "production", "cpu_usage", key="cpu")
    assert first.comm is None
    assert other.comm is not None
    assert second.selection is not None
    assert second.selection.start.timestamp() == 1.0
    gunj.AlertPanel(rig.session, key="cpu")
    assert second.comm is not None, "another class has names of its own"
    second.close()
    gunj.MetricChart(rig.session, "production", "cpu_usage", key="cpu").close()
    other.close()


def test_what_was_set_by_hand_stays_unless_the_cell_now_asks_for_something_else(rig: Rig) -> None:
    first = gunj.AlertPanel(rig.session, matchers="loki", key="mine")
    first._by_hand = {"matchers": "tempo", "groupBy": "component", "sound": True}
    second = gunj.AlertPanel(rig.session, matchers="loki", key="mine")
    assert second._by_hand == {"matchers": "tempo", "groupBy": "component", "sound": True}
    third = gunj.AlertPanel(rig.session, matchers="grafana", group_by="severity", key="mine")
    assert third._by_hand == {"sound": True}
    third.close()


def test_a_browser_cannot_have_a_notebook_filled(rig: Rig) -> None:
    card = gunj.AlertPanel(rig.session)
    card._by_hand = {"matchers": "a"}
    card._by_hand = {"matchers": "a" * 20_000}
    assert card._by_hand == {"matchers": "a"}
    card.close()


MADE: dict[str, Callable[[Any], Any]] = {
    "status": gunj.ConnectionStatus,
    "alerts": gunj.AlertPanel,
    "pressure": gunj.BackpressureMonitor,
    "timeline": gunj.IncidentTimeline,
    "events": gunj.EventFeed,
    "operations": gunj.OperationProgress,
    "platform": lambda rt: gunj.PlatformCard(rt, "production"),
    "chart": lambda rt: gunj.MetricChart(rt, "production"),
    "logs": lambda rt: gunj.LogViewer(rt, "production"),
}


@pytest.mark.parametrize("kind", MADE)
def test_every_widget_can_be_frozen(rig: Rig, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rig.publish("alert.f.firing", {"fingerprint": "f", "name": "<b>", "status": "firing", "startsAt": 5.0})
    outputs: list[dict[str, str]] = []
    for module in (base, chart):
        monkeypatch.setattr(module, "put", lambda data, later=False: outputs.append(data))
    widget = MADE[kind](rig.session)
    widget.freeze()
    assert outputs[0]["text/html"].startswith("<div><strong>")
    assert outputs[0]["text/plain"]
    assert len(outputs) == (2 if kind == "chart" else 1)
    widget.close()


def test_a_picture_comes_once_and_only_a_picture(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    updates: list[dict[str, str]] = []

    class Room:
        def update(self, data: dict[str, str], metadata: dict[str, Any], raw: bool) -> None:
            updates.append(data)

    monkeypatch.setattr(base, "put", lambda data, later=False: None)
    monkeypatch.setattr(chart, "put", lambda data, later=False: Room())
    widget = gunj.MetricChart(rig.session, "production")
    png = base64.b64encode(b"\x89PNG\r\n\x1a\nrest").decode()
    widget.hear({"picture": png})
    assert updates == [], "nobody asked"
    widget.freeze()
    widget.freeze()
    assert widget._picture_asked
    for wrong in (None, 5, "", "?", base64.b64encode(b"<svg onload=x>").decode(), "A" * (chart.MAX_PICTURE + 1)):
        widget.hear({"picture": wrong})
    assert updates == []
    widget.hear({"picture": png})
    widget.hear({"picture": png})
    assert [update["image/png"] for update in updates] == [png, png], "one for each output that waited"
    assert not widget._picture_asked
    widget.close()


@pytest.mark.parametrize("kind", KINDS.values())
@pytest.mark.parametrize("session", [None, "production"])
def test_what_is_no_session_is_refused(kind: type[base.LiveWidget], session: Any) -> None:
    with pytest.raises(SettingsError, match=f"{kind.__name__} shows a session, not {session!r}"):
        kind(session)  # type: ignore[call-arg]  the rest is not looked at
    with pytest.raises(SettingsError, match=f"{kind.__name__} shows a session"):
        kind(session=session)  # type: ignore[call-arg]


def test_a_key_that_is_no_text_is_refused_and_nothing_is_held(rig: Rig) -> None:
    with pytest.raises(SettingsError, match="a key is text, not 5"):
        gunj.AlertPanel(rig.session, key=5)
    assert held(rig) == {}
