"""Alerts of both: one alert is one, whoever tells it, from pending to resolved."""

from __future__ import annotations

from typing import Any

from gunj_widgets.sources.fingerprint import fingerprint
from gunj_widgets.sources.prometheus.pending import Joined
from tests.sources.fake import recorded

DOWN = {"alertname": "TargetDown", "job": "nope"}
MORE = {"cluster": "gunj"}


def alert(state: str, labels: dict[str, str] = DOWN) -> dict[str, Any]:
    return {"labels": labels, "annotations": {}, "state": state, "activeAt": "2026-11-27T22:00:00Z", "value": "0e+00"}


def states(joined: Joined, alerts: list[dict[str, Any]], *owned: dict[str, str]) -> list[tuple[str, str]]:
    found = joined.changes(alerts, {fingerprint(labels): labels for labels in owned}, 5.0)
    return [(event.topic.split(".")[1], event.topic.split(".")[2]) for event in found]


def test_recorded_replies_of_both_are_the_same_alerts() -> None:
    prometheus = recorded("prometheus", "alerts")[1]["data"]["alerts"]
    owned = {one["fingerprint"]: one["labels"] for one in recorded("alertmanager", "alerts")[1]}
    joined = Joined()
    assert joined.changes(prometheus, owned, 5.0) == []
    assert joined.external == MORE


def test_pending_then_alertmanagers_under_the_same_fingerprint() -> None:
    joined = Joined()
    joined.external = MORE
    both = {**DOWN, **MORE}
    name = fingerprint(both)
    assert states(joined, [alert("pending")]) == [(name, "pending")]
    assert states(joined, [alert("pending")]) == []
    assert states(joined, [alert("firing")]) == [(name, "firing")]  # Alertmanager has not got it yet
    assert states(joined, [alert("firing")], both) == []
    assert states(joined, [], both) == []
    assert states(joined, []) == []  # that it is resolved is Alertmanager's to tell


def test_one_that_never_fired_is_not_resolved() -> None:
    joined = Joined()
    name = fingerprint(DOWN)
    assert states(joined, [alert("pending")]) == [(name, "pending")]
    assert states(joined, []) == [(name, "inactive")]


def test_without_an_alertmanager_it_is_resolved_here() -> None:
    joined = Joined()
    name = fingerprint(DOWN)
    assert states(joined, [alert("firing")]) == [(name, "firing")]
    assert states(joined, []) == [(name, "resolved")]


def test_labels_that_were_not_known_are_learned_and_the_guess_withdrawn() -> None:
    joined = Joined()
    assert states(joined, [alert("firing")]) == [(fingerprint(DOWN), "firing")]
    assert states(joined, [alert("firing")], {**DOWN, **MORE}) == [(fingerprint(DOWN), "inactive")]
    other = {**DOWN, "job": "other"}
    assert states(joined, [alert("pending", other)], {**DOWN, **MORE}) == [(fingerprint({**other, **MORE}), "pending")]


def test_an_alert_of_more_labels_is_another_unless_no_one_fits_better() -> None:
    joined = Joined()
    wide, narrow = {"alertname": "A", "x": "1"}, {"alertname": "A", "x": "1", "y": "2"}
    assert states(joined, [alert("firing", wide), alert("firing", narrow)], {**wide, **MORE}, {**narrow, **MORE}) == []
    assert joined.external == MORE


def test_a_platforms_carry_its_id() -> None:
    joined = Joined(("u1", "prod"))
    (event,) = joined.changes([alert("pending")], {}, 5.0)
    assert event.data["fingerprint"] == f"u1/{fingerprint(DOWN)}"
    assert event.data["platform"] == "prod"
    assert joined.tells(event.data["fingerprint"])
    assert not joined.tells(fingerprint(DOWN))


def test_nonsense_is_nothing() -> None:
    assert Joined().changes([{}, {"labels": 5, "state": "firing"}, {"labels": DOWN, "state": "odd"}], {}, 5.0) == []
