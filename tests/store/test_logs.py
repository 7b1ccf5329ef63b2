"""LogBuffer: the newest lines, and views that stay live."""

from __future__ import annotations

import threading

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import LogEntry
from gunj_widgets.store.logs import LogBuffer

T0 = 1_700_000_000.0


def line(message: str = "hello", level: str = "info", component: str = "loki", time: float = T0) -> LogEntry:
    return LogEntry(time=time, level=level, component=component, message=message, platform="production")


@pytest.fixture
def logs() -> LogBuffer:
    logs = LogBuffer()
    logs.extend(
        [
            line("started", "info", "loki", T0),
            line("slow query", "warn", "loki", T0 + 1),
            line("Timeout after 5s", "error", "tempo", T0 + 2),
            line("no component", "error", "", T0 + 3),
        ]
    )
    return logs


def messages(logs: LogBuffer) -> list[str]:
    return [entry.message for entry in logs.entries]


def test_views_filter_by_level_component_and_text(logs: LogBuffer) -> None:
    assert messages(logs.select(level="error")) == ["Timeout after 5s", "no component"]
    assert messages(logs.select(level=["WARNING", "info"])) == ["started", "slow query"]
    assert messages(logs.select(component="loki")) == ["started", "slow query"]
    assert messages(logs.select(component=["Tempo", "grafana"])) == ["Timeout after 5s"], "nor a line without one"
    assert messages(logs.select(search="TIMEOUT")) == ["Timeout after 5s"]
    assert messages(logs.select(regex=r"after \d+s$")) == ["Timeout after 5s"]
    assert messages(logs.select(level="error").select(component="tempo")) == ["Timeout after 5s"]
    assert messages(logs.select(level="error", component="loki")) == []


def test_a_view_is_live_and_counts(logs: LogBuffer) -> None:
    view = logs.select(level="error")
    assert (view.total, view.filtered, view.counts) == (4, 2, {"error": 2})
    view.append(line("again", "error"))
    logs.append(line("fine", "info"))
    assert (view.total, view.filtered) == (6, 3)
    assert logs.counts == {"info": 2, "warn": 1, "error": 3}
    assert [entry.message for entry in view.tail(2)] == ["no component", "again"]
    assert view.tail(0) == []


def test_the_number_of_lines_is_bounded() -> None:
    logs = LogBuffer(max_age=None, max_rows=10)
    view = logs.select(search="5")
    for i in range(100):
        logs.append(line(str(i)))
        assert view.filtered <= 10
    assert messages(logs) == [str(i) for i in range(90, 100)]
    assert messages(view) == ["95"]
    assert (logs.total, logs.stats().held, logs.stats().evicted) == (100, 10, 90)


def test_age_counts_back_from_the_newest_line() -> None:
    logs = LogBuffer(max_age=10, max_rows=None)
    for second in range(30):
        logs.append(line(str(second), time=T0 + second))
    assert messages(logs) == [str(second) for second in range(19, 30)]
    logs.prune()
    assert logs.filtered == 11


def test_one_fast_clock_does_not_push_the_others_out() -> None:
    logs = LogBuffer(max_age=10)
    logs.append(line("good"), now=T0)
    logs.append(line("from the future", time=T0 + 3600), now=T0)
    assert messages(logs) == ["good", "from the future"]
    logs.append(line("later", time=T0 + 11), now=T0 + 11)
    assert messages(logs) == ["from the future", "later"]


def test_lines_stay_in_order_of_arrival_and_df_is_by_time() -> None:
    logs = LogBuffer()
    for second in (3, 1, 2):
        logs.append(line(str(second), time=T0 + second))
    assert messages(logs) == ["3", "1", "2"]
    df = logs.df
    assert df["message"].tolist() == ["1", "2", "3"]
    assert df.columns.tolist() == ["level", "component", "message", "platform", "metadata"]
    assert df.index.name == "time"
    assert str(df.index.dtype) == "datetime64[us, UTC]"
    assert df.index[0] == pd.Timestamp(T0 + 1, unit="s", tz="UTC")


def test_an_empty_df_has_its_columns() -> None:
    df = LogBuffer().df
    assert df.columns.tolist() == ["level", "component", "message", "platform", "metadata"]
    assert df.empty


def test_metadata_handed_out_is_a_copy() -> None:
    logs = LogBuffer()
    logs.append(LogEntry(time=T0, message="x", metadata={"pod": "a"}))
    logs.df["metadata"].iloc[0]["pod"] = "changed"
    assert logs.df["metadata"].tolist() == [{"pod": "a"}]


def test_a_reader_gets_each_line_once(logs: LogBuffer) -> None:
    view = logs.select(level="error")
    first = view.lines_since()
    assert [(number, entry.message) for number, entry in first.lines] == [(3, "Timeout after 5s"), (4, "no component")]
    assert (first.lost, first.cursor) == (0, 4)
    logs.append(line("fine", "info"))
    second = view.lines_since(first.cursor)
    assert (second.lines, second.lost, second.cursor) == ([], 0, 5), "the cursor moves on over lines not shown"
    logs.append(line("bad", "error"))
    assert [number for number, _ in view.lines_since(second.cursor).lines] == [6]


def test_a_slow_reader_hears_what_it_lost() -> None:
    logs = LogBuffer(max_age=None, max_rows=10)
    logs.append(line("0"))
    cursor = logs.lines_since().cursor
    for i in range(1, 31):
        logs.append(line(str(i)))
    delta = logs.lines_since(cursor)
    assert delta.lost == 20
    assert [entry.message for _, entry in delta.lines] == [str(i) for i in range(21, 31)]
    assert logs.lines_since(delta.cursor).lost == 0


def test_clear_of_a_view_leaves_the_other_lines(logs: LogBuffer) -> None:
    view = logs.select(component="loki")
    assert view.filtered == 2
    cursor = view.lines_since().cursor
    logs.select(level="warn").clear()
    assert messages(view) == ["started"]
    assert messages(logs) == ["started", "Timeout after 5s", "no component"]
    logs.clear()
    assert messages(logs) == []
    logs.append(line("new"))
    assert [number for number, _ in view.lines_since(cursor).lines] == [5], "ids go on"
    assert logs.total == 5


def test_version_and_listeners(logs: LogBuffer) -> None:
    heard: list[object] = []
    view = logs.select(level="error")
    view.listen(lambda holder: 1 / 0)
    undo = view.listen(heard.append)
    before = logs.version
    logs.extend([line("a"), line("b")])
    assert (heard, view.version, logs.listener_errors) == ([view], before + 1, 1)
    logs.extend([])
    assert logs.version == before + 1
    undo()
    logs.append(line("c"))
    assert len(heard) == 1


@pytest.mark.parametrize("bad", [{"level": "wran"}, {"regex": "("}, {"regex": "x" * 1001}])
def test_a_condition_that_means_nothing_is_refused(logs: LogBuffer, bad: dict[str, str]) -> None:
    with pytest.raises(SettingsError):
        logs.select(**bad)


def test_impossible_bounds_are_refused() -> None:
    with pytest.raises(SettingsError, match="max_age"):
        LogBuffer(max_age=0)
    with pytest.raises(SettingsError, match="max_rows"):
        LogBuffer(max_rows=0)


def test_repr_is_short(logs: LogBuffer) -> None:
    assert repr(logs) == "<LogBuffer 4 lines of 4, version 1>"


@settings(max_examples=100, deadline=None)
@given(
    steps=st.lists(st.tuples(st.integers(0, 30), st.sampled_from(["error", "info", "read", "clear"])), max_size=60),
    max_rows=st.sampled_from([None, 5]),
)
def test_a_view_holds_what_a_filter_over_all_lines_gives(steps: list[tuple[int, str]], max_rows: int | None) -> None:
    logs = LogBuffer(max_age=10, max_rows=max_rows)
    view = logs.select(level="error")
    collected: list[int] = []
    cursor = 0
    for i, (second, what) in enumerate(steps):
        if what == "read":
            delta = view.lines_since(cursor)
            collected += [number for number, _ in delta.lines]
            cursor = delta.cursor
        elif what == "clear":
            logs.select(search="7").clear()
        else:
            logs.append(line(str(i), what, time=T0 + second))
        assert messages(view) == [e.message for e in logs.entries if e.level == "error"]
    assert collected == sorted(set(collected))
    assert logs.total == sum(what in ("error", "info") for _, what in steps)


def test_readers_on_other_threads_see_whole_lines() -> None:
    logs = LogBuffer(max_age=None, max_rows=50)
    view = logs.select(search="even")
    done = threading.Event()
    errors: list[BaseException] = []
    counts = [0, 0]

    def read(who: int) -> None:
        cursor = 0
        try:
            while not done.is_set():
                delta = view.lines_since(cursor)
                numbers = [number for number, _ in delta.lines]
                assert numbers == sorted(set(numbers))
                assert not numbers or numbers[0] > cursor
                assert all(entry.message == f"even {number}" for number, entry in delta.lines)
                cursor = delta.cursor
                assert len(logs.df) <= 50
                counts[who] += 1
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=read, args=(who,)) for who in (0, 1)]
    for thread in threads:
        thread.start()
    for i in range(1, 4001):
        logs.append(line(f"{'odd' if i % 2 else 'even'} {i}"))
    done.set()
    for thread in threads:
        thread.join(30)
    assert not errors
    assert min(counts) > 0


def test_after_clear_older_lines_are_as_good_as_newer_ones() -> None:
    buffer = LogBuffer(max_age=60)
    buffer.append(LogEntry(time=1000.0, message="later"))
    buffer.clear()
    buffer.append(LogEntry(time=100.0, message="earlier"))
    assert [entry.message for entry in buffer.entries] == ["earlier"]
