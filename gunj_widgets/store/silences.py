"""What an Alertmanager's silences are, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.values import moment
from gunj_widgets.store.matchers import Matcher
from gunj_widgets.store.tables import table

__all__ = ["silences_table"]

_OPS = {(True, False): "=", (False, False): "!=", (True, True): "=~", (False, True): "!~"}


def silences_table(silences: Sequence[dict[str, Any]]) -> pd.DataFrame:
    """One row per silence by id, the one that ends first being first: state (active, pending), matchers as they are written,
    starts and ends (UTC), by, comment. Expired ones are left out."""
    rows = []
    for one in silences:
        status = one.get("status")
        state = str(status.get("state", "")) if isinstance(status, dict) else ""
        told = one.get("matchers")
        read = [_matcher(m) for m in told if isinstance(m, dict)] if isinstance(told, list) else []
        times = (_moment(one.get("startsAt")), _moment(one.get("endsAt")))
        about = (str(one.get("createdBy", "")), str(one.get("comment", "")))
        if state != "expired":
            rows.append((str(one.get("id", "")), state, ", ".join(map(str, read)), *times, *about))
    rows.sort(key=lambda row: row[4] or 0.0)
    columns = ["id", "state", "matchers", "starts", "ends", "by", "comment"]
    return table(columns, rows, index="id", times=["starts", "ends"])


def _matcher(told: dict[str, Any]) -> Matcher:
    op = _OPS[told.get("isEqual") is not False, told.get("isRegex") is True]
    return Matcher(str(told.get("name", "")), op, str(told.get("value", "")))


def _moment(value: object) -> float | None:
    try:
        return moment(value, "startsAt")
    except RemoteProtocolError:
        return None
