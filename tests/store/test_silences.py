"""Silences of an Alertmanager as a table."""

from __future__ import annotations

from typing import Any

from gunj_widgets.store.matchers import matchers
from gunj_widgets.store.silences import silences_table
from tests.sources.fake import recorded


def one(id: str, state: str = "active", ends: str = "2026-11-28T21:00:00Z", **more: Any) -> dict[str, Any]:
    told = {"name": "job", "value": "a|b", "isRegex": True, "isEqual": False}
    return {"id": id, "status": {"state": state}, "endsAt": ends, "startsAt": ends, "matchers": [told], **more}


def test_those_that_stand_the_one_that_ends_first_being_first() -> None:
    hostile = "<img src=x onerror=alert(1)>"
    later = one("b", ends="2026-11-29T00:00:00Z", createdBy="mira", comment=hostile)
    found = silences_table([later, one("a", "pending"), one("c", "expired")])
    assert found.index.tolist() == ["a", "b"]
    assert found.columns.tolist() == ["state", "matchers", "starts", "ends", "by", "comment"]
    assert found["state"].tolist() == ["pending", "active"]
    assert found.loc["b", ["matchers", "by", "comment"]].tolist() == ['job!~"a|b"', "mira", hostile]
    assert str(found["ends"].dtype) == "datetime64[us, UTC]"
    assert matchers(found.loc["b", "matchers"])[0].op == "!~"


def test_a_real_one_that_is_over_is_left_out() -> None:
    told = recorded("alertmanager", "silences")[1]
    assert len(silences_table(told)) == 0
    told[0]["status"]["state"] = "active"
    assert silences_table(told)["matchers"].tolist() == ['alertname="Manual"']


def test_nothing_and_nonsense() -> None:
    assert len(silences_table([])) == 0
    found = silences_table([{"id": 5, "status": 1, "matchers": [1, {"name": 2}], "endsAt": "soon"}, {"matchers": "x"}])
    assert found["ends"].isna().all()
    assert found["matchers"].tolist() == ['2=""', ""]
