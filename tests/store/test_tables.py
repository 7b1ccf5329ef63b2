"""Tables: records as pandas shows them."""

from __future__ import annotations

import pandas as pd

from gunj_widgets.store.tables import table, utc


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


def test_a_table_from_rows() -> None:
    df = table(["id", "name", "updated"], [("a", "x", 1.5), ("b", "y", None)], index="id", times=["updated"])
    assert df.loc["a", "updated"] == pd.Timestamp(1.5, unit="s", tz="UTC")
    assert df.loc["b", "name"] == "y"
