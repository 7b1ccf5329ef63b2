"""When reading pauses, and for how long: told the time, it sleeps nowhere."""

from __future__ import annotations

import pytest

from gunj_widgets.connection.batching import BUSY, FULL, LONGEST, Batching


def paced(rate: float, size: int, seconds: float = 5.0) -> tuple[list[float], int]:
    """Return the pauses of a stream at `rate` messages a second that is read as told, and the largest read in bytes."""
    batching, now, sent, pauses, most = Batching(), 0.0, 0, [], 0
    while now < seconds:
        now = max(now, (sent + 1) / rate)
        come = max(1, int(now * rate) - sent)
        sent += come
        pauses.append(batching.pause(come, come * size, now))
        most = max(most, come * size)
        now += pauses[-1]
    return pauses, most


@pytest.mark.parametrize("rate", [1, 50, 0.9 * BUSY])
def test_a_quiet_socket_is_read_at_once(rate: float) -> None:
    assert set(paced(rate, 200)[0]) == {0.0}


@pytest.mark.parametrize("rate", [1.5 * BUSY, 1_000, 5_000])
def test_a_busy_socket_is_left_alone_for_one_frame_of_a_browser(rate: float) -> None:
    pauses, _ = paced(rate, 200)
    assert pauses[-1] == LONGEST
    assert len(pauses) < 5 * 1.5 / LONGEST + BUSY


@pytest.mark.parametrize("rate", [20_000, 50_000, 200_000])
def test_no_more_piles_up_than_a_receive_buffer_takes(rate: float) -> None:
    pauses, most = paced(rate, 200, 2.0)
    assert max(pauses) <= LONGEST
    assert most < FULL


def test_a_socket_with_more_to_read_is_never_left_alone() -> None:
    batching = Batching()
    assert [batching.pause(400, FULL, n / 1_000) for n in range(1_000)] == [0.0] * 1_000


def test_it_comes_to_rest_after_a_flood() -> None:
    batching = Batching()
    for n in range(1_000):
        batching.pause(5, 1_000, n / 1_000)
    assert batching.pause(1, 200, 1.0) == LONGEST
    assert batching.pause(1, 200, 10.0) == 0.0


def test_a_clock_that_steps_back_does_no_harm() -> None:
    batching = Batching()
    batching.pause(1, 200, 1_000.0)
    assert batching.pause(1, 200, 0.0) == 0.0
