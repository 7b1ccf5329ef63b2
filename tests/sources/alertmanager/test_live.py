"""Alerts, live: resolved only by a successful answer."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import CommandError
from gunj_widgets.events.event import Event
from gunj_widgets.sources.alertmanager.client import AlertmanagerClient
from gunj_widgets.sources.alertmanager.live import LiveAlertmanager
from gunj_widgets.store.matchers import matchers
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend


class Rig:
    def __init__(self) -> None:
        self.clock = FakeClock()
        self.alerts: Answer = (200, [])
        self.silences: list[dict[str, Any]] = []
        self.events: list[Event] = []
        self.network = FakeNetwork(self.answer)
        self.live = LiveAlertmanager(AlertmanagerClient(backend(self.network, self.clock)), self.events.extend)

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        if path == "/api/v2/silences":
            return (200, self.silences) if self.network.asked[-1][0] == "GET" else (200, {"silenceID": "s1"})
        return (200, None) if "/silence/" in path else self.alerts

    def fire(self, *silences: str) -> None:
        status = {"state": "active", "silencedBy": list(silences)}
        self.alerts = (200, [{"fingerprint": "f", "labels": {"alertname": "A", "job": "x"}, "status": status}])


async def test_only_a_successful_answer_resolves() -> None:
    rig = Rig()
    rig.fire()
    task = asyncio.ensure_future(rig.live.run())
    await rig.clock.advance(1)
    await rig.live.looked()
    for broken in (Refused("network", "down"), (500, b"x"), (200, b"<html>")):
        rig.alerts = broken
        rig.live.wake()
        await rig.clock.advance(1)
    assert len(rig.events) == 1
    rig.alerts = (200, [])
    await rig.clock.advance(40)
    assert [e.data["status"] for e in rig.events[1:]] == ["resolved"]
    task.cancel()


async def test_an_alert_is_silenced_by_all_its_labels_and_seen_at_once() -> None:
    rig = Rig()
    with pytest.raises(CommandError, match="no active alert f"):
        await rig.live.silence("f", 60.0, "me", "why")
    rig.fire()
    task = asyncio.ensure_future(rig.live.run())
    await rig.clock.advance()
    assert await rig.live.silence("f", 60.0, "me", "why") == "s1"
    post = next(asked for asked in rig.network.asked if asked[0] == "POST")
    assert (post[3]["createdBy"], post[3]["comment"]) == ("me", "why")
    assert [(m["name"], m["value"]) for m in post[3]["matchers"]] == [("alertname", "A"), ("job", "x")]
    rig.fire("s1")
    rig.silences = [{"id": "s1", "endsAt": "2026-11-24T05:00:00Z"}]
    await rig.clock.advance()
    await rig.clock.advance(3)
    assert rig.events[-1].data["silencedUntil"] == "2026-11-24T05:00:00Z"
    await rig.live.expire("s1")
    assert rig.network.asked[-1][:2] == ("DELETE", "/api/v2/silence/s1")
    task.cancel()


async def test_a_silence_by_matchers_stands_whatever_is_active_and_is_seen_at_once() -> None:
    rig = Rig()
    task = asyncio.ensure_future(rig.live.run())
    await rig.clock.advance()
    assert await rig.live.silence_all(matchers('job=~"x|y"'), 60.0, "me", "why") == "s1"
    post = next(asked for asked in rig.network.asked if asked[0] == "POST")
    assert post[3]["matchers"] == [{"name": "job", "value": "x|y", "isRegex": True, "isEqual": True}]
    looks = rig.live.looks
    await rig.clock.advance()
    assert rig.live.looks == looks + 1
    task.cancel()
