"""What a session remembers, and what it lets go of after a reset."""

from __future__ import annotations

import time

from gunj_widgets.events.event import Event
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from tests.session.conftest import Rig, until


def test_what_ended_while_the_operator_was_away_is_let_go(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    alert = {"fingerprint": "f1", "name": "A", "status": "firing", "severity": "critical"}
    rig.publish("alert.f1.firing", alert)
    rig.publish("alert.f2.firing", {**alert, "fingerprint": "f2"})
    until(lambda: len(rt.alerts.active) == 2)

    def come_back_changed() -> None:
        rig.operator.state.pop("alert.f1.firing")
        rig.operator.state.pop("platform.staging.status")
        rig.operator.restart("e2")

    rig.do(come_back_changed)
    until(lambda: [a.fingerprint for a in rt.alerts.active] == ["f2"], 15)
    until(lambda: [p.name for p in rt.store.platforms] == ["production"], 15)
    assert rt.alerts.resolved[0].fingerprint == "f1"
    assert rt.stats()["reset"] >= 1


def test_what_a_peer_sends_is_remembered_within_the_bytes_that_may_be(rig: Rig) -> None:
    settings = Settings.load(limits={"history_bytes": 1 << 20})
    with Session("http://127.0.0.1:1", demo=True, settings=settings, network=rig.operator) as rt:  # type: ignore[arg-type]
        rt.wait_ready(5)
        for number in range(60):
            data = {"value": number, "note": "x" * 100_000}
            rig.do(rt._memory.take, [Event(topic="platform.p.metrics.m", data=data, arrived=time.time() + number)])
        assert rt.stats()["history"] == 10
        assert rt.stats()["history_dropped"] >= 50
