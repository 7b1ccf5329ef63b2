"""Topics and patterns: any name survives the way into a topic and back; everything is bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import PatternError, TopicError
from gunj_widgets.events.topics import (
    MAX_SEGMENTS,
    MAX_TOPIC,
    check_topic,
    escape,
    parse_pattern,
    segments,
    topic,
)

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)


@given(st.lists(NAMES, min_size=1, max_size=6))
def test_names_come_back_as_they_went_in(names: list[str]) -> None:
    assert segments(topic(*names)) == names


@given(NAMES)
def test_a_name_is_one_segment_and_no_wildcard(name: str) -> None:
    escaped = escape(name)
    assert not set(escaped) & set(".*> \t\n")
    assert len(parse_pattern(escaped[:MAX_TOPIC])) == 1 or len(escaped) > MAX_TOPIC


def test_the_example() -> None:
    assert topic("platform", "prod.eu", "status") == "platform.prod%2Eeu.status"


def test_an_empty_name_is_refused() -> None:
    with pytest.raises(TopicError, match="empty"):
        topic("platform", "", "status")


def test_bounds_are_what_they_say() -> None:
    assert check_topic("a" * MAX_TOPIC)
    assert check_topic(".".join("a" * MAX_SEGMENTS))
    for bad in ("", "a" * (MAX_TOPIC + 1), ".".join("a" * (MAX_SEGMENTS + 1)), ".a", "a.", "a..b"):
        with pytest.raises(TopicError):
            check_topic(bad)
    assert len(parse_pattern(".".join("*" * MAX_SEGMENTS))) == MAX_SEGMENTS


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [("**", ("**",)), ("platform.*.status", ("platform", "*", "status")), ("a.**.b", ("a", "**", "b"))],
)
def test_patterns(pattern: str, parts: tuple[str, ...]) -> None:
    assert parse_pattern(pattern) == parts


@pytest.mark.parametrize(
    "pattern", ["", ".", "a.", ".a", "a..b", "pl*", "***", "a.*b", "x" * 257, ".".join("a" * 17), None, 3]
)
def test_bad_patterns_say_what_to_do(pattern: str) -> None:
    with pytest.raises(PatternError) as caught:
        parse_pattern(pattern)
    assert caught.value.remedy
