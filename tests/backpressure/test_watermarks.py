"""SlowSignal: alternates for every listener, whatever listeners do."""

from __future__ import annotations

from gunj_widgets.backpressure.watermarks import SlowSignal


def test_tells_changes_only() -> None:
    signal, heard = SlowSignal(), list[bool]()
    signal.listen(heard.append)
    for value in (False, True, True, False, False, True):
        signal.set(value)
    assert heard == [True, False, True]
    assert (signal.slow, signal.pauses) == (True, 2)


def test_undo_is_final_and_repeatable() -> None:
    signal, heard = SlowSignal(), list[bool]()
    undo = signal.listen(heard.append)
    twin = signal.listen(heard.append)  # the same callback twice is two listeners
    undo()
    undo()
    signal.set(True)
    assert heard == [True]
    twin()
    signal.set(False)
    assert heard == [True]
    assert not signal._listeners


def test_a_change_caused_by_a_listener_is_told_afterwards() -> None:
    signal, first, second = SlowSignal(), list[bool](), list[bool]()

    def relieve(slow: bool) -> None:
        first.append(slow)
        if slow:
            signal.set(False)

    signal.listen(relieve)
    signal.listen(second.append)
    signal.set(True)
    assert first == second == [True, False]
    assert not signal.slow


def test_a_listener_that_fails_is_counted_and_stops_nobody() -> None:
    def broken(_: bool) -> None:
        raise OSError

    signal, heard = SlowSignal(), list[bool]()
    signal.listen(broken)
    signal.listen(heard.append)
    signal.set(True)
    signal.set(False)
    assert heard == [True, False]
    assert signal.errors == 2
