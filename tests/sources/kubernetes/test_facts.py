"""Objects of the API server as facts of ours."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gunj_widgets.events import normalise
from gunj_widgets.events.topics import RESET_TOPIC
from gunj_widgets.sources.kubernetes.collection import Change
from gunj_widgets.sources.kubernetes.facts import gap_event, kube_event, owner_of, platform_event
from tests.sources.fake import CONTRACT


def recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((CONTRACT / "kubernetes" / "list.json").read_text(encoding="utf-8"))["items"][0]
    return found


def platform(name: str, namespace: str = "default") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": namespace, "uid": f"u-{name}"}}


def test_a_platform_is_read_as_every_other() -> None:
    event = platform_event(Change(False, recorded()), 5.0)
    assert event.topic == "platform.0b93cad6-2176-4209-92fc-0cb71f2e9532.status"
    assert "managedFields" not in event.data["metadata"]
    found = normalise.platform(event.data, event.topic.split(".")[1])
    assert (found.name, found.namespace, found.phase) == ("prod", "default", "Failed")
    assert found.conditions[0].reason == "Failed"


def test_one_that_is_being_deleted_says_so_whatever_its_status() -> None:
    found = recorded()
    found["metadata"]["deletionTimestamp"] = "2026-11-24T00:00:00Z"
    assert platform_event(Change(False, found), 5.0).data["status"]["phase"] == "Deleting"
    del found["status"]
    assert platform_event(Change(False, found), 5.0).data["status"] == {"phase": "Deleting"}


def test_one_that_is_gone() -> None:
    assert platform_event(Change(True, recorded()), 5.0).topic.endswith(".deleted")


@pytest.mark.parametrize(
    ("about", "owner"),
    [
        ({"kind": "ObservabilityPlatform", "name": "prod", "namespace": "default"}, "u-prod"),
        ({"kind": "Pod", "name": "prod-loki-0", "namespace": "default"}, "u-prod"),
        ({"kind": "Pod", "name": "prod-eu-loki-0", "namespace": "default"}, "u-prod-eu"),
        ({"kind": "ObservabilityPlatform", "name": "prod-x", "namespace": "default"}, None),
        ({"kind": "Pod", "name": "prod-loki-0", "namespace": "elsewhere"}, None),
        ({"kind": "Pod", "name": "production", "namespace": "default"}, None),
        (None, None),
    ],
)
def test_whose_an_event_is(about: dict[str, Any] | None, owner: str | None) -> None:
    platforms = {one["metadata"]["uid"]: one for one in (platform("prod"), platform("prod-eu"))}
    assert owner_of({"involvedObject": about}, platforms) == owner
    assert owner_of({"regarding": about}, platforms) == owner


def test_events_and_gaps() -> None:
    happened = {"reason": "BackOff", "message": "pulling", "involvedObject": {"kind": "Pod", "name": "prod-loki-0"}}
    event = kube_event(Change(False, happened), "u-prod", 5.0)
    assert event.topic == "platform.u-prod.events"
    assert normalise.kube_event(event.data, platform="u-prod").component == "Pod prod-loki-0"
    gap = gap_event(1.0, 5.0)
    assert (gap.topic, gap.data["gap"]) == (RESET_TOPIC, [1.0, 5.0])
