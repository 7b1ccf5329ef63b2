"""Patterns: no regular expression and no line can stall the kernel."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.patterns import MAX_LINE, matcher

EVIL = ["(a+)+$", "(a|a)*$", "(a*)*b", r"(\w+\s?)*$", "(.*a){20}", "(a|aa)+$", "((a{1,9}){1,9}){1,9}$"]


@pytest.fixture(params=["re2", "re"])
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    if request.param == "re":
        monkeypatch.setitem(sys.modules, "re2", None)
    return request.param


@pytest.mark.parametrize("pattern", EVIL)
def test_a_pattern_that_backtracks_is_refused_or_harmless(pattern: str, engine: str) -> None:
    if engine == "re":
        with pytest.raises(SettingsError, match="regex"):
            matcher(pattern)
        return
    match = matcher(pattern)
    start = time.perf_counter()
    for _ in range(20):
        match("a" * 5_000 + "!")
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize(
    "pattern",
    [
        r"(\w+) \1",  # a back reference
        "(?=.*x)y",  # look-ahead
        "(?<=x)y",
        ".*a.*b",  # two unbounded repeats: the cube of the line's length
        "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaaaaaa",
        "(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)(a|a)",
    ],
)
def test_re_takes_only_what_is_provably_cheap(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    with pytest.raises(SettingsError, match="could stall"):
        matcher(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("time ?out", "a timeout"),
        ("error|warn", "warn: x"),
        (r"status=5\d\d", "status=503"),
        ("GET .* 500", "GET /api 500"),
        (r"^\[\w+\]", "[main] x"),
        ("(?i)TIMEOUT", "timeout"),
        (r"\bid=[0-9a-f]{8}\b", "id=deadbeef"),
        ("(foo|bar)baz", "barbaz"),
    ],
)
def test_what_people_write_is_accepted_by_both(pattern: str, text: str, engine: str) -> None:
    match = matcher(pattern)
    assert match(text)
    assert not match("nothing of the kind")


def test_the_worst_accepted_pattern_is_bounded_for_re(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "re2", None)
    match = matcher("(a|b|c|d|e|f|g|h|i)*?x".replace("(a|b|c|d|e|f|g|h|i)", "a"))
    start = time.perf_counter()
    assert not match("a" * 100_000)
    assert time.perf_counter() - start < 1.0


@pytest.mark.parametrize("pattern", ["(", "[a", "a{2,1}", "*", "x" * 1001, "(" * 1000])
def test_a_wrong_pattern_says_so(pattern: str, engine: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SettingsError, match="regex") as caught:
        matcher(pattern)
    assert len(str(caught.value)) < 300
    assert capfd.readouterr() == ("", "")


def test_deep_nesting_is_refused_or_understood(engine: str) -> None:
    pattern = "(" * 480 + "a" + ")" * 480
    try:
        assert matcher(pattern)("a")
    except SettingsError:
        assert engine == "re"


def test_only_the_beginning_of_a_long_line_is_searched(engine: str) -> None:
    match = matcher("needle")
    assert match("needle" + "x" * 1_000_000)
    assert not match("x" * MAX_LINE + "needle")
