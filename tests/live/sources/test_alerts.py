"""One alert from pending to resolved: it fires, is silenced as the panel does it, and is gone."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.session.session import Session
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until


def test_an_alert_fires_is_silenced_and_resolves(stack: Stack, rt: Session) -> None:
    stack.node.kill()
    try:
        alert = until(lambda: next((a for a in rt.alerts.active if a.labels.get("job") == "node"), None))
        assert (alert.name, str(alert.severity), alert.summary) == ("TargetDown", "critical", "node is down")
        assert until(lambda: rt.preview_silence(['job="node"']))[0]["fingerprint"] == alert.fingerprint
        assert not rt.may_acknowledge(alert.fingerprint), "there is no operator to tell it to"
        rt.alerts.silence(alert.fingerprint, 60.0, by="me")
        until(lambda: (rt.alerts.active[0].silenced_until or 0) > time.time() + 30)
        [silence] = rt.silences().index
        assert rt.silences().loc[silence, "by"] == "me"
        rt.expire_silence(silence)
        until(lambda: (rt.alerts.active[0].silenced_until or 0) <= time.time())
        assert len(rt.silences()) == 0
    finally:
        stack.node.start()
    until(lambda: not rt.alerts.active)
    assert rt.alerts.resolved[0].fingerprint == alert.fingerprint


@pytest.mark.parametrize("alertmanager", [True, False])
def test_it_is_one_alert_from_pending_to_resolved(tmp_path: Path, alertmanager: bool) -> None:
    """Also where Prometheus adds labels on the way, by which Alertmanager's fingerprint is another; and with no Alertmanager."""
    stack = Stack(tmp_path, hold="4s", external="{cluster: gunj, replica: a}")
    try:
        more = {"alertmanager": stack.alertmanager.url} if alertmanager else {}
        rt = gunj.connect(prometheus=stack.prometheus.url, **more)
        seen: list[tuple[str, str]] = []
        rt.on("alert.**", lambda event: seen.append((event.topic.split(".")[1], str(event.data["status"]))))
        stack.node.kill()
        alert = until(lambda: next(iter(rt.alerts.active), None))
        assert (str(alert.state), alert.name) == ("pending", "TargetDown")
        if alertmanager:
            rt.alerts.silence(alert.fingerprint, 60.0, by="me")  # before it ever fires
        until(lambda: str(rt.alerts.active[0].state) == "firing")
        until(lambda: not alertmanager or rt.alerts.active[0].silenced_until)
        assert [one.fingerprint for one in rt.alerts.active] == [alert.fingerprint]
        stack.node.start()
        until(lambda: not rt.alerts.active)
        assert [one.fingerprint for one in rt.alerts.resolved] == [alert.fingerprint]
        assert {name for name, _ in seen} == {alert.fingerprint}
        stack.node.kill()
        until(lambda: rt.alerts.active)
        stack.node.start()  # before it fires
        until(lambda: not rt.alerts.active)
        assert len(rt.alerts.resolved) == 1
    finally:
        gunj.close_all()
        stack.close()
