"""`rt.logql` over real sockets: history, a tail that loses lines, cuts, and errors in words."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
from starlette.responses import PlainTextResponse

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, LimitError, QueryError, SettingsError, SetupError
from gunj_widgets.session.logql import LiveLogQL
from gunj_widgets.session.session import Session
from tests.live.client import wait_for
from tests.live.sources.loki import LokiServer

QUERY = '{app="api"}'


@pytest.fixture
def loki() -> Iterator[LokiServer]:
    server = LokiServer()
    yield server
    gunj.close_all()
    server.close()


@pytest.fixture
def rt(loki: LokiServer) -> Session:
    return gunj.connect(loki=loki.url)


def missing(loki: LokiServer, logs: LiveLogQL) -> set[str]:
    return {line for _, _, line in loki.entries} - {entry.message for entry in logs.buffer.entries}


def test_history_then_what_is_written(loki: LokiServer, rt: Session) -> None:
    loki.push([f"old {i}" for i in range(12_000)], app="api", level="info", trace_id="t")
    logs = rt.logql(QUERY, rows=20_000)
    assert isinstance(logs, LiveLogQL)
    frame = logs.df
    assert len(frame) == 12_000
    assert frame.index.astype("int64").to_list() == [ns for ns, _, _ in loki.entries]  # to the nanosecond
    assert set(frame["level"]) == {"info"}
    assert frame["metadata"].iloc[0]["trace_id"] == "t"
    wait_for(lambda: logs.status.tail)
    loki.push(["new"], app="api", level="error")
    wait_for(lambda: logs.buffer.tail(1)[0].message == "new", 5)
    assert logs.notice == ""
    assert rt.logql(QUERY, rows=20_000) is logs


def test_what_is_fetched_is_narrowed_here(loki: LokiServer, rt: Session) -> None:
    loki.push(["timeout of a", "refused b", "all well"], app="api", level="error")
    loki.push(["timeout of c"], app="api", container="sidecar", level="error")
    logs = rt.logql(QUERY, component="api", regex="timeout|refused")
    assert isinstance(logs, LiveLogQL)
    assert list(logs.df["message"]) == ["timeout of a", "refused b"]
    wait_for(lambda: logs.status.tail)
    loki.push(["refused d", "well again"], app="api", level="error")
    wait_for(lambda: logs.buffer.tail(1)[0].message == "refused d", 5)
    with pytest.raises(SettingsError, match="RE2|pattern|regex"):
        rt.logql(QUERY, regex="(")
    assert len(rt.queries) == 1


def test_twenty_thousand_lines_at_five_thousand_a_second_and_none_is_missing(loki: LokiServer, rt: Session) -> None:
    logs = rt.logql(QUERY, rows=30_000)
    assert isinstance(logs, LiveLogQL)
    wait_for(lambda: logs.status.tail)

    def write() -> None:
        started = time.monotonic()
        for n in range(80):
            loki.push([f"line {n * 250 + i}" for i in range(250)], app="api", level="info")
            time.sleep(max(0.0, started + (n + 1) * 0.05 - time.monotonic()))

    writer = threading.Thread(target=write)
    writer.start()
    writer.join()
    wait_for(lambda: not missing(loki, logs))
    assert loki.dropped > 5_000  # the tail did lose them
    wait_for(lambda: logs.status.recovered == loki.dropped)
    assert len(logs.buffer.entries) == 20_000  # and none came twice
    assert f"{loki.dropped:,} recovered" in logs.notice
    assert logs.status.announced < loki.dropped


def test_a_tail_that_is_cut_comes_back_and_nothing_is_lost(loki: LokiServer, rt: Session) -> None:
    logs = rt.logql(QUERY)
    assert isinstance(logs, LiveLogQL)
    for n in range(5):
        wait_for(lambda: logs.status.tail)
        loki.cut()
        loki.push([f"during {n}"], app="api")
        wait_for(lambda: not loki.tails)
        loki.push([f"while none {n}"], app="api")
    wait_for(lambda: not missing(loki, logs))
    assert len(logs.buffer.entries) == 10


def test_where_there_are_too_many_tails_lines_come_by_asking(loki: LokiServer, rt: Session) -> None:
    loki.max_tails = 0
    logs = rt.logql(QUERY)
    assert isinstance(logs, LiveLogQL)
    wait_for(lambda: logs.status.tail_problem)
    loki.push(["polled"], app="api")
    wait_for(lambda: not missing(loki, logs), 5)
    assert logs.notice.startswith("polled: ")


def test_many_lines_at_one_moment_and_many_streams(loki: LokiServer, rt: Session) -> None:
    now = time.time_ns()
    for trace in range(30):
        loki.push([f"{trace} {i}" for i in range(200)], ns=now, app="api", trace_id=str(trace))
    loki.push(["after"], app="api")
    logs = rt.logql(QUERY, rows=10_000)
    assert isinstance(logs, LiveLogQL)
    assert "after" in {entry.message for entry in logs.buffer.entries}
    assert len(missing(loki, logs)) == 1_000  # a page holds 5,000, and Loki gives no way to the rest
    assert "more lines at one nanosecond" in logs.notice


def test_queries_for_numbers_become_a_frame(loki: LokiServer, rt: Session) -> None:
    loki.push([f"line {i}" for i in range(50)], app="api")
    query = 'sum(count_over_time({app="api"}[5s]))'
    frame = rt.logql(query, window="1m", step=1)
    assert frame.code == f"rt.logql({query!r}, window=60, step=1)"
    assert eval(frame.code, {"rt": rt}) is frame  # noqa: S307  our own words
    wait_for(lambda: frame.df.max().max() == 50)


def test_labels_can_be_asked_for(loki: LokiServer, rt: Session) -> None:
    loki.push(["x"], app="api", level="info")
    assert rt.log_labels() == ["app", "level"]
    assert rt.log_label_values("app") == ["api"]


def test_errors_are_words_in_the_cell_and_disturb_nothing_else(loki: LokiServer, rt: Session) -> None:
    loki.push(["x"], app="api")
    good = rt.logql(QUERY)
    with pytest.raises(QueryError, match=r"parse error .* at ‘\{app=⟨here⟩’") as caught:
        rt.logql("{app=")
    assert caught.value.position == 5
    with pytest.raises(SetupError, match="no Prometheus"):
        rt.promql("up")
    for n in range(4):
        rt.logql(f'{{app="{n}"}}')
    with pytest.raises(LimitError, match="log_streams"):
        rt.logql('{app="one too many"}')
    assert len(good.df) == 1


def test_a_wrong_address_says_what_it_is_not(loki: LokiServer) -> None:
    loki.refuse = PlainTextResponse("hello", 200)
    with pytest.raises(ConnectError, match="is no Loki"):
        gunj.connect(loki=loki.url, wait=5)
    loki.refuse = PlainTextResponse("no org id", 401)
    with pytest.raises(ConnectError, match="answered 401"):
        gunj.connect(loki=loki.url, wait=5)
