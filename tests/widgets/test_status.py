"""What a status channel tells the browser."""

from __future__ import annotations

import json
from pathlib import Path

from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.status import ConnectionStatus
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.status import StatusChannel
from tests.connection.rig import PLATFORMS, Rig
from tests.widgets.stub import StubFeed, StubSession

CONTRACT = Path(__file__).parents[1] / "contract"


def channel(session: StubSession, feed: StubFeed | None = None) -> StatusChannel:
    return StatusChannel("status:1", feed or StubFeed(), session)  # type: ignore[arg-type]


def test_a_live_session() -> None:
    body = channel(StubSession()).snap(Buffers(), 100.0)
    assert (body["state"], body["live"], body["demo"]) == ("open", True, True)
    assert body["transports"][0]["name"] == "websocket"
    assert body["counts"]["received"] == 3
    assert {"dropped", "conflated"} <= set(body["counts"])
    assert (body["sinceMs"], body["kernelMs"], body["beatMs"]) == (10_000.0, 100_000.0, 5_000.0)
    assert body["creditMs"] == 1_000.0, "a stock server holds up what comes after a credit"


def test_a_waiting_session_tells_when_why_and_what_to_do() -> None:
    session = StubSession()
    session.current = ConnectionStatus(
        state=State.WAITING, since=10.0, reason="refused", remedy="start it", retry_at=13.5, attempt=2
    )
    body = channel(session).snap(Buffers(), 12.0)
    assert (body["live"], body["reason"], body["remedy"]) == (False, "refused", "start it")
    assert (body["retryAtMs"], body["attempt"]) == (13_500.0, 2)


def test_it_marks_itself_on_each_change_and_lets_go() -> None:
    session, feed = StubSession(), StubFeed()
    watched = channel(session, feed)
    watched.open()
    session.listeners[0](session.current)
    assert feed.marks == 1
    watched.close()
    assert session.listeners == []


def test_it_beats_while_nothing_changes() -> None:
    assert StatusChannel.beats


def test_it_carries_the_session_s_range_and_marks_itself_when_that_changes() -> None:
    session, feed = StubSession(), StubFeed()
    watched = channel(session, feed)
    watched.open()
    steps = {"back": False, "forward": False}
    assert watched.snap(Buffers(), 100.0)["range"] == {
        "version": 0,
        "zone": "local",
        "live": True,
        "fromMs": None,
        "toMs": None,
        **steps,
    }
    session.range.zoom(40.0, 50.0)
    assert feed.marks == 1
    zoomed = {
        "version": 1,
        "zone": "local",
        "live": False,
        "fromMs": 40_000,
        "toMs": 50_000,
        "back": True,
        "forward": False,
    }
    assert watched.snap(Buffers(), 100.0)["range"] == zoomed
    session.range.back()
    assert watched.snap(Buffers(), 100.0)["range"]["forward"]
    assert feed.marks == 2
    watched.close()
    session.range.forward()
    assert feed.marks == 2


async def test_a_server_that_goes_quiet_is_told_as_the_browser_is_tested_to_show_it() -> None:
    """js/tests/widgets/truth.test.ts has the words for tests/contract/silent.json."""
    server = await Rig().open(PLATFORMS)
    await server.clock.advance(60.0)
    session = StubSession()
    watched, told = channel(session), []
    server.link.deaf = True
    for _ in range(20):
        await server.clock.advance(1.0)
        session.current = server.manager.status()
        told.append(watched.snap(Buffers(), server.clock.time()))
    silent = [body for body in told if body["state"] == "open" and not body["live"]]
    wanted = json.loads((CONTRACT / "silent.json").read_text())
    assert [{name: body[name] for name in wanted} for body in silent[:1]] == [wanted]
    assert [body["live"] for body in told[:2]] == [True, True]
    assert [body["silentSinceMs"] for body in told if body["state"] == "waiting"][:1] == [None]
    await server.close()
