"""Lines of a VictoriaMetrics' `/api/v1/export`: raw samples as numbers, any stretch of them in one answer. Pure."""

from __future__ import annotations

from math import inf, nan

import msgspec
import numpy as np

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.prometheus.replies import Column

__all__ = ["MAX_LINE", "ROWS", "Exported"]

ROWS = 20_000
"""Samples of one line, as we ask for."""
MAX_LINE = 8 << 20
"""Bytes of one line: ROWS of the longest numbers, and their labels."""
SPECIAL = {"Infinity": inf, "-Infinity": -inf, "NaN": nan, None: nan}


class _Line(msgspec.Struct):
    metric: dict[str, str]
    values: list[float]
    timestamps: list[int]


class _Worded(msgspec.Struct):
    """The same with what is no number in JSON: null is a sample that ended a series."""

    metric: dict[str, str]
    values: list[float | str | None]
    timestamps: list[int]


class Exported:
    """Takes the answer as it comes, and gives columns of it back."""

    def __init__(self) -> None:
        self._rest = b""
        self._columns: list[Column] = []
        self.samples = 0
        """Of the columns that wait to be taken."""

    def feed(self, chunk: bytes) -> None:
        """Take a piece of the answer; RemoteProtocolError where it is none."""
        *lines, self._rest = (self._rest + chunk).split(b"\n")
        if len(self._rest) > MAX_LINE:
            raise RemoteProtocolError(f"a line of the export is over {MAX_LINE >> 20} MB")
        for line in lines:
            if line.strip():
                self._add(line)

    def taken(self) -> list[Column]:
        """Return what has come, series by series, each by time."""
        columns, self._columns, self.samples = self._columns, [], 0
        return columns

    def end(self) -> list[Column]:
        """Return the rest; RemoteProtocolError where the answer ended within a line."""
        if self._rest.strip():
            raise RemoteProtocolError("the export ended within a line")
        return self.taken()

    def _add(self, line: bytes) -> None:
        try:
            found = msgspec.json.decode(line, type=_Line)
            metric, times, values = found.metric, found.timestamps, np.asarray(found.values, np.float64)
        except msgspec.ValidationError:
            metric, times, values = _worded(line)
        except (msgspec.DecodeError, RecursionError):
            raise RemoteProtocolError("a line of the export is not as VictoriaMetrics gives it") from None
        if len(times) != len(values):
            raise RemoteProtocolError(f"a line of the export has {len(times)} times and {len(values)} values")
        moments = np.asarray(times, np.float64) / 1000
        if len(moments) > 1 and not np.all(moments[1:] > moments[:-1]):
            order = np.argsort(moments, kind="stable")
            moments, values = moments[order], values[order]
        self._columns.append(Column(metric, moments, values))
        self.samples += len(moments)


def _worded(line: bytes) -> tuple[dict[str, str], list[int], np.ndarray]:
    try:
        found = msgspec.json.decode(line, type=_Worded)
        values = [SPECIAL[one] if one is None or isinstance(one, str) else one for one in found.values]
    except (msgspec.DecodeError, KeyError, RecursionError):
        raise RemoteProtocolError("a line of the export is not as VictoriaMetrics gives it") from None
    return found.metric, found.timestamps, np.asarray(values, np.float64)
