"""Joins: by the labels both have, and by times that are near enough."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.frames import MetricFrame

T0 = 1_750_000_000.0


def frame(metric: str, times: list[float], *components: str) -> MetricFrame:
    made = MetricFrame()
    for component in components:
        made.extend(metric, {"component": component}, T0 + np.array(times), np.arange(len(times), dtype=float))
    return made


def test_one_series_joins_many_under_its_own_labels() -> None:
    many, one = frame("cpu", [0, 1], "loki", "tempo"), frame("mem", [0, 1], "loki")
    both = many.join(one)
    assert both.columns.names == ["metric", "component"]
    assert both.columns.tolist() == [("cpu", "loki"), ("cpu", "tempo"), ("mem", "loki")]
    assert not both.isna().any().any()
    assert one.join(many).columns.tolist() == [("mem", "loki"), ("cpu", "loki"), ("cpu", "tempo")]
    ratio = both["cpu"] / both["mem"]  # pandas lines the components up
    assert ratio["loki"].iloc[1] == 1.0


def test_the_same_metric_of_two_components_becomes_two_columns() -> None:
    both = frame("cpu", [0], "loki").join(frame("cpu", [0], "tempo"))
    assert both.columns.tolist() == [("cpu", "loki"), ("cpu", "tempo")]
    with pytest.raises(SettingsError, match="both frames have 'cpu', 'loki'"):
        frame("cpu", [0], "loki").join(frame("cpu", [0], "loki"))


def test_labels_that_only_one_has_are_empty_for_the_other() -> None:
    pods = MetricFrame()
    for pod in "ab":
        pods.append("up", {"pod": pod}, T0, 1.0)
    both = frame("cpu", [0], "loki").join(pods)
    assert both.columns.names == ["metric", "component", "pod"]
    assert both.columns.tolist() == [("cpu", "loki", ""), ("up", "", "a"), ("up", "", "b")]


def test_rows_within_the_tolerance_are_one() -> None:
    a, b = frame("cpu", [0, 15, 30], "loki"), frame("mem", [0.01, 15.01, 31.0], "loki")
    assert len(a.join(b)) == 6
    both = a.join(b, tolerance="500ms")
    assert len(both) == 4
    assert both["mem"].tolist()[:2] == [0.0, 1.0]
    assert both["mem"].isna().tolist() == [False, False, True, False]
    assert str(both.index.tz) == "UTC"
    assert len(a.join(b, tolerance=1)) == 3, "the bound itself is near enough"


def test_of_several_rows_near_one_the_nearest_joins_it_and_none_is_lost() -> None:
    a, b = frame("cpu", [0, 10], "loki"), frame("mem", [-0.4, 0.1, 0.3, 9.9], "loki")
    both = a.join(b, tolerance=0.5)
    assert both["mem"].count() == 4
    assert both["mem"].loc[pd.Timestamp(T0, unit="s", tz="UTC")] == 1.0
    assert both.index.is_monotonic_increasing


def test_a_frame_without_rows_joins() -> None:
    a = frame("cpu", [0], "loki")
    assert a.join(MetricFrame().select("mem"), tolerance=1).columns.tolist() == ["cpu", "mem"]
    assert MetricFrame().select("mem").join(a, tolerance=1)["cpu"].tolist() == [0.0]


def test_a_dataframe_must_have_times_and_a_metric() -> None:
    a = frame("cpu", [0], "loki")
    with pytest.raises(SettingsError, match="pd.to_datetime"):
        a.join(pd.DataFrame({"x": [1.0]}))
    with pytest.raises(SettingsError, match="none is the metric"):
        a.join(pd.DataFrame([[1.0]], index=a.df.index, columns=pd.MultiIndex.from_tuples([("x", "y")])))
    berlin = pd.DataFrame({"x": [1.0]}, index=a.df.index.tz_convert("Europe/Berlin"))
    assert a.join(berlin, tolerance=1).shape == (1, 2)
