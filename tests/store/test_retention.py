"""Durations as people write them."""

from __future__ import annotations

import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.retention import cutoff, seconds


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10m", 600.0),
        ("60s", 60.0),
        ("90", 90.0),
        ("1.5h", 5400.0),
        ("1h30m", 5400.0),
        (" 500MS ", 0.5),
        ("7d", 604_800.0),
        ("2w", 1_209_600.0),
        ("5min", 300.0),
        ("1h5min", 3900.0),
        (timedelta(minutes=5), 300.0),
        (pd.Timedelta("1.5s"), 1.5),
        (5, 5.0),
        (0.25, 0.25),
        (np.float64(3), 3.0),
        (np.int64(3), 3.0),
        (np.timedelta64(5, "m"), 300.0),
        (np.timedelta64(1_500_000_000, "ns"), 1.5),
    ],
)
def test_what_is_understood(text: float | str, wanted: float) -> None:
    assert seconds(text) == wanted
    assert type(seconds(text)) is float


@pytest.mark.parametrize(
    "text",
    [
        "",
        "m",
        "10x",
        "-5m",
        "1e3",
        "5 m",
        "10m junk",
        "0s",
        0,
        -1,
        timedelta(0),
        np.timedelta64(0, "ns"),
        np.timedelta64("NaT"),
        pd.NaT,
        math.nan,
        math.inf,
        True,
        None,
        [],
        "9" * 99,
    ],
)
def test_what_is_not(text: object) -> None:
    with pytest.raises(SettingsError, match='"10m"') as caught:
        seconds(text)  # type: ignore[arg-type]
    assert len(str(caught.value)) < 200


def test_cutoff() -> None:
    assert cutoff(100.0, 10.0) == 90.0
    assert cutoff(None, 10.0) == cutoff(100.0, None) == -math.inf
