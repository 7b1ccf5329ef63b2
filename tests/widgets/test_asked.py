"""What a widget is asked for, and what it refuses."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.widgets.asked import check_frame, check_key, check_known, check_numbers, thresholds_of


def test_keywords_that_nobody_knows_are_refused_by_name() -> None:
    check_known(int, {"height": 1}, ["height", "title"])
    with pytest.raises(TypeError, match=r"int does not know colour, hieght; see help\(int\)"):
        check_known(int, {"hieght": 1, "colour": 2}, ["height"])


def test_a_key_is_text() -> None:
    check_key("cpu")
    check_key(None)
    with pytest.raises(SettingsError, match="a key is text, not 5"):
        check_key(5)


def test_numbers_are_told_by_their_name() -> None:
    check_numbers(height=300, y_max=np.float32(1.5))
    with pytest.raises(SettingsError, match="height is a number, not 'tall'"):
        check_numbers(y_min=1, height="tall")


def test_a_title_is_text_and_a_height_leaves_room() -> None:
    check_frame(None, None)
    check_frame("cpu", 0.5)
    with pytest.raises(SettingsError, match="a title is text, not 5"):
        check_frame(5, None)
    for height in (0, -5, float("nan"), float("inf")):
        with pytest.raises(SettingsError, match=f"a height of {height!r}"):
            check_frame("cpu", height)


def test_thresholds_have_a_value_and_perhaps_a_label() -> None:
    assert thresholds_of([80, (95, "page"), [99.5, "call"]]) == [(80.0, ""), (95.0, "page"), (99.5, "call")]
    assert thresholds_of(np.array([1.0, 2.0])) == [(1.0, ""), (2.0, "")]
    assert thresholds_of(()) == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("x", "thresholds are a list, not 'x'"),
        (90, "thresholds are a list, not 90"),
        (None, "thresholds are a list, not None"),
        ({"value": 5}, "thresholds are a list, not dict"),
        (["high"], "a threshold is a number, or a number and its label, not 'high'"),
        ([("high", 90)], "a threshold is a number, or a number and its label, not 'high'"),
        ([(1, 2, 3)], "a threshold is a number, or a number and its label, not tuple"),
        ([(90, 5)], "the label of a threshold is text, not 5"),
    ],
)
def test_what_is_no_threshold_is_refused(given: Any, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        thresholds_of(given)
