"""What is followed as scraped, and what is computed."""

from __future__ import annotations

import pytest

from gunj_widgets.sources.prometheus.selector import is_selector, name_of


@pytest.mark.parametrize(
    "expression",
    ["up", " up ", "job:x:rate5m", 'up{job="a"}', '{__name__=~"node_.+"}', "up{a=\"}\",b='{'}", "up{}", r'up{a="\"}"}'],
)
def test_selectors(expression: str) -> None:
    assert is_selector(expression)


@pytest.mark.parametrize(
    "expression",
    [
        "rate(up[5m])",
        "up[5m]",
        "up offset 5m",
        "up + up",
        "1",
        "inf",
        "NaN",
        '"a"',
        "up{",
        "sum by (a) (up)",
        "-up",
        "up @ 1",
        "",
    ],
)
def test_anything_else(expression: str) -> None:
    assert not is_selector(expression)


def test_nothing_makes_it_slow() -> None:
    assert not is_selector("{" + '"a",' * 50_000)


def test_names() -> None:
    assert name_of({"__name__": "up"}, "x") == "up"
    assert name_of({}, " rate( up[5m] ) ") == "rate( up[5m] )"
