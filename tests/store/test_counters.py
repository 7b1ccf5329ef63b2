"""Counters in a trailing window, checked against a plain loop."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.store.counters import rolling_increase
from gunj_widgets.store.rows import Rows

samples = st.lists(
    st.tuples(st.integers(0, 40), st.one_of(st.just(math.nan), st.integers(0, 20).map(float))), max_size=20
)


@given(series=st.lists(samples, max_size=3), window=st.integers(1, 15))
def test_increase_and_rate_agree_with_a_plain_loop(series: list[list[tuple[int, float]]], window: int) -> None:
    tidy = [sorted(dict(rows).items()) for rows in series]
    rows = Rows(
        np.array([slot for slot, rows in enumerate(tidy) for _ in rows], np.uint16),
        np.array([t * 1_000_000 for rows in tidy for t, _ in rows], np.int64),
        np.array([v for rows in tidy for _, v in rows], float),
        (),
        True,
    )
    increase = rolling_increase(rows, window * 1_000_000, per_second=False)
    rate = rolling_increase(rows, window * 1_000_000, per_second=True)
    wanted = [plain(found, i, window) for found in map(valid, tidy) for i in range(len(found))]
    np.testing.assert_allclose(increase.values, [w for w, _ in wanted], atol=1e-9)
    np.testing.assert_allclose(rate.values, [w / s if s else math.nan for w, s in wanted], atol=1e-9)


def valid(rows: list[tuple[int, float]]) -> list[tuple[int, float]]:
    return [(t, v) for t, v in rows if v == v]


def plain(rows: list[tuple[int, float]], end: int, window: int) -> tuple[float, int]:
    inside = [(t, v) for t, v in rows[: end + 1] if t >= rows[end][0] - window]
    if len(inside) < 2:
        return math.nan, 0
    grown = sum(b - a if b >= a else b for (_, a), (_, b) in pairwise(inside))
    return grown, inside[-1][0] - inside[0][0]
