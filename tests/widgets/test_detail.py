"""What a chart gets that is zoomed to a stretch: all there is of it here, or finer points from the server."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from typing import Any

import numpy as np

from gunj_widgets.connection.loop import get_io
from gunj_widgets.errors import ConnectError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.widgets.detail import Details, stretch_of
from tests.widgets.stub import StubSession

Sent = list[tuple[dict[str, Any], list[bytes]]]


def xs(sent: tuple[dict[str, Any], list[bytes]]) -> list[float]:
    """The times of an answer, in milliseconds."""
    content, buffers = sent
    return np.frombuffer(buffers[content["body"]["xBuf"]], "<f8").tolist()


def details(frame: LiveMetrics) -> tuple[Details, Sent]:
    sent: Sent = []
    return Details(frame, lambda content, buffers: sent.append((content, buffers))), sent


class Refining(LiveMetrics):
    """Points a minute apart, and a server with points a second apart, which answers once it may."""

    def ready(self) -> Refining:
        self.asked: list[tuple[float, float]] = []
        self.may = asyncio.Event()
        self.error: ConnectError | None = None
        return self

    @property
    def refines(self) -> bool:
        return True

    async def refined(self, start: float, end: float) -> MetricFrame:
        self.asked.append((start, end))
        await self.may.wait()
        if self.error:
            raise self.error
        found = MetricFrame(None)
        times = np.arange(start - 1, end + 2)
        found.extend("cpu", {}, times, times)
        return found


def refining() -> Refining:
    session = StubSession()
    frame = Refining.over(session.store.frame("q"), window=600.0)
    frame.append("cpu", {}, 1000.0, 1.0)
    return frame.attach(session, "q", "q", 600.0, lambda: None).ready()  # type: ignore[arg-type]


def settled(asking: Details) -> None:
    asking._asking.result(5)  # type: ignore[union-attr]


def test_a_stretch_of_a_long_history_comes_in_full() -> None:
    frame = StubSession().frame("p", span=100_000.0)
    frame.extend("cpu", {}, np.arange(100_000.0), np.arange(100_000.0))
    asking, sent = details(frame)
    asking.ask({"fromMs": 50_000_000, "toMs": 50_100_000})
    (answer,) = sent
    assert xs(answer) == [t * 1000 for t in range(50_000, 50_101)]
    assert (answer[0]["body"]["thinned"], answer[0]["fromMs"], answer[0]["toMs"]) == (0, 50_000_000, 50_100_000)
    asking.ask({"fromMs": 0, "toMs": 99_999_000})
    assert len(xs(sent[1])) == 4_000
    assert sent[1][0]["body"]["thinned"] == 96_000


def test_finer_points_are_asked_of_the_server_and_only_those_of_the_stretch_are_shown() -> None:
    frame = refining()
    asking, sent = details(frame)
    asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
    get_io().call(frame.may.set)
    settled(asking)
    assert frame.asked == [(1000.0, 1005.0)]
    assert xs(sent[0]) == [1_000_000.0, 1_001_000.0, 1_002_000.0, 1_003_000.0, 1_004_000.0, 1_005_000.0]


def test_a_new_question_ends_the_one_before_and_the_same_one_is_not_asked_twice() -> None:
    frame = refining()
    asking, sent = details(frame)
    asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
    first = asking._asking
    asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
    assert asking._asking is first
    asking.ask({"fromMs": 1_001_000, "toMs": 1_002_000})
    assert first is not None
    assert first.cancelled()
    get_io().call(frame.may.set)
    settled(asking)
    assert [content["fromMs"] for content, _ in sent] == [1_001_000]
    asking.ask({"fromMs": 1_001_000, "toMs": 1_002_000})
    settled(asking)
    assert len(sent) == 2, "a later one is: the server may know more"


def test_what_was_known_before_it_was_cancelled_is_not_told_either() -> None:
    frame = refining()
    asking, sent = details(frame)

    def at_once() -> None:  # so that the first is cancelled before it runs, and runs before it learns of that
        asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
        asking.ask({"fromMs": 1_001_000, "toMs": 1_002_000})
        frame.may.set()

    done: Future[None] = Future()
    get_io().call(lambda: (at_once(), done.set_result(None)))
    done.result(5)
    settled(asking)
    assert frame.asked == [(1000.0, 1005.0), (1001.0, 1002.0)]
    assert [content["fromMs"] for content, _ in sent] == [1_001_000]


def test_why_there_are_no_finer_points_is_told() -> None:
    frame = refining()
    frame.error = ConnectError("Prometheus is away", "Start it.")
    asking, sent = details(frame)
    asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
    get_io().call(frame.may.set)
    settled(asking)
    ((content, buffers),) = sent
    assert (content["error"].startswith("Prometheus is away"), content["toMs"], buffers) == (True, 1_005_000, [])


def test_a_closed_chart_asks_no_more() -> None:
    asking, _ = details(refining())
    asking.close()
    asking.ask({"fromMs": 1_000_000, "toMs": 1_005_000})
    asking.close()
    assert asking._asking is not None
    assert asking._asking.cancelled()


def test_what_is_no_stretch_is_let_be() -> None:
    asking, sent = details(StubSession().frame("p"))
    for asked in (None, [], {}, {"fromMs": 2, "toMs": 1}, {"fromMs": "a", "toMs": 1}, {"fromMs": 1}):
        asking.ask(asked)
        assert stretch_of(asked) is None
    assert sent == []
