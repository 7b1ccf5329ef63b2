"""Selection: which series a view shows."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.selection import Selection
from gunj_widgets.store.series import Series


def series(metric: str, **labels: str) -> Series:
    return Series(key=0, slot=0, metric=metric, labels=labels, unit="", born=0)


def test_all_that_is_set_must_hold() -> None:
    chosen = Selection().narrowed(["cpu", "mem"], {"component": ["loki", "tempo"], "zone": "a"}, None)
    assert chosen.takes(series("cpu", component="loki", zone="a"))
    assert not chosen.takes(series("cpu", component="loki"))
    assert not chosen.takes(series("up", component="loki", zone="a"))
    assert not chosen.takes(series("cpu", component="mimir", zone="a"))


def test_an_empty_value_means_the_label_is_missing() -> None:
    chosen = Selection().narrowed(None, {"component": ""}, None)
    assert chosen.takes(series("up"))
    assert not chosen.takes(series("up", component="loki"))


def test_narrowing_intersects_names_and_replaces_the_window() -> None:
    first = Selection().narrowed(["b", "a", "b"], {"pod": ["1", "2"]}, "5m")
    assert (first.metrics, first.window) == (("b", "a"), 300.0)
    second = first.narrowed(["a", "c"], {"pod": ["2", "3"]}, 10)
    assert second == Selection(("a",), {"pod": frozenset("2")}, 10.0)
    assert first.narrowed(None, None, None) == first


@pytest.mark.parametrize(
    ("metrics", "labels", "words"),
    [
        (5, None, "metrics are names, not 5"),
        (["cpu", None], None, "metrics are names, not None"),
        (None, "component", "labels are a dict, not 'component'"),
        (None, ["component"], "labels are a dict, not list"),
        (None, {"code": 200}, "the values of the label 'code' are text, not 200"),
        (None, {"code": ["200", 404]}, "the values of the label 'code' are text, not 404"),
        (None, {5: "a"}, "a label is named by text, not 5"),
        (None, {"code": None}, "the values of the label 'code' are text, not None"),
    ],
)
def test_what_is_no_selection_is_refused(metrics: Any, labels: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        Selection().narrowed(metrics, labels, None)


def test_everything_needs_no_mask() -> None:
    by_slot = (series("a"), None, series("b"))
    assert Selection().mask(by_slot) is None
    mask = Selection().narrowed("b", None, None).mask(by_slot)
    assert mask is not None
    assert mask.tolist() == [False, False, True]


def test_a_wrong_window_says_what_to_write() -> None:
    with pytest.raises(SettingsError, match="10m"):
        Selection().narrowed(None, None, "-5m")


def test_it_says_what_it_chooses() -> None:
    assert str(Selection()) == "all"
    assert str(Selection().narrowed(["cpu"], {"pod": ["b", "a"]}, 5)) == "cpu, pod=a|b"
    assert str(Selection().narrowed("cpu", None, None).narrowed("mem", None, None)) == "none"
