"""The tail and the answers made one: each line once, none lost, and what the tail lost counted."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.sources.loki.merge import CONFIRM, HOLD, Merge
from gunj_widgets.sources.loki.replies import Line


def line(ns: int, text: str = "x") -> Line:
    return Line(ns, {}, text, f"{ns}{text}".encode())


def test_what_both_tell_comes_once() -> None:
    merge = Merge()
    a, b = line(1), line(2)
    assert merge.tailed([a], 0.0) == [a]
    assert merge.answered([a, b], 0.1, 0) == [b]
    assert merge.tailed([b], 0.2) == []
    assert merge.settled(3, 0, 0.3) == []
    merge.settled(3, 0, CONFIRM + 1)
    assert merge.recovered == 0
    assert merge.repeated == 2


def test_what_the_tail_never_brings_is_recovered_and_counted() -> None:
    merge = Merge()
    merge.answered([line(1), line(2)], 0.0, 0)
    merge.settled(3, 0, CONFIRM - 0.1)
    assert merge.recovered == 0  # it may still come
    merge.tailed([line(2)], CONFIRM)
    merge.settled(3, 0, CONFIRM)
    assert merge.recovered == 1
    assert merge.is_holding(CONFIRM + HOLD - 0.1)
    assert not merge.is_holding(CONFIRM + HOLD + 0.1)


def test_history_and_what_was_before_the_tail_is_no_loss() -> None:
    merge = Merge()
    merge.answered([line(1)], 0.0)
    merge.answered([line(2), line(5)], 0.0, 3)
    merge.settled(9, 0, CONFIRM)
    assert merge.recovered == 1


def test_a_tail_that_went_away_is_not_blamed() -> None:
    merge = Merge()
    merge.answered([line(1)], 0.0, 0)
    merge.forgive()
    merge.settled(9, 0, CONFIRM)
    assert merge.recovered == 0


def test_lines_of_a_tail_that_loses_wait_for_the_answer_and_keep_its_order() -> None:
    merge = Merge()
    merge.lost(0.0)
    assert merge.tailed([line(1), line(3)], 0.1) == []
    assert merge.waiting == 2
    assert [one.ns for one in merge.answered([line(1), line(2), line(3)], 0.2, 0)] == [1, 2, 3]
    assert merge.waiting == 0


def test_a_line_too_old_for_any_answer_is_given_all_the_same() -> None:
    merge = Merge()
    merge.lost(0.0)
    merge.tailed([line(1), line(90)], 0.1)
    assert [one.ns for one in merge.settled(50, 0, 0.2)] == [1]
    assert merge.waiting == 1


def test_what_is_past_is_forgotten() -> None:
    merge = Merge()
    merge.tailed([line(1), line(9)], 0.0)
    merge.settled(10, 5, 0.1)
    assert len(merge._known) == 1


@given(
    st.lists(st.tuples(st.integers(0, 60), st.sampled_from("abc")), max_size=60, unique=True),
    st.data(),
)
def test_whatever_the_tail_leaves_out_or_says_twice_each_line_comes_once(
    written: list[tuple[int, str]], data: st.DataObject
) -> None:
    """A log of 60 moments, looked at every ten of them with an overlap of ten; the tail is random."""
    merge, given_ = Merge(), []
    lines = sorted((line(ns, text) for ns, text in written), key=lambda one: one.ns)
    for until in range(10, 81, 10):
        if data.draw(st.booleans()):
            merge.lost(float(until))
        fresh = [one for one in lines if until - 10 <= one.ns < until]
        heard = data.draw(st.lists(st.sampled_from(fresh), max_size=20)) if fresh else []
        given_ += merge.tailed(heard, float(until))
        given_ += merge.answered([one for one in lines if until - 20 <= one.ns < until], float(until), 0)
        given_ += merge.settled(until, until - 20, float(until))
    assert sorted(one.key for one in given_) == sorted(one.key for one in lines)
    assert merge.waiting == 0
