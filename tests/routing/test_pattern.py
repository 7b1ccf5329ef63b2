"""Pattern against the seed's truth table and against a brute-force matcher."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import PatternError
from gunj_widgets.routing.pattern import START, Pattern
from tests.routing.brute import matches

NAMES = st.sampled_from(["a", "b", "c"])
TOPICS = st.lists(NAMES, min_size=1, max_size=7).map(".".join)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=6).map(".".join)


@pytest.mark.parametrize(
    ("pattern", "topic", "expected"),
    [
        ("platform.**", "platform", False),
        ("platform.**", "platform.a.b", True),
        ("**.error", "error", False),
        ("**.error", "a.error", True),
        ("**.error", "a.b.error", True),
        ("**.error", "a.error.b", False),
        ("a.**.b", "a.b", False),
        ("a.**.b", "a.x.b", True),
        ("a.**.b", "a.x.y.b", True),
        ("**", "a", True),
        ("**", "a.b", True),
        ("**", "line\nbreak", True),  # the seed's regex said no; a name is a name
        ("*", "a", True),
        ("*", "a.b", False),
        ("*", "line\nbreak", True),
        ("a.*", "a.b", True),
        ("a.*", "a", False),
        ("a.*", "a.b.c", False),
        ("alert.**", "alert", False),
        ("platform.*.status", "platform.prod.status", True),
        ("platform.*.status", "platform.prod.x.status", False),
        ("a.b", "a.b", True),
        ("a.b", "a.bc", False),
        ("a.(b|c)+", "a.(b|c)+", True),
        ("a.(b|c)+", "a.b", False),
        ("**.**", "a", False),
        ("**.**", "a.b", True),
        ("*.**", "a.b.c", True),
    ],
)
def test_truth_table(pattern: str, topic: str, expected: bool) -> None:
    assert Pattern(pattern).matches(topic) is expected
    assert matches(pattern, topic) is expected


@pytest.mark.parametrize(
    "broken", ["", ".", "a.", ".a", "a..b", "pl*", "a.b*", "***", "a.***", "a." * 16 + "a", "x" * 257]
)
def test_broken_patterns_are_refused(broken: str) -> None:
    with pytest.raises(PatternError) as caught:
        Pattern(broken)
    assert caught.value.remedy


def test_pattern_at_its_limits() -> None:
    assert Pattern(".".join("a" * 16)).matches(".".join("a" * 16))
    assert Pattern("x" * 256).matches("x" * 256)


@given(PATTERNS, TOPICS)
def test_agrees_with_brute_force(pattern: str, topic: str) -> None:
    assert Pattern(pattern).matches(topic) is matches(pattern, topic)


@given(PATTERNS, TOPICS)
def test_only_names_never_hides_a_way_on(pattern: str, topic: str) -> None:
    matcher, state = Pattern(pattern), START
    for name in topic.split("."):
        only = matcher.only_names(state)
        state = matcher.step(state, name)
        assert only is None or not state or name in only


def test_literal_flag() -> None:
    assert Pattern("a.b").is_literal
    assert not Pattern("a.*").is_literal
    assert not Pattern("**").is_literal


def test_one_step_per_segment_whatever_the_pattern() -> None:
    """No backtracking: the state is one small int, so the work is the number of segments."""
    matcher = Pattern(".".join(["**"] * 8 + ["z"]))
    state = START
    for _ in range(16):
        state = matcher.step(state, "a")
        assert state < 1 << 17
    assert not matcher.matches(".".join("a" * 16))
