"""Tables: records as pandas shows them."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

from gunj_widgets.events.records import Alert, KubeEvent, LogEntry, Operation, Platform, Query
from gunj_widgets.events.shown import MAX_ROWS, Shown, markup
from gunj_widgets.store.alerts import AlertBook
from gunj_widgets.store.kube_events import EventFeed
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.notes import Note, NoteBook
from gunj_widgets.store.operations import OperationBook
from gunj_widgets.store.platforms import PlatformBook
from gunj_widgets.store.queries import QueryBook
from gunj_widgets.store.tables import shown, table, utc
from tests.events.test_shown import EVIL, only_text


def test_times_are_utc_and_exact_to_the_millisecond() -> None:
    index = utc([1_700_000_000.123, None, 0.0])
    assert str(index.dtype) == "datetime64[us, UTC]"
    assert index[0] == pd.Timestamp("2023-11-14 22:13:20.123", tz="UTC")
    assert index.isna().tolist() == [False, True, False]
    assert len(utc([])) == 0


def test_a_table_without_rows_has_its_columns_and_types() -> None:
    df = table(["id", "name", "updated"], [], index="id", times=["updated"])
    assert df.columns.tolist() == ["name", "updated"]
    assert df.index.name == "id"
    assert str(df["updated"].dtype) == "datetime64[us, UTC]"


def test_the_text_of_no_rows_can_be_searched() -> None:
    empty = table(("at", "name"), [], index="at", times=("at",))
    assert empty[empty["name"].str.contains("x")].empty
    lines = LogBuffer().df
    assert lines[lines["message"].str.contains("x")].empty


def test_a_table_from_rows() -> None:
    df = table(["id", "name", "updated"], [("a", "x", 1.5), ("b", "y", None)], index="id", times=["updated"])
    assert df.loc["a", "updated"] == pd.Timestamp(1.5, unit="s", tz="UTC")
    assert df.loc["b", "name"] == "y"


def books() -> list[Shown]:
    platforms, alerts, operations, events = PlatformBook(), AlertBook(), OperationBook(), EventFeed()
    notes, queries, logs = NoteBook(), QueryBook(), LogBuffer()
    platforms.put(Platform(id=EVIL, name=EVIL, namespace=EVIL, message=EVIL, version=EVIL, updated=1e300))
    alerts.put(Alert(fingerprint=EVIL, name=EVIL, platform=EVIL, component=EVIL, summary=EVIL, starts=1e300))
    operations.put(Operation(id=EVIL, kind=EVIL, platform=EVIL, message=EVIL, error=EVIL, started=1e300))
    events.append(KubeEvent(reason=EVIL, message=EVIL, platform=EVIL, component=EVIL, last=1e300))
    notes.add(Note(time=4e9, text=EVIL, author=EVIL, platform=EVIL))
    queries.put(Query(id=EVIL, language=EVIL, expression=EVIL, window=1.0))
    logs.append(LogEntry(time=1e9, level=EVIL, component=EVIL, message=EVIL))
    return [platforms, alerts, operations, events, notes, queries, logs]


@pytest.mark.parametrize("book", books(), ids=lambda book: type(book).__name__)
def test_what_a_cell_shows_of_a_book_is_text(book: Shown) -> None:
    only_text(book._repr_html_())


def test_a_cell_shows_what_is_newest_and_no_more_than_fits() -> None:
    notes, logs = NoteBook(), LogBuffer()
    for second in range(MAX_ROWS + 10):
        notes.add(Note(time=float(second), text=f"note{second}."))
        logs.append(LogEntry(time=float(second), message=f"line{second}."))
    for html, word in ((notes._repr_html_(), "note"), (logs._repr_html_(), "line")):
        assert html is not None
        assert html.count("<tr>") == MAX_ROWS + 1
        assert f"{word}{MAX_ROWS + 9}." in html
        assert f"{word}9." not in html
    assert "1970-01-01 00:00:59 UTC" in (notes._repr_html_() or "")


def test_only_the_rows_that_are_shown_are_made() -> None:
    made = 0

    def rows() -> Iterator[tuple[object, ...]]:
        nonlocal made
        for made in range(1, 10_000):
            yield (made,)

    title, columns, told = shown(NoteBook(), ["n"], rows())
    markup(title, "", columns, told)
    assert made <= MAX_ROWS + 1
