"""Arguments of operations: every known spelling, and a clear no to the rest."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.targets import targets

COMPONENTS = ["prometheus", "grafana", "loki"]


@pytest.mark.parametrize(
    ("kind", "args", "expected"),
    [
        ("backup", {}, dict.fromkeys(COMPONENTS, True)),
        ("backup", {"destination": "s3://b/p", "components": ["loki"]}, {"loki": True}),
        ("restore", {"source": "s3://b/p"}, dict.fromkeys(COMPONENTS, True)),
        ("upgrade", {"component": "loki", "version": "3.0.0"}, {"loki": "3.0.0"}),
        ("upgrade", {"component": "loki", "targetVersion": "3.0.0"}, {"loki": "3.0.0"}),
        ("upgrade", {"targetVersions": {"loki": "3", "grafana": "11"}}, {"loki": "3", "grafana": "11"}),
        ("scale", {"component": "loki", "replicas": 5}, {"loki": 5}),
        ("scale", {"component": "loki", "replicas": 0}, {"loki": 0}),
        ("restart", {"component": "grafana"}, {"grafana": True}),
    ],
)
def test_what_is_asked_for(kind: str, args: dict[str, Any], expected: dict[str, Any]) -> None:
    assert targets(kind, args, COMPONENTS) == expected


@pytest.mark.parametrize(
    ("kind", "args", "words"),
    [
        ("explode", {}, "backup, restore, upgrade"),
        ("backup", {"components": []}, "list"),
        ("backup", {"components": "loki"}, "list"),
        ("backup", {"components": [["loki"]]}, "no component"),
        ("backup", {"destination": 7}, "destination"),
        ("restore", {"source": ""}, "source"),
        ("upgrade", {}, "which component"),
        ("upgrade", {"component": "loki"}, "targetVersion"),
        ("upgrade", {"component": "redis", "version": "7"}, "redis"),
        ("upgrade", {"targetVersions": {}}, "targetVersions"),
        ("upgrade", {"targetVersions": {"loki": "x" * 201}}, "loki"),
        ("scale", {"component": "loki"}, "replicas"),
        ("scale", {"component": "loki", "replicas": True}, "replicas"),
        ("scale", {"component": "loki", "replicas": 21}, "replicas"),
        ("scale", {"component": "loki", "replicas": 2.5}, "replicas"),
        ("restart", {"component": "<script>"}, "no component"),
    ],
)
def test_what_makes_no_sense_is_refused(kind: str, args: dict[str, Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words) as caught:
        targets(kind, args, COMPONENTS)
    assert caught.value.status == (404 if kind == "explode" else 422)
