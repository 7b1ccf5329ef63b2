"""Topics ⇄ subjects: both ways, and nothing that NATS would take for something else."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import TopicError
from gunj_widgets.events.topics import segments, topic
from gunj_widgets.routing.trie import PatternTrie
from gunj_widgets.sources.jetstream.subjects import filter_of, subject_of, topic_of


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=6))
def test_any_name_survives_the_way_there_and_back(names: list[str]) -> None:
    made = topic(*names)
    if len(made) > 256:
        return
    subject = subject_of(made)
    assert not set(subject) & set("*> \t\r\n"), "NATS would take it for a wildcard, or refuse it"
    assert topic_of(subject) == made
    assert segments(topic_of(subject) or "") == names


@pytest.mark.parametrize("bad", ["a.*", "a.>", "a b", "a..b", "", "a\nb"])
def test_what_is_no_subject_is_refused(bad: str) -> None:
    with pytest.raises(TopicError):
        subject_of(bad)


def test_a_note_lives_in_the_bucket() -> None:
    assert subject_of("note.17-ab") == "$KV.GUNJ_NOTES.17-ab"
    assert topic_of("$KV.GUNJ_NOTES.17-ab") == "note.17-ab"


@pytest.mark.parametrize("subject", ["orders.new", "gunj.v1.", "gunj.v2.a.b", "$KV.other.x", "gunj.v1.a..b"])
def test_foreign_subjects_have_no_topic(subject: str) -> None:
    assert topic_of(subject) is None


@pytest.mark.parametrize(
    ("pattern", "filter", "exact"),
    [
        ("platform.*.status", "platform.*.status", True),
        ("platform.**", "platform.>", True),
        ("**", ">", True),
        ("**.*", "*.>", True),
        ("a.**.**", "a.*.>", True),
        ("**.error", ">", False),
        ("a.**.b", "a.>", False),
    ],
)
def test_patterns_become_filters(pattern: str, filter: str, exact: bool) -> None:
    assert filter_of(pattern) == (f"gunj.v1.{filter}", exact)


words = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=5).map(".".join)
patterns = st.lists(st.sampled_from(["a", "b", "*", "**"]), min_size=1, max_size=4).map(".".join)


@given(patterns, words)
def test_a_filter_lets_through_all_that_the_pattern_means_and_an_exact_one_nothing_else(
    pattern: str, topic: str
) -> None:
    trie: PatternTrie[int] = PatternTrie()
    trie.add(tuple(pattern.split(".")), 1)
    meant = bool(list(trie.match(topic)))
    filter, exact = filter_of(pattern)
    let_through = _nats(filter, subject_of(topic))
    assert let_through or not meant
    if exact:
        assert let_through == meant


def _nats(filter: str, subject: str) -> bool:
    """Match as NATS does: `*` is one token, `>` one or more at the end."""
    parts = [".+" if part == ">" else "[^.]+" if part == "*" else re.escape(part) for part in filter.split(".")]
    return re.fullmatch(r"\.".join(parts), subject) is not None
