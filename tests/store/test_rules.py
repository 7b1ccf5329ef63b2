"""Targets and rules of a real Prometheus as tables."""

from __future__ import annotations

from typing import Any

from gunj_widgets.store.rules import rules_table, targets_table
from tests.sources.fake import recorded


def rules() -> list[dict[str, Any]]:
    groups = recorded("prometheus", "rules")[1]["data"]["groups"]
    return [{**rule, "group": group["name"]} for group in groups for rule in group["rules"]]


def test_targets_with_those_that_are_down_first() -> None:
    told = recorded("prometheus", "targets")[1]["data"]["activeTargets"]
    found = targets_table(told)
    assert len(found) == len(told)
    assert found.index[0] == "nope"
    assert found["health"].tolist() == ["down"] + ["up"] * (len(told) - 1)
    assert "connection refused" in found["error"].iloc[0]
    assert str(found["scraped"].dtype) == "datetime64[us, UTC]"
    assert found.loc["node", "labels"] == {"instance": "127.0.0.1:19100", "job": "node"}


def test_rules_with_those_that_fire_first() -> None:
    found = rules_table(rules())
    assert len(found) == len(rules())
    assert found["state"].tolist()[:2] == ["firing", "firing"]
    assert found.loc["TargetDown", ["group", "type", "alerts", "for"]].tolist() == ["gunj", "alerting", 1, 3.0]
    assert found.loc["instance:cpu_busy:rate15s", ["type", "state", "alerts"]].tolist() == ["recording", "", 0]


def test_nothing_and_nonsense() -> None:
    assert len(targets_table([])) == len(rules_table([])) == 0
    assert targets_table([{"labels": 5, "lastScrape": "yesterday"}])["scraped"].isna().all()
    assert rules_table([{"alerts": "x", "duration": "1"}])["for"].isna().all()
