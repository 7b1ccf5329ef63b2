"""Streams: numbered without holes, resumable as far as they remember, and no further."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.streams import LINGER, MAX_STREAMS, Feed, Stream, Streams


def fact(n: int) -> Fact:
    return Fact(id=f"f{n}", kind="status", topic="platform.p.status", payload={"n": n}, time=float(n), platform="p")


def stream(size: int = 5) -> Stream:
    return Stream(Filter.of("platforms"), "e1", size)


def feed(of: Stream, seq: int = 0, max_lag: int = 100) -> Feed:
    return Feed(of, seq, max_lag=max_lag, wake=lambda: None)


def test_numbers_have_no_holes() -> None:
    made = stream(100)
    reader = feed(made)
    for n in range(1, 8):
        made.publish(fact(n))
    assert [(seq, f.payload["n"]) for seq, f in reader.take(50)] == [(n, n) for n in range(1, 8)]


def test_resume_goes_as_far_back_as_the_ring_and_not_further() -> None:
    made = stream(5)
    for n in range(1, 11):
        made.publish(fact(n))
    assert made.after("e1:5") == 5, "6 to 10 are kept"
    assert made.after("e1:4") is None, "5 is forgotten"
    assert made.after("e1:10") == 10
    for wrong in ("e1:11", "e0:7", "e1:", "e1:x", "", None, "e1:٣"):
        assert made.after(wrong) is None


def test_who_falls_too_far_behind_is_lost_and_a_closed_feed_leaves() -> None:
    made = stream(1000)
    slow, quick = feed(made, max_lag=3), feed(made)
    for n in range(1, 6):
        made.publish(fact(n))
    assert slow.lost
    assert slow.take(10) == []
    assert not quick.lost
    quick.close(1.0)
    slow.close(1.0)
    assert made.feeds == set()


def test_a_feed_reads_on_over_the_ends_of_the_ring() -> None:
    made = stream(5)
    reader = feed(made)
    seen = []
    for n in range(1, 30):
        made.publish(fact(n))
        if n % 3 == 0:
            seen += reader.take(2) + reader.take(2)
    assert [(seq, f.payload["n"]) for seq, f in seen] == [(n, n) for n in range(1, 28)]


def test_what_was_missed_may_be_more_than_the_lag_that_is_allowed_later() -> None:
    made = stream(1000)
    for n in range(1, 101):
        made.publish(fact(n))
    back = feed(made, seq=0, max_lag=10)
    for n in range(101, 110):
        made.publish(fact(n))
    assert not back.lost
    while back.pending:
        back.take(7)
    for n in range(110, 121):
        made.publish(fact(n))
    assert back.lost, "once it had caught up, ten are the bound"


def test_a_feed_whose_next_fact_is_forgotten_is_lost() -> None:
    made = stream(5)
    back = feed(made, max_lag=100)
    for n in range(1, 6):
        made.publish(fact(n))
    assert not back.lost
    made.publish(fact(6))
    assert back.lost


def test_every_fact_wakes() -> None:
    made, woken = stream(), []
    Feed(made, 0, max_lag=9, wake=lambda: woken.append(1))
    made.publish(fact(1))
    made.publish(fact(2))
    assert len(woken) == 2


def test_equal_filters_share_a_stream_that_goes_on_without_listeners() -> None:
    all_of_them = Streams("e")
    one = all_of_them.open(Filter.of("platforms"), 0.0)
    assert all_of_them.open(Filter.of("platforms"), 0.0) is one
    reader = feed(one)
    all_of_them.publish([fact(1)])
    reader.close(10.0)
    all_of_them.publish([fact(2)])
    assert one.after(f"{one.epoch}:1") == 1
    all_of_them.prune(10.0 + LINGER)
    assert len(all_of_them) == 1
    all_of_them.prune(11.0 + LINGER)
    assert len(all_of_them) == 0
    again = all_of_them.open(Filter.of("platforms"), 2000.0)
    assert again.epoch != one.epoch, "its numbering began anew"
    assert again.after(one.position) is None


def test_a_stream_with_listeners_is_kept() -> None:
    all_of_them = Streams("e")
    feed(all_of_them.open(Filter.of("platforms"), 0.0))
    all_of_them.prune(1e9)
    assert (len(all_of_them), all_of_them.feeds) == (1, 1)


def test_the_number_of_streams_is_bounded() -> None:
    all_of_them = Streams("e")
    for n in range(MAX_STREAMS + 50):
        all_of_them.open(Filter.of("metrics", "p", [f"m{n}"]), float(n))
    assert len(all_of_them) == MAX_STREAMS
    kept = all_of_them.open(Filter.of("metrics", "p", ["m50"]), 0.0)
    assert kept.epoch == "e.51", "the longest idle ones went first"


def test_when_all_are_listened_to_no_more_are_made() -> None:
    all_of_them = Streams("e")
    for n in range(MAX_STREAMS):
        feed(all_of_them.open(Filter.of("metrics", "p", [f"m{n}"]), 0.0))
    with pytest.raises(RefusedError) as caught:
        all_of_them.open(Filter.of("alerts"), 0.0)
    assert caught.value.status == 429


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(1, 20))
def test_no_fact_is_missing_or_double_whatever_the_pace(takes: list[int], size: int) -> None:
    made = stream(size)
    reader = feed(made, max_lag=1000)
    seen: list[int] = []
    for n, take in enumerate(takes, start=1):
        made.publish(fact(n))
        seen += [seq for seq, f in reader.take(take) if f.payload["n"] == seq]
    assert seen == list(range(1, len(seen) + 1))
    assert reader.lost or reader.position == f"e1:{len(seen)}"
