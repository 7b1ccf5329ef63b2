"""All sources of a session: each on its own, all in one status."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import AuthError, CommandError, ConnectError, SetupError
from gunj_widgets.events.event import Event
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock, InlineIO
from tests.sources.fake import Answer, FakeNetwork, recorded


class Rig:
    def __init__(self, *kinds: str) -> None:
        self.clock = FakeClock()
        self.events: list[Event] = []
        self.states: list[State] = []
        self.replies: dict[str, Any] = {
            "/api/v1/status/buildinfo": recorded("prometheus", "buildinfo"),
            "/api/v2/status": recorded("alertmanager", "status"),
            "/api/v2/alerts": recorded("alertmanager", "alerts"),
        }
        self.networks = {kind: FakeNetwork(self.answer) for kind in kinds}
        self.manager = SourceManager(
            {kind: Source.of(f"http://127.0.0.1/{kind}") for kind in kinds},
            deliver=self.events.extend,
            on_state=lambda status: self.states.append(status.state),
            clock=self.clock,
            io=InlineIO(),
            networks=dict(self.networks),
        )
        self.manager.start()

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        found: Answer = self.replies[path]
        return found


async def test_all_are_open_and_alerts_come() -> None:
    rig = Rig("prometheus", "alertmanager")
    await rig.clock.advance(1)
    await rig.manager.first_answer(1)
    await rig.manager.wait_open()
    await rig.manager.wait_synced(Interest(target="alerts"))
    status = rig.manager.status()
    assert status.state is State.OPEN
    assert [t.name for t in status.transports] == ["Prometheus", "Alertmanager"]
    assert status.server == "Prometheus 2.42.0+ds, Alertmanager 0.25.0" or status.server.startswith("Prometheus 2.42")
    assert len(rig.events) == len(recorded("alertmanager", "alerts")[1])
    stats = rig.manager.stats()
    assert stats.unaccounted == 0
    assert stats.counts["alertmanager_requests"] >= 2


async def test_one_that_is_away_is_told_and_disturbs_no_other() -> None:
    rig = Rig("prometheus", "alertmanager")
    rig.replies["/api/v1/status/buildinfo"] = Refused("network", "nothing listens on it")
    await rig.clock.advance(1)
    await rig.manager.first_answer(1)
    status = rig.manager.status()
    assert (status.state, status.reason) == (State.WAITING, "Prometheus: nothing listens on it")
    assert [t.state for t in status.transports] == [State.WAITING, State.OPEN]
    assert rig.events
    rig.replies["/api/v1/status/buildinfo"] = recorded("prometheus", "buildinfo")
    rig.manager.reconnect()
    await rig.clock.advance(1)
    assert rig.manager.status().state is State.OPEN


async def test_one_that_is_something_else_fails_the_connect() -> None:
    rig = Rig("prometheus", "alertmanager")
    rig.replies["/api/v2/status"] = rig.replies["/api/v2/alerts"] = (404, b"404 page not found")
    await rig.clock.advance(1)
    with pytest.raises(ConnectError, match="no Alertmanager"):
        await rig.manager.first_answer(1)


async def test_one_that_does_not_let_us_in_says_so_as_an_operator_does() -> None:
    rig = Rig("prometheus", "alertmanager")
    rig.replies["/api/v1/status/buildinfo"] = rig.replies["/api/v1/query"] = (401, b"no")
    await rig.clock.advance(1)
    with pytest.raises(AuthError, match="answered 401") as caught:
        await rig.manager.first_answer(1)
    assert caught.value.status == 401


async def test_none_there_fails_the_connect() -> None:
    rig = Rig("prometheus")
    rig.replies["/api/v1/status/buildinfo"] = Refused("network", "nothing listens on it")
    await rig.clock.advance(1)
    with pytest.raises(ConnectError, match="nothing listens"):
        await rig.manager.first_answer(1)


async def test_what_needs_an_operator_or_another_source_says_so() -> None:
    rig = Rig("alertmanager")
    with pytest.raises(SetupError, match="no Prometheus"):
        rig.manager.named("prometheus")
    with pytest.raises(SetupError, match="no Alertmanager"):
        Rig("prometheus").manager.named("alertmanager")
    with pytest.raises(CommandError, match="no operator"):
        await rig.manager.request("GET", "/x")


async def test_closing_ends_every_task_and_client() -> None:
    rig = Rig("prometheus", "alertmanager")
    await rig.clock.advance(1)
    rig.manager.close()
    await rig.clock.advance(1)
    assert all(network.closed for network in rig.networks.values())
    asked = [len(network.asked) for network in rig.networks.values()]
    await rig.clock.advance(60)
    assert [len(network.asked) for network in rig.networks.values()] == asked
    assert rig.states[-1] is State.CLOSED


async def test_a_silence_stands_at_the_one_alertmanager_of_the_session() -> None:
    rig = Rig("prometheus")
    assert rig.manager.silencer() is None
    there = Source.of("http://127.0.0.1/told")
    first = rig.manager.add("alertmanager", there, ("u1", "prod"), "")
    assert rig.manager.silencer() is None, "its alerts are not the session's"
    rig.manager.follow_alerts(first)
    assert rig.manager.silencer() is first
    rig.manager.follow_alerts(rig.manager.add("alertmanager", there, ("u2", "test"), ""))
    assert rig.manager.silencer() is None, "at which of them?"
    named = Rig("alertmanager").manager
    assert named.silencer() is named.named("alertmanager")
