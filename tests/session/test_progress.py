"""How far work has come: shown late, seldom, where somebody looks, and away at the end."""

from __future__ import annotations

import io
import sys
import threading
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout

import pytest

from gunj_widgets.session import progress
from gunj_widgets.session.progress import AFTER, EVERY, Bar, Progress, TerminalBar, behind, waited


class Seen:
    """A bar that remembers what it was told."""

    def __init__(self) -> None:
        self.painted: list[tuple[str, float | None]] = []
        self.ended: list[str] = []

    def paint(self, words: str, share: float | None) -> None:
        self.painted.append((words, share))

    def end(self, words: str) -> None:
        self.ended.append(words)


class Rig:
    def __init__(self) -> None:
        self.now = 100.0
        self.bars: list[Seen] = []

    def place(self) -> Bar:
        self.bars.append(Seen())
        return self.bars[-1]

    def progress(self) -> Progress:
        return Progress("backup", clock=lambda: self.now, place=self.place)


def test_what_is_soon_over_shows_nothing() -> None:
    rig = Rig()
    with rig.progress() as bar:
        rig.now += AFTER - 0.01
        bar.to(0.5)
    assert rig.bars == []


def test_a_bar_comes_after_a_while_is_painted_now_and_then_and_ends_with_a_line() -> None:
    rig = Rig()
    with rig.progress() as bar:
        rig.now += AFTER
        bar.to(0.1)
        bar.to(0.2)
        rig.now += EVERY + 0.001
        bar.to(None)
        rig.now += EVERY + 0.001
        bar.to(7.0)
    (seen,) = rig.bars
    assert seen.painted == [("backup", 0.1), ("backup", None), ("backup", 1.0)]
    assert seen.ended == ["backup: 0.9 s"]


def test_it_ends_too_where_the_work_fails() -> None:
    rig = Rig()

    def fail() -> None:
        with rig.progress() as bar:
            rig.now += AFTER
            bar.to()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert rig.bars[0].ended


def test_nobody_who_looks_is_asked_for_once() -> None:
    rig, asked = Rig(), []
    with Progress("x", clock=lambda: rig.now, place=lambda: asked.append(1)) as bar:  # type: ignore[func-returns-value]
        for _ in range(3):
            rig.now += AFTER
            bar.to(0.5)
    assert asked == [1]


def test_a_terminal_gets_one_line_that_goes_away_and_obeys_no_name() -> None:
    out = io.StringIO()
    bar = TerminalBar(out)
    bar.paint("backup of \x1b[2Jprod", 0.5)
    assert out.getvalue() == "\rbackup of \N{REPLACEMENT CHARACTER}[2Jprod [############............]  50%\x1b[K"
    bar.paint("x", None)
    bar.end("done")
    assert out.getvalue().endswith("\rx\x1b[K\r\x1b[K")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_it_shows_on_a_terminal_and_nowhere_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert progress._place() is None
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert isinstance(progress._place(), TerminalBar)
    found: list[object] = []
    other = threading.Thread(target=lambda: found.append(progress._place()))
    other.start()
    other.join()
    assert found == [None], "only where a cell or a script waits"


def test_waiting_gives_the_result_or_what_was_raised() -> None:
    done: Future[int] = Future()
    done.set_result(7)
    assert waited(done, "x") == 7
    assert behind("x", lambda: 8) == 8
    with pytest.raises(ZeroDivisionError):
        behind("x", lambda: 1 // 0)
    with pytest.raises(FutureTimeout):
        waited(Future(), "x", timeout=0.0)
    late: Future[int] = Future()
    late.set_exception(TimeoutError("the work's own"))
    with pytest.raises(TimeoutError, match="own"):
        waited(late, "x", timeout=5.0)
