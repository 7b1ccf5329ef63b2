"""What is new in an answer; what is gone is resolved; three shapes of refusal."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.alertmanager.replies import Active, decode_list, matchers_of, refusal, told_matchers
from gunj_widgets.store.matchers import matchers
from tests.sources.fake import recorded


def alert(fingerprint: str, *silences: str, **more: Any) -> dict[str, Any]:
    status = {"state": "suppressed" if silences else "active", "silencedBy": list(silences), "inhibitedBy": []}
    return {"fingerprint": fingerprint, "labels": {"alertname": "A"}, "status": status, **more}


def test_a_real_answer_is_told_once() -> None:
    alerts = recorded("alertmanager", "alerts")[1]
    active = Active()
    events = active.changes(alerts, {}, 100.0, "alertmanager")
    assert {e.topic for e in events} == {f"alert.{a['fingerprint']}" for a in alerts}
    rolled = [{**a, "endsAt": "2030-01-01T00:00:00Z", "updatedAt": "2030-01-01T00:00:00Z"} for a in alerts]
    assert active.changes(rolled, {}, 101.0, "alertmanager") == []


def test_what_is_gone_is_resolved_now() -> None:
    active = Active()
    active.changes([alert("a"), alert("b")], {}, 100.0, "am")
    [event] = active.changes([alert("b")], {}, 105.0, "am")
    assert (event.topic, event.data["status"], event.data["endsAt"]) == ("alert.a", "resolved", 105.0)
    assert active.get("a") is None
    assert active.changes([alert("b")], {}, 106.0, "am") == []


def test_a_silence_comes_with_its_end_and_goes() -> None:
    active = Active()
    active.changes([alert("a")], {}, 100.0, "am")
    [event] = active.changes([alert("a", "s1")], {"s1": "2026-11-24T05:00:00Z"}, 101.0, "am")
    assert event.data["silencedUntil"] == "2026-11-24T05:00:00Z"
    assert active.silences == {"s1"}
    [event] = active.changes([alert("a")], {}, 102.0, "am")
    assert event.data["silencedUntil"] == 102.0


@pytest.mark.parametrize("item", [{}, {"fingerprint": 7}, alert("a", status=[]), alert("a", status={"silencedBy": 3})])
def test_odd_alerts_break_nothing(item: dict[str, Any]) -> None:
    Active().changes([item], {}, 1.0, "am")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'"bad matcher format: bad"', "400: bad matcher format: bad"),
        (b'{"code":601,"message":"duration is bad"}', "400: duration is bad"),
        (b"", "Alertmanager answered 400"),
        (b"<html>", "400: <html>"),
        (b"null", "400"),
    ],
)
def test_refusals_in_words(body: bytes, words: str) -> None:
    assert words in refusal(400, body).problem


@pytest.mark.parametrize("body", [b"", b"{}", b"[1]", b"<html>"])
def test_what_is_no_list(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError, match="no Alertmanager"):
        decode_list(body)


def test_matchers_name_exactly_the_labels() -> None:
    assert matchers_of({"b": "2", "a": "1"})[0] == {"name": "a", "value": "1", "isRegex": False, "isEqual": True}


def test_matchers_as_a_silence_takes_them() -> None:
    read = matchers('a="x", b!="<b>", c=~"y|z", d!~"\\d"')
    assert [(m["name"], m["value"], m["isRegex"], m["isEqual"]) for m in told_matchers(read)] == [
        ("a", "x", False, True),
        ("b", "<b>", False, False),
        ("c", "y|z", True, True),
        ("d", "\\d", True, False),
    ]
