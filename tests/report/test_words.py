"""Times, numbers and foreign text."""

from __future__ import annotations

import pytest

from gunj_widgets.report.words import clean, moment, number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (0.0, "0"),
        (0.0123, "0.0123"),
        (1.2e-7, "1.2e-07"),
        (-3.5, "-3.5"),
        (1234.0, "1,234"),
        (23_456.0, "23.5 k"),
        (4_660_000_000.0, "4.66 G"),
        (-2e12, "-2 T"),
        (1e18, "1.00e+18"),
    ],
)
def test_numbers(value: float, said: str) -> None:
    assert number(value) == said


def test_times_are_utc() -> None:
    assert moment(1_764_000_000.0) == "2025-11-24 16:00:00"


def test_what_turns_text_round_is_left_out() -> None:
    assert clean("a\u202eb\x00c\nd\u2066é") == "abc\ndé"
