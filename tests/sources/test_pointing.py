"""Where in a query a server found fault."""

from __future__ import annotations

import pytest

from gunj_widgets.sources.pointing import pointed, position_of


@pytest.mark.parametrize(
    ("query", "line", "column", "position"),
    [("up{", 1, 4, 3), ("sum(\n  up{\n)", 2, 5, 9), ("up", 1, 9, None), ("up", 0, 0, None), ("", 1, 1, 0)],
)
def test_lines_and_columns_count_from_one(query: str, line: int, column: int, position: int | None) -> None:
    assert position_of(query, line, column) == position


def test_a_long_query_is_quoted_around_the_place() -> None:
    shown = pointed("a" * 100 + "b" * 100, 100)
    assert shown == "‘…" + "a" * 40 + "⟨here⟩" + "b" * 40 + "…’"
