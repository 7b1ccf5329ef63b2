"""Records as pandas tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from gunj_widgets.store.slab import MICRO

__all__ = ["table", "utc"]


def utc(times: Iterable[float | None]) -> pd.DatetimeIndex:
    """Epoch seconds as a UTC index, to the microsecond; NaT where there is none."""
    moments = [np.datetime64("NaT", "us") if t is None else np.datetime64(int(t * MICRO + 0.5), "us") for t in times]
    return pd.DatetimeIndex(np.array(moments, "datetime64[us]")).tz_localize("UTC")


def table(
    columns: Sequence[str], rows: Sequence[tuple[object, ...]], *, index: str, times: Sequence[str] = ()
) -> pd.DataFrame:
    """Build a frame from rows; the columns named in `times` hold epoch seconds or None and become UTC times."""
    data: dict[str, object] = {name: [row[i] for row in rows] for i, name in enumerate(columns)}
    for name in times:
        data[name] = utc(data[name])  # type: ignore[arg-type]
    return pd.DataFrame(data).set_index(index)
