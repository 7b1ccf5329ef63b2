"""Fingerprints as a real Alertmanager gave them."""

from __future__ import annotations

from gunj_widgets.sources.fingerprint import fingerprint
from tests.sources.fake import recorded


def test_they_are_alertmanagers_own() -> None:
    alerts = recorded("alertmanager", "alerts")[1]
    assert len(alerts) == 2
    assert [fingerprint(one["labels"]) for one in alerts] == [one["fingerprint"] for one in alerts]


def test_what_text_may_hold() -> None:
    assert len({fingerprint({"a": "bc"}), fingerprint({"ab": "c"}), fingerprint({"a": "b", "c": ""})}) == 3
    assert len(fingerprint({"ü": "\ud800"})) == 16
