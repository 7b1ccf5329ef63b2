"""Lines of an export. From a real VictoriaMetrics: tests/live/sources/test_history.py."""

from __future__ import annotations

import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.prometheus.export import MAX_LINE, Exported


def line(values: list[Any], times: list[int], **labels: str) -> bytes:
    return json.dumps({"metric": {"__name__": "m", **labels}, "values": values, "timestamps": times}).encode() + b"\n"


@given(st.integers(1, 40))
def test_columns_do_not_depend_on_the_pieces(size: int) -> None:
    body = line([1.5, 2], [1_000, 2_001], a="1") + line([3e-300], [5], a="2")
    found = Exported()
    for start in range(0, len(body), size):
        found.feed(body[start : start + size])
    assert found.samples == 3
    first, second = found.end()
    assert (first.labels, first.times.tolist(), first.values.tolist()) == (
        {"__name__": "m", "a": "1"},
        [1.0, 2.001],
        [1.5, 2.0],
    )
    assert second.values.tolist() == [3e-300]
    assert found.samples == 0


def test_what_is_no_number_in_json() -> None:
    found = Exported()
    found.feed(line([1, None, "Infinity", "-Infinity"], [1, 2, 3, 4]))
    (column,) = found.taken()
    assert column.values[0] == 1.0
    assert math.isnan(column.values[1])
    assert column.values[2:].tolist() == [math.inf, -math.inf]


def test_times_out_of_order_are_put_in_order() -> None:
    found = Exported()
    found.feed(line([3, 1, 2], [3_000, 1_000, 2_000]))
    (column,) = found.taken()
    assert np.array_equal(column.times, column.values)


@pytest.mark.parametrize(
    "body",
    [
        b"<html>\n",
        b"{}\n",
        line([1], [1, 2]),
        line(["odd"], [1]),
        line([[]], [1]),
        b"[" * 5_000 + b"\n",
        b"x" * (MAX_LINE + 1),
    ],
)
def test_what_is_none(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        Exported().feed(body)


def test_half_a_line_is_no_end() -> None:
    found = Exported()
    found.feed(line([1], [1])[:-5])
    with pytest.raises(RemoteProtocolError, match="within a line"):
        found.end()
