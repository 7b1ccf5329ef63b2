"""The operator UI's shapes: unwrapped and named. Most of it is held by tests/contract/wire.json."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.legacy import bare_topic, modern, nested


@pytest.mark.parametrize(
    ("payload", "is_nested"),
    [
        ({"type": "status", "payload": {}}, True),
        ({"type": "Normal"}, False),
        ({"payload": 1}, False),
        (None, False),
        ([], False),
    ],
)
def test_what_is_nested(payload: object, is_nested: bool) -> None:
    assert nested(payload) is is_nested


def test_todays_shape_is_left_alone() -> None:
    payload = {"name": "p"}
    assert modern("platform.p.status", payload) == ("platform.p.status", payload)


def test_an_alert_by_its_name_alone() -> None:
    assert modern("alert", {"labels": {"alertname": "Down"}})[0] == "alert.Down.firing"


def test_health_without_a_component_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="does not say"):
        modern("platform.p.update", {"type": "health", "payload": {}})


@pytest.mark.parametrize(
    ("target", "platform", "payload", "topic"),
    [
        ("logs", "p.1", {"component": "loki"}, "platform.p%2E1.logs.loki"),
        ("logs", "p", {}, "platform.p.logs.platform"),
        ("metrics", "p", {"metric": "cpu"}, "platform.p.metrics.cpu"),
        ("metrics", "p", {}, "platform.p.metrics.all"),
        ("platform", "p", {"reason": "Ready"}, "platform.p.events"),
        ("platform", "p", {"phase": "Ready"}, "platform.p.status"),
        ("platforms", "", {"name": "q"}, "platform.q.status"),
        ("alerts", "", {"fingerprint": "f", "state": "resolved"}, "alert.f.resolved"),
    ],
)
def test_the_topic_of_a_bare_payload(target: str, platform: str, payload: dict[str, Any], topic: str) -> None:
    assert bare_topic(target, platform, payload) == topic


def test_a_bare_payload_that_names_nothing_is_refused() -> None:
    with pytest.raises(RemoteProtocolError, match="does not say"):
        bare_topic("platforms", "", {"phase": "Ready"})
