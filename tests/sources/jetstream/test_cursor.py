"""Where one is in a stream: holes, cuts, expiry, a stream made anew, and a server that forgot its last moments."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.jetstream.cursor import OVERLAP, Cursor, Place, StreamState, place_of


def state(first: int = 1, last: int = 0, created: str = "a") -> StreamState:
    return StreamState(created=created, first=first, last=last)


def read(cursor: Cursor, *numbers: int, start: float = 1000.0, each: float = 1.0) -> None:
    for k, number in enumerate(numbers, 1):
        assert cursor.admit(Place(number, k, start + k * each, 0))


def test_places_are_read_from_replies() -> None:
    assert place_of("$JS.ACK.GUNJ_METRICS.abc.1.41.7.1700000000500000000.3") == Place(41, 7, 1700000000.5, 3)
    with_domain = "$JS.ACK.hub.ACCOUNT.GUNJ_METRICS.abc.1.41.7.1700000000500000000.3.rnd"
    assert place_of(with_domain) == Place(41, 7, 1700000000.5, 3)


@pytest.mark.parametrize("reply", ["", "_INBOX.x", "$JS.ACK.S.c.1.x.7.1.0", "$JS.ACK.S.c.1.2"])
def test_what_is_no_place_says_so(reply: str) -> None:
    with pytest.raises(RemoteProtocolError):
        place_of(reply)


def test_a_new_reader_begins_at_the_start() -> None:
    assert Cursor().begin(state(first=5, last=9)) == (None, False)


def test_a_hole_in_the_consumers_numbers_is_seen_also_where_nothing_comes_after_it() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, 1, 2)
    assert not cursor.admit(Place(9, 4, 0.0, 0))
    assert cursor.complete(2)
    assert not cursor.complete(3), "the heartbeat tells of one more than came"


def test_after_a_cut_it_goes_on_a_little_earlier() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, *range(1, 21))
    start, missed = cursor.begin(state(last=30))
    assert not missed
    assert start is not None
    assert 20 - OVERLAP - 1 <= start <= 20 - OVERLAP


def test_numbers_that_a_killed_server_gave_away_again_are_read() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, *range(1, 21), each=0.01)  # all within the overlap
    assert cursor.begin(state(last=12)) == (1, False)
    read(cursor, *range(1, 4), start=1000.0)
    assert cursor.last == 3


def test_a_tail_that_was_lost_entirely_is_gone_on_from() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, *range(10, 21))
    assert cursor.begin(state(last=2)) == (3, False)


def test_what_expired_while_away_is_missed() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, 1, 2)
    assert cursor.begin(state(first=3, last=9))[1] is False
    assert cursor.begin(state(first=4, last=9))[1] is True


def test_a_stream_made_anew_is_read_from_its_start_and_something_is_missed() -> None:
    cursor = Cursor()
    cursor.begin(state())
    read(cursor, 1, 2)
    assert cursor.begin(state(last=50, created="b")) == (None, True)
    assert cursor.last == 0
