"""Export: samples as CSV, Arrow and Parquet."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from io import BytesIO
from os import PathLike
from typing import Any, BinaryIO

import pandas as pd

from gunj_widgets.arguments import kept_at, writing
from gunj_widgets.errors import SetupError

__all__ = ["csv_text", "guarded", "parquet_bytes", "private", "to_arrow", "to_parquet"]

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\0")


def guarded(text: str) -> str:
    """Return `text` so that no spreadsheet takes it for a formula: a ' goes in front of what could start one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def csv_text(frame: pd.DataFrame) -> str:
    """Return a frame as CSV without its index. Text cells and headers are guarded, numbers and times are not."""
    safe = frame.rename(columns=lambda name: guarded(str(name)))
    for position, name in enumerate(safe.columns):
        column = safe[name]
        if isinstance(column.dtype, pd.CategoricalDtype):
            safe.isetitem(position, column.astype("str").map(guarded).array)
    return str(safe.to_csv(index=False, lineterminator="\r\n"))  # or a bare CR in a text would not be quoted


def to_arrow(frame: pd.DataFrame) -> Any:
    """Return a pyarrow.Table. Raises SetupError where pyarrow is not installed."""
    return _pyarrow("pyarrow").Table.from_pandas(frame, preserve_index=False)


def to_parquet(frame: pd.DataFrame, path: str | PathLike[str]) -> None:
    """Write a Parquet file. Raises SetupError where pyarrow is not installed, SettingsError where it cannot be written."""
    parquet, table = _pyarrow("pyarrow.parquet"), to_arrow(frame)
    with private(path) as file:
        parquet.write_table(table, file)


def parquet_bytes(frame: pd.DataFrame) -> bytes:
    """Return a frame as the bytes of a Parquet file. Raises SetupError where pyarrow is not installed."""
    parquet, table = _pyarrow("pyarrow.parquet"), to_arrow(frame)
    file = BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


@contextmanager
def private(path: str | PathLike[str]) -> Iterator[BinaryIO]:
    """Open a file for writing that, where it is new, only its owner may read: it holds what a token was needed for.

    SettingsError where it cannot be opened, or not be written to its end.
    """
    place = kept_at(path)
    with writing(place), os.fdopen(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        yield file


def _pyarrow(name: str) -> Any:
    try:
        return import_module(name)
    except ModuleNotFoundError:
        raise SetupError("Arrow and Parquet need pyarrow, which is not installed", "Run: pip install pyarrow") from None
