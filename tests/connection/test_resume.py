"""Resume: in order, once each, and no hole that is not told."""

from __future__ import annotations

import os
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.resume import MAX_TRIES, Admit, Phase, Position, RecentIds, Reset, Track
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.event import Event


def live(position: str | None = None) -> Track:
    """A track that took a snapshot at `position`."""
    track = Track()
    track.asked()
    track.subscribed(position, recovered=False, now=0.0)
    track.snapshot(position, last=True)
    return track


@pytest.mark.parametrize("text", ["e:0", "a:b:c:17", "140bece1.5:41"])
def test_a_position_is_its_text(text: str) -> None:
    assert str(Position.parse(text)) == text


@pytest.mark.parametrize("text", ["", ":", "e:", ":5", "e5", "e:-1", "e:x", "e:1.5", "e:٣", "e:" + "9" * 19])
def test_what_is_no_position(text: str) -> None:
    with pytest.raises(RemoteProtocolError, match="epoch:seq"):
        Position.parse(text)


@given(st.lists(st.integers(1, 30), max_size=200))
def test_whatever_order_they_come_in_they_are_delivered_once_and_in_order(seqs: list[int]) -> None:
    track, delivered = live("e:0"), []
    for seq in seqs:
        if track.admit("e", seq) is Admit.DELIVER:
            delivered.append(seq)
    assert delivered == list(range(1, len(delivered) + 1))


def test_duplicates_gaps_and_other_epochs() -> None:
    track = live("e:4")
    assert track.admit("e", 5) is Admit.DELIVER
    assert track.admit("e", 5) is Admit.DUPLICATE
    assert track.admit("e", 1) is Admit.DUPLICATE
    assert track.admit("e", 7) is Admit.GAP
    assert track.admit("f", 6) is Admit.GAP
    assert track.since == "e:5"
    assert track.admit("e", 6) is Admit.DELIVER


def test_what_has_no_number_is_always_delivered() -> None:
    assert [live("e:4").admit("e", None), Track().admit(None, None)] == [Admit.DELIVER, Admit.DELIVER]


def test_nothing_counts_before_the_server_answered() -> None:
    track = live("e:4")
    track.asked()
    assert track.admit("e", 5) is Admit.EARLY
    assert track.subscribed("e:6", recovered=True, now=0.0) is None
    assert track.admit("e", 5) is Admit.DELIVER


def test_a_first_snapshot_is_no_reset() -> None:
    track = Track()
    track.asked()
    assert track.subscribed("e:3", recovered=False, now=0.0) is None
    assert track.phase is Phase.SNAPSHOT
    assert not track.synced
    track.snapshot("e:3", last=False)
    assert not track.synced
    track.snapshot("e:3", last=True)
    assert (track.synced, track.since, track.admit("e", 4)) == (True, "e:3", Admit.DELIVER)


def test_a_snapshot_that_was_cut_is_asked_for_again() -> None:
    track = Track()
    track.asked()
    track.subscribed("e:3", recovered=False, now=0.0)
    track.snapshot("e:3", last=False)
    track.last = 1.0
    track.off()
    assert track.since is None
    track.asked()
    assert track.subscribed("e:9", recovered=False, now=2.0) is None


def test_what_the_server_forgot_is_one_reset_with_its_bounds() -> None:
    track = live("e:4")
    track.last = 100.0
    track.off()
    track.asked()
    reset = track.subscribed("f:0", recovered=False, now=160.0)
    assert reset == Reset(before="e:4", after="f:0", since=100.0, until=160.0)
    track.snapshot("f:0", last=True)
    assert track.admit("f", 1) is Admit.DELIVER


def test_a_gap_that_stays_is_given_up_after_three_tries_and_told() -> None:
    track = live("e:4")
    track.last = 100.0
    for _ in range(MAX_TRIES):
        assert track.admit("e", 7) is Admit.GAP
        assert track.gap("e", 7, now=150.0) is None
    assert track.admit("e", 7) is Admit.GAP
    assert track.gap("e", 7, now=150.0) == Reset(before="e:4", after="e:7", since=100.0, until=150.0)
    assert track.admit("e", 8) is Admit.DELIVER


def test_progress_forgives_earlier_tries() -> None:
    track = live("e:4")
    for _ in range(10):
        for _ in range(MAX_TRIES):
            assert track.gap("e", 99, now=0.0) is None
        assert track.position is not None
        track.admit("e", track.position.seq + 1)


def test_only_the_owner_turns_it_off() -> None:
    socket, stream = object(), object()
    track = live("e:4")
    track.asked(stream)
    track.asked(socket)
    track.subscribed(None, recovered=True, now=0.0)
    track.off(stream)
    assert track.admit("e", 5) is Admit.DELIVER
    track.off(socket)
    assert track.admit("e", 6) is Admit.EARLY


def test_a_legacy_server_has_no_numbering() -> None:
    track = live("e:4")
    track.begin_unnumbered()
    assert (track.since, track.phase) == (None, Phase.LIVE)


@given(st.lists(st.integers(0, 50)), st.integers(1, 20))
def test_recent_ids_know_at_least_the_last_ones(ids: list[int], size: int) -> None:
    recent, seen = RecentIds(size), []
    for number in ids:
        known = recent.seen(str(number))
        distinct = list(dict.fromkeys(reversed(seen)))
        if number in distinct[:size]:
            assert known
        if number not in seen:
            assert not known
        seen.append(number)
    assert len(recent._new) + len(recent._old) <= 2 * size


@pytest.mark.parametrize(
    ("epoch", "seq", "follows"),
    [
        ("e", 5, True),
        ("e", 6, True),
        ("e", 1, True),
        ("e", 7, False),
        ("f", 6, False),
        (None, 6, False),
        ("e", None, False),
    ],
)
def test_what_follows_a_position(epoch: str | None, seq: int | None, follows: bool) -> None:
    track = Track()
    assert not track.follows(epoch, seq)
    track.position = Position("e", 5)
    assert track.follows(epoch, seq) is follows


@pytest.mark.parametrize("seed", range(3))
def test_a_million_numbers_repeated_late_and_left_out_come_once_and_in_order(seed: int) -> None:
    """A network that doubles, delays and loses, and a server that is asked again from the last whole position."""
    random, last = Random(seed), 1_000_000 if os.environ.get("GUNJ_SOAK") == "1" else 100_000
    track = live("e:0")
    delivered = asked = repeated = told = 0
    following = 1
    late: list[int] = []
    while delivered < last:
        seqs = [following] if following <= last else []
        following += 1
        chance = random.random()
        if chance < 0.01:
            seqs = []  # lost
        elif chance < 0.02:
            late += seqs  # comes later
            seqs = []
        elif chance < 0.05:
            seqs += [random.randrange(1, following) for _ in range(random.randrange(1, 4))]  # comes again
        elif late and chance < 0.3:
            seqs.append(late.pop())
        for seq in seqs:
            admit = track.admit("e", seq)
            if admit is Admit.DELIVER:
                assert seq == delivered + 1
                delivered = seq
            elif admit is Admit.DUPLICATE:
                assert seq <= delivered
                repeated += 1
            else:
                assert (admit, seq > delivered + 1) == (Admit.GAP, True)
                asked += 1
                reset = track.gap("e", seq, 0.0)
                if reset is not None:  # in vain three times: given up, and told with its bounds
                    assert (reset.before, reset.after) == (f"e:{delivered}", f"e:{seq}")
                    delivered, told = seq, told + 1
                following = delivered + 1  # asked again: the server goes on from there
                track.asked()
                track.subscribed(None, recovered=True, now=0.0)
        if following > last + 1:
            following = delivered + 1
    assert delivered == last
    assert asked > last / 200
    assert told < last / 100_000
    assert repeated > last / 200


@given(st.lists(st.integers(0, 30), max_size=12), st.lists(st.integers(0, 30), max_size=12), st.integers(1, 20))
def test_ids_that_are_all_new_are_taken_together_else_none(before: list[int], ids: list[int], size: int) -> None:
    recent = RecentIds(size)
    for number in before:
        recent.seen(str(number))
    kept = [*recent._new, *recent._old]
    new = len(set(ids)) == len(ids) and not {str(number) for number in ids} & set(kept)
    assert recent.all_new([str(number) for number in ids]) is new
    if new:
        assert {str(number) for number in ids} <= recent._new | recent._old
        assert not recent.all_new([None])
    else:
        assert sorted([*recent._new, *recent._old]) == sorted(kept)


def test_a_run_goes_as_far_as_it_is_one_subscription_in_order() -> None:
    events = [Event(topic="a.b", seq=seq, epoch="e", sub="s") for seq in (5, 6, 7, 9)]
    track = live("e:5")
    assert track.ahead(events, 0, "s") == 0
    assert track.ahead(events, 1, "other") == 0
    assert (track.ahead(events, 1, "s"), track.since) == (2, "e:7")
    assert (track.ahead(events, 3, "s"), track.ahead([], 0, "s"), track.since) == (0, 0, "e:7")
    track.asked()
    assert track.ahead([Event(topic="a.b", seq=8, epoch="e", sub="s")], 0, "s") == 0
    assert Track().ahead(events, 0, "s") == 0
