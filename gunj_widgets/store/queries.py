"""QueryBook: which queries a session follows, or was told of; their samples and lines are held under their id, as a platform's are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import blake2b

import pandas as pd

from gunj_widgets.events.records import Query
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder
from gunj_widgets.store.tables import shown, table

__all__ = ["QueryBook", "query_id"]

_COLUMNS = ("id", "language", "expression", "window", "step", "rows")


class QueryBook(Holder):
    """Queries by id, in the order they were first heard of."""

    def __init__(self) -> None:
        super().__init__()
        self._queries: dict[str, Query] = {}

    def put(self, query: Query) -> None:
        """Take in a query; the same one is no change."""
        if self._queries.get(query.id) == query:
            return
        with self._lock:
            self._queries[query.id] = query
            self._version += 1
        self._listeners.tell()

    def remove(self, id: str) -> None:
        """Forget a query; one that is not there stays away."""
        self.restore([query for query in self if query.id != id])

    def clear(self) -> None:
        self.restore(())

    def restore(self, queries: Iterable[Query]) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._queries = {query.id: query for query in queries}
            self._version += 1
        self._listeners.tell()

    def has(self, id: str) -> bool:
        return id in self._queries

    def find(self, language: str, expression: str, step: float | None = None) -> Query | None:
        """Return the query of these words that looks back furthest, of that step if there is one; None where there is none."""
        same = [query for query in self if (query.language, query.expression) == (language, expression)]
        return max(same, key=lambda query: (step is not None and query.step == step, query.window), default=None)

    @property
    def df(self) -> pd.DataFrame:
        """One row per query, by id: language, expression, window, step, rows."""
        return table(_COLUMNS, [_row(q) for q in self], index="id")

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, self))

    def __iter__(self) -> Iterator[Query]:
        with self._lock:
            return iter(list(self._queries.values()))

    def __len__(self) -> int:
        return len(self._queries)

    def __repr__(self) -> str:
        return f"<QueryBook {len(self)} queries, version {self.version}>"


def _row(q: Query) -> tuple[object, ...]:
    return q.id, q.language, q.expression, q.window, q.step, q.rows


def query_id(language: str, *asked: object) -> str:
    """Return the id under which what a query gives is held: the same for the same question, and short enough for a topic."""
    return f"{language}:{blake2b(repr(asked).encode(), digest_size=8).hexdigest()}"
