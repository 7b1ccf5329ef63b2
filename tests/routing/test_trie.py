"""PatternTrie: finds what a scan would find, and forgets without a trace."""

from __future__ import annotations

import sys

from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.routing.trie import PatternTrie
from tests.routing.brute import matches

TOPICS = st.lists(st.sampled_from(["a", "b", "c", "*", "**"]), min_size=1, max_size=6).map(".".join)
PATTERNS = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=5).map(".".join)


def trie_of(*patterns: str) -> PatternTrie[int]:
    trie: PatternTrie[int] = PatternTrie()
    for number, pattern in enumerate(patterns):
        trie.add(tuple(pattern.split(".")), number)
    return trie


@given(st.lists(PATTERNS, max_size=12), TOPICS)
def test_finds_exactly_what_a_scan_finds(patterns: list[str], topic: str) -> None:
    found = trie_of(*patterns).match(topic)
    assert sorted(found) == [n for n, pattern in enumerate(patterns) if matches(pattern, topic)]  # each once, too


@given(st.lists(st.tuples(PATTERNS, st.booleans()), max_size=12), TOPICS)
def test_removing_leaves_the_others(patterns: list[tuple[str, bool]], topic: str) -> None:
    trie = trie_of(*(pattern for pattern, _ in patterns))
    for number, (pattern, gone) in enumerate(patterns):
        if gone:
            trie.remove(tuple(pattern.split(".")), number)
    left = [(n, pattern) for n, (pattern, gone) in enumerate(patterns) if not gone]
    assert sorted(trie.match(topic)) == [n for n, pattern in left if matches(pattern, topic)]
    assert len(trie) == len({pattern for _, pattern in left})


@given(st.lists(PATTERNS, max_size=12))
def test_an_emptied_trie_has_no_branch_left(patterns: list[str]) -> None:
    trie = trie_of(*patterns)
    for number, pattern in enumerate(patterns):
        trie.remove(tuple(pattern.split(".")), number)
    assert len(trie) == 0
    assert trie._root.is_bare


def test_removing_what_is_not_there_does_nothing() -> None:
    trie = trie_of("a.b", "a.*")
    trie.remove(("a", "b", "c"), 0)
    trie.remove(("a", "b"), 7)
    trie.remove(("x",), 0)
    assert sorted(trie.match("a.b")) == [0, 1]


def test_a_topic_that_looks_like_a_wildcard_is_only_a_name() -> None:
    assert trie_of("*", "a", "**").match("*") != []
    assert trie_of("a").match("*") == []
    assert trie_of("*.b").match("**.b") == [0]


def test_eight_deep_wildcards_cost_steps_not_combinations() -> None:
    """Counts executed lines instead of time: 9 nodes × 16 segments, not 16 over 8 combinations."""
    trie = trie_of(".".join(["**"] * 8 + ["z"]))
    topic = ".".join("a" * 16)
    lines = 0

    def trace(frame: object, event: str, _: object) -> object:
        nonlocal lines
        lines += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)  # type: ignore[arg-type]
    try:
        assert trie.match(topic) == []
    finally:
        sys.settrace(before)
    assert lines < 16 * 9 * 12
