"""Streams: numbered without holes, resumable as far as they remember, and no further."""

from __future__ import annotations

from gunj_widgets.demo.facts import Fact, Filter
from gunj_widgets.demo.streams import Feed, Stream


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
