"""What a session remembers, and what it lets go of after a reset."""

from __future__ import annotations

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
