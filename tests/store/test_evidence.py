"""Pins: numbers over time are figures, the rest tables; all of it bounded, and a copy."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.evidence import MAX_POINTS, MAX_ROWS, MAX_SERIES, happenings, pin_of
from gunj_widgets.store.notes import Note
from gunj_widgets.store.store import Store

T = 1_764_000_000.0


def frame(rows: int = 3, columns: int = 2) -> pd.DataFrame:
    index = pd.to_datetime(T + np.arange(rows), unit="s", utc=True)
    return pd.DataFrame(np.arange(rows * columns, dtype=float).reshape(rows, columns), index=index)


def test_numbers_over_time_are_a_figure() -> None:
    data = frame()
    data.iloc[1, 0] = math.nan
    pin = pin_of(data, "look", T)
    assert (pin.kind, pin.caption, pin.left_out) == ("figure", "look", 0)
    assert pin.series[0].times == [T, T + 1, T + 2]
    assert pin.series[0].values == [0.0, None, 4.0]


def test_a_series_and_times_without_a_zone() -> None:
    data = frame()[0]
    data.index = data.index.tz_localize(None)  # type: ignore[attr-defined]
    pin = pin_of(data.rename("cpu"), "", T)
    assert (pin.series[0].label, pin.series[0].times[0]) == ("cpu", T)


def test_a_figure_is_bounded_and_keeps_its_extremes_and_gaps() -> None:
    data = frame(50_000, MAX_SERIES + 4)
    data.iloc[12_345, 0] = 9e9
    data.iloc[23_456, 0] = math.nan
    pin = pin_of(data, "", T)
    assert (len(pin.series), pin.left_out) == (MAX_SERIES, 4)
    first = pin.series[0]
    assert len(first.times) <= MAX_POINTS * 1.1
    assert 9e9 in first.values
    assert None in first.values
    assert first.times == sorted(first.times)


def test_everything_else_is_a_table_of_its_newest_rows() -> None:
    data = pd.DataFrame({"level": ["info"] * 600, "message": [f"line {n}" for n in range(600)]})
    data.index = pd.Index(pd.to_datetime(T + np.arange(600), unit="s", utc=True), name="time")
    pin = pin_of(data, "", T)
    assert pin.kind == "table"
    assert pin.columns == ["time", "level", "message"]
    assert len(pin.rows) == MAX_ROWS
    assert pin.rows[-1] == ["2025-11-24 16:09:59.000", "info", "line 599"]
    assert pin.left_out == 100


def test_what_is_missing_is_empty() -> None:
    pin = pin_of(pd.DataFrame({"a": [None, math.nan, 1.5], "b": ["x", "y", "z"], "c": [None] * 3}), "", T)
    assert pin.columns == ["a", "b"], "a column without anything in it says nothing"
    assert [row[0] for row in pin.rows] == ["", "", "1.5"]
    assert pin.left_out == 0


def test_words() -> None:
    assert pin_of("it was the volume", "", T).text == "it was the volume"


def test_what_has_no_frame_is_refused() -> None:
    with pytest.raises(SettingsError, match="an int cannot be pinned"):
        pin_of(3, "", T)


def test_a_pin_is_a_copy() -> None:
    data = frame()
    pin = pin_of(data, "", T)
    data.iloc[0, 0] = 77.0
    assert pin.series[0].values[0] == 0.0


def test_happenings_are_in_order() -> None:
    store = Store(RetentionSettings())
    store.notes.add(Note(time=T + 5, text="second", until=T + 9))
    store.notes.add(Note(time=T, text="first", author="ann"))
    found = happenings(store.timeline)
    assert [(h.title, h.end) for h in found] == [("first", None), ("second", T + 9)]


def test_nothing_selected_is_nothing_to_pin() -> None:
    with pytest.raises(SettingsError, match="nothing is selected in the chart"):
        pin_of(None, "", T)
