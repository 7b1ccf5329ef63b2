"""Staleness: what a silent series says, beside series that go on."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.staleness import STALE_AFTER

T0 = 1_750_000_000.0
DEAD, LIVE = {"pod": "dead"}, {"pod": "live"}


def silent_for(seconds: float, every: float = 15.0) -> MetricFrame:
    """Two series sampled each `every` seconds; then only one of them, for so long."""
    frame = MetricFrame(max_age=None)
    frame.extend("up", DEAD, T0 - every * np.arange(10), np.full(10, 7.0))
    frame.extend("up", LIVE, T0 - every * np.arange(10), np.ones(10))
    frame.append("up", LIVE, T0 + seconds, 1.0)
    return frame


def test_the_last_value_holds_for_five_minutes_and_no_longer() -> None:
    at, past = silent_for(STALE_AFTER).value(), silent_for(STALE_AFTER + 0.001).value()
    assert isinstance(at, pd.Series)
    assert isinstance(past, pd.Series)
    assert at.tolist() == [7.0, 1.0]
    assert math.isnan(past.iloc[0])
    assert past.iloc[1] == 1.0
    dead = silent_for(500.0).select(labels=DEAD)
    assert math.isnan(dead.value("last"))  # type: ignore[arg-type]  one series
    assert dead.value("last", window="15m") == 7.0, "the last in a window is the last in it"
    assert dead.value("avg") == 7.0


def test_a_series_that_is_sampled_rarely_may_be_silent_for_three_intervals() -> None:
    assert silent_for(1800.0, every=600.0).select(labels=DEAD).value() == 7.0
    assert silent_for(1000.0, every=600.0).select(labels=DEAD, window="20m").value() == 7.0, (
        "the window shows one sample"
    )
    assert silent_for(1000.0, every=600.0).window("20m").series[0].stale is False
    assert math.isnan(silent_for(1801.0, every=600.0).select(labels=DEAD).value())  # type: ignore[arg-type]


def test_a_frame_that_is_silent_as_a_whole_stays_readable() -> None:
    frame = silent_for(0.0)
    assert frame.value(metric="up").tolist() == [7.0, 1.0]  # type: ignore[union-attr]  nothing newer was seen
    assert not any(s.stale for s in frame.series)


def test_series_tell_their_age() -> None:
    frame = silent_for(500.0)
    assert [(s.age, s.stale) for s in frame.series] == [(500.0, True), (0.0, False)]
    assert [(s.age, s.stale) for s in frame.rows_since(None).series] == [(500.0, True), (0.0, False)]
    assert [s.stale for s in frame.select(labels=DEAD).series] == [True]
    assert "(stale)" in str(next(iter(frame._shown()[2])))


@pytest.mark.parametrize("late", [False, True])
def test_wide_reads_end_where_all_that_they_show_is_stale(late: bool) -> None:
    frame = silent_for(500.0)
    if late:
        frame.append("up", DEAD, T0 - 100.0, 7.0)
    dead = frame.select(labels=DEAD)
    end = pd.Timestamp(T0 + STALE_AFTER, unit="s", tz="UTC")
    for df in (dead.df, dead.rate("1m"), dead.join(MetricFrame())):
        assert df.index[-1] == end
        assert df.iloc[-1].isna().all()
        assert df.iloc[:-1].notna().sum().sum() >= 9
    assert math.isnan(dead["up"].iloc[-1])
    both = frame.df
    assert both[("up", "dead")].isna().tolist()[-1]
    assert both.index[-1] == pd.Timestamp(T0 + 500.0, unit="s", tz="UTC"), "no row but what was sampled"


def test_bins_end_there_too() -> None:
    dead = silent_for(500.0).select(labels=DEAD)
    bins = dead.resample("10s", "last")
    assert math.isnan(bins["up"].iloc[-1])
    assert bins.index[-1] == pd.Timestamp(T0 + STALE_AFTER, unit="s", tz="UTC").floor("10s")
    assert dead.resample("10s", "count")["up"].sum() == 10.0


def test_what_is_not_stale_yet_has_no_end() -> None:
    dead = silent_for(STALE_AFTER).select(labels=DEAD)
    assert dead.df["up"].notna().all()
    assert MetricFrame().df.empty
