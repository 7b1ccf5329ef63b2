"""Queries that are followed: found by their words, and what they give is kept as long as they ask."""

from __future__ import annotations

from gunj_widgets.events.event import Event
from gunj_widgets.events.records import LogEntry, Query
from gunj_widgets.settings import RetentionSettings
from gunj_widgets.store.facts import facts, gap_fact, line_facts, query_fact, sample_facts
from gunj_widgets.store.queries import QueryBook, query_id
from gunj_widgets.store.store import Store

NUMBERS = Query(id="promql:1", language="promql", expression="up", window=3600.0)
LINES = Query(id="logql:1", language="logql", expression='{a="b"}', window=900.0, rows=5000)


def test_the_one_that_looks_back_furthest_is_found_by_its_words() -> None:
    book = QueryBook()
    heard: list[object] = []
    book.listen(heard.append)
    gridded = Query(id="promql:2", language="promql", expression="up", window=60.0, step=15.0)
    for query in (NUMBERS, gridded, LINES, NUMBERS):
        book.put(query)
    assert len(heard) == 3
    assert book.find("promql", "up") is NUMBERS
    assert book.find("promql", "up", 15.0) is gridded
    assert book.find("promql", "up", 5.0) is NUMBERS
    assert book.find("logql", "up") is None
    assert list(book.df["expression"]) == ["up", "up", '{a="b"}']
    book.remove("promql:1")
    assert [query.id for query in book] == ["promql:2", "logql:1"]


def test_the_same_question_has_the_same_short_id() -> None:
    assert query_id("promql", "up", 60.0, None) == query_id("promql", "up", 60.0, None)
    assert query_id("promql", "up", 60.0, None) != query_id("promql", "up", 60.0, 1.0)
    assert len(query_id("promql", "x" * 10_000)) < 30


def test_a_store_that_is_told_of_a_query_keeps_what_it_asks_for() -> None:
    store = Store(RetentionSettings())
    store.take([query_fact(NUMBERS, 1.0), query_fact(LINES, 1.0)])
    batches = [("up", {"job": "a"}, [float(n) for n in range(3000)], [1.0] * 3000, "")]
    told = sample_facts(NUMBERS.id, batches, 5000.0)
    assert [len(event.data["series"][0]["times"]) for event in told] == [2000, 1000]
    entries = [LogEntry(time=n / 10, message=f"line {n}", ns=n * 100_000_000) for n in range(3000)]
    store.take([*told, *line_facts(LINES.id, entries, 5000.0), gap_fact("logs", LINES.id, 290.0, 295.0, 5000.0)])
    frame = store.frame(NUMBERS.id)
    assert (frame.stats().rows, frame.max_age) == (3000, 3600.0)
    buffer = store.logs(LINES.id)
    assert (len(buffer.entries), buffer.max_rows, buffer.max_age) == (3001, 5000, 900.0)
    assert buffer.entries[17] == LogEntry(time=1.7, message="line 17", ns=1_700_000_000, platform=LINES.id)
    other = Store(RetentionSettings())
    other.take(facts(store, 5000.0))
    assert list(other.queries) == [NUMBERS, LINES]
    assert other.logs(LINES.id).entries[:3000] == buffer.entries[:3000]
    store.forget(NUMBERS.id)
    assert list(store.queries) == [LINES]


def test_a_query_without_sense_is_counted() -> None:
    store = Store(RetentionSettings())
    store.take([Event(topic="query.x", data={"id": 5}, arrived=1.0)])
    assert (store.stats().counts["malformed"], len(store.queries)) == (1, 0)
