"""Thinning: few enough points, no extreme and no gap lost, and nothing touched that is few enough already."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.thin import thin, within

T0 = 1_700_000_000.0


def frame(*lengths: int) -> MetricFrame:
    made = MetricFrame(None)
    for n, length in enumerate(lengths):
        made.extend("m", {"n": str(n)}, T0 + np.arange(length), np.random.default_rng(n).normal(size=length))
    return made


@given(st.lists(st.integers(1, 400), min_size=1, max_size=4), st.integers(2, 120))
def test_each_series_keeps_its_extremes_its_order_and_its_share(lengths: list[int], most: int) -> None:
    whole = frame(*lengths).rows_since()
    few, left_out = thin(whole, most)
    assert len(few.x) + left_out == len(whole.x)
    for key, length in zip((s.key for s in whole.series), lengths, strict=True):
        before, after = whole.y[whole.keys == key], few.y[few.keys == key]
        assert len(after) <= max(4, most)
        assert len(after) == length or len(after) >= 2
        assert (after.min(), after.max()) == (before.min(), before.max())
        assert (np.diff(few.x[few.keys == key]) > 0).all()


def test_few_rows_are_left_alone_and_none_are_none() -> None:
    rows = frame(5).rows_since()
    assert thin(rows, 100) == (rows, 0)
    assert thin(MetricFrame().rows_since(), 100)[1] == 0


def test_a_gap_stays() -> None:
    made = frame(1_000)
    made.mark_gap(T0 + 2_000, T0 + 3_000)
    made.extend("m", {"n": "0"}, T0 + 3_000 + np.arange(1_000), np.ones(1_000))
    few, left_out = thin(made.rows_since(), 100)
    assert left_out > 1_800
    assert np.isnan(few.y).sum() >= 1


def test_a_stretch_has_its_ends() -> None:
    part = within(frame(10).rows_since(), T0 + 2, T0 + 5)
    assert (part.x - T0).tolist() == [2.0, 3.0, 4.0, 5.0]
