"""What a Prometheus scrapes and which rules it works out, as tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.values import moment
from gunj_widgets.store.tables import table

__all__ = ["rules_table", "targets_table"]

Fields = dict[str, Any]


def targets_table(targets: Sequence[Fields]) -> pd.DataFrame:
    """One row per target, those that are down first: job, instance, health, error, when it was last scraped (UTC), seconds
    that took, url, labels (a dict)."""
    columns = ["job", "instance", "health", "error", "scraped", "seconds", "url", "labels"]
    rows = []
    for one in targets:
        labels = _dict(one.get("labels"))
        about = (labels.get("job", one.get("scrapePool", "")), labels.get("instance", ""), str(one.get("health", "")))
        took = (_moment(one.get("lastScrape")), _number(one.get("lastScrapeDuration")))
        rows.append((*about, str(one.get("lastError") or ""), *took, str(one.get("scrapeUrl", "")), labels))
    rows.sort(key=lambda row: (row[2] == "up", row[0], row[1]))
    return table(columns, rows, index="job", times=["scraped"])


def rules_table(rules: Sequence[Fields]) -> pd.DataFrame:
    """One row per rule, those that fire first: name, group, type (alerting, recording), state, alerts (how many are active),
    query, for (seconds), health, error, when it was last worked out (UTC), seconds that took, labels (a dict)."""
    columns = [
        "name",
        "group",
        "type",
        "state",
        "alerts",
        "query",
        "for",
        "health",
        "error",
        "evaluated",
        "seconds",
        "labels",
    ]
    rank = {"firing": 0, "pending": 1, "inactive": 2}
    rows = []
    for one in rules:
        alerts = one.get("alerts")
        about = (
            str(one.get("name", "")),
            str(one.get("group", "")),
            str(one.get("type", "")),
            str(one.get("state", "")),
        )
        how = (len(alerts) if isinstance(alerts, list) else 0, str(one.get("query", "")), _number(one.get("duration")))
        went = (str(one.get("health", "")), str(one.get("lastError") or ""), _moment(one.get("lastEvaluation")))
        rows.append((*about, *how, *went, _number(one.get("evaluationTime")), _dict(one.get("labels"))))
    rows.sort(key=lambda row: (rank.get(row[3], 3), row[1], row[0]))
    return table(columns, rows, index="name", times=["evaluated"])


def _dict(found: object) -> Fields:
    return found if isinstance(found, dict) else {}


def _number(found: object) -> float | None:
    return float(found) if isinstance(found, int | float) else None


def _moment(found: object) -> float | None:
    try:
        return moment(found)
    except RemoteProtocolError:
        return None
