"""One alert from pending to resolved: it fires, is silenced as the panel does it, and is gone."""

from __future__ import annotations

import time

from gunj_widgets.session.session import Session
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until


def test_an_alert_fires_is_silenced_and_resolves(stack: Stack, rt: Session) -> None:
    stack.node.kill()
    try:
        alert = until(lambda: next((a for a in rt.alerts.active if a.labels.get("job") == "node"), None))
        assert (alert.name, str(alert.severity), alert.summary) == ("TargetDown", "critical", "node is down")
        assert rt.preview_silence(['job="node"'])[0]["fingerprint"] == alert.fingerprint
        rt.alerts.silence(alert.fingerprint, 60.0, by="me")
        until(lambda: (rt.alerts.active[0].silenced_until or 0) > time.time() + 30)
        [silence] = rt.silences()
        assert silence["createdBy"] == "me"
        rt.expire_silence(silence["id"])
        until(lambda: (rt.alerts.active[0].silenced_until or 0) <= time.time())
        assert rt.silences() == []
    finally:
        stack.node.start()
    until(lambda: not rt.alerts.active)
    assert rt.alerts.resolved[0].fingerprint == alert.fingerprint
