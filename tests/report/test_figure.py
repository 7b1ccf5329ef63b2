"""Figures: round ticks, gaps as gaps, and nothing but text from elsewhere."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.report.figure import svg, ticks, time_ticks
from gunj_widgets.store.evidence import Pin, Series
from tests.report.evidence import EVIL, T, made

SVG = "{http://www.w3.org/2000/svg}"


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314  our own


finite = st.floats(-1e12, 1e12, allow_nan=False)


@given(finite, finite)
def test_ticks_hold_all_values_and_are_few(a: float, b: float) -> None:
    low, high = min(a, b), max(a, b)
    found = ticks(low, high)
    assert 2 <= len(found) <= 8
    slack = 1e-9 * max(abs(low), abs(high), 1.0)
    assert found[0] <= low + slack
    assert found[-1] >= high - slack


@pytest.mark.parametrize("span", [1.0, 59.0, 600.0, 3600.0, 86400.0, 40 * 86400.0])
def test_time_ticks_are_round_and_few(span: float) -> None:
    found = time_ticks(T, T + span)
    assert 1 <= len(found) <= 8
    assert all(T <= time <= T + span for time, _ in found)


def test_a_gap_is_not_bridged() -> None:
    figure = parsed(svg(Pin(kind="figure", title="x", pinned=T, series=[made().pins[0].series[0]])))
    paths = figure.findall(f"{SVG}path")
    assert len(paths) == 3, "one for each stretch between what is missing"


def test_a_long_silence_is_a_gap() -> None:
    times = [*(T + n for n in range(10)), *(T + 100 + n for n in range(10))]
    pin = Pin(kind="figure", title="x", pinned=T, series=[Series("a", times, [1.0] * 20)])
    assert len(parsed(svg(pin)).findall(f"{SVG}path")) == 2


def test_lines_after_the_eighth_are_dashed() -> None:
    paths = parsed(svg(made().pins[0])).findall(f"{SVG}path")
    assert [bool(path.get("stroke-dasharray")) for path in paths[-2:]] == [True, True]
    assert not paths[0].get("stroke-dasharray")


def test_one_point_and_none() -> None:
    assert "<path" in svg(Pin(kind="figure", title="x", pinned=T, series=[Series("a", [T], [5.0])]))
    assert "no data" in svg(Pin(kind="figure", title="x", pinned=T, series=[Series("a", [T], [None])]))


def test_a_title_is_text() -> None:
    found = parsed(svg(made(EVIL).pins[0]))
    assert not [node for node in found.iter() if node.tag.endswith("script")]
