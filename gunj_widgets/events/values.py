"""Tolerant readers of single JSON values. Each raises RemoteProtocolError that names the field."""

from __future__ import annotations

from datetime import UTC, datetime
from math import isfinite, nan
from typing import Any

import msgspec

from gunj_widgets.errors import RemoteProtocolError

__all__ = ["first", "integer", "mapping", "moment", "number", "sequence", "strings", "text"]

LATEST = 253402300800.0
"""Epoch seconds of the year 10000: what no timestamp reaches."""
_SCALES = ((1e11, 1.0), (1e14, 1e3), (1e17, 1e6), (1e21, 1e9))
"""Below 1e11 a number is seconds (until the year 5138), then milliseconds, microseconds, nanoseconds."""


def mapping(data: object, what: str) -> dict[str, Any]:
    """Return `data` if it is a JSON object."""
    if isinstance(data, dict):
        return data
    raise _wrong(what, "an object", data)


def sequence(data: object, what: str) -> list[Any]:
    """Return `data` if it is a JSON array; nothing at all is an empty one."""
    if data is None:
        return []
    if isinstance(data, list):
        return data
    raise _wrong(what, "an array", data)


def first(data: dict[str, Any], *names: str) -> Any:
    """Return the first of these fields that is there and not null."""
    for name in names:
        value = data.get(name)
        if value is not None:
            return value
    return None


def text(data: dict[str, Any], *names: str) -> str:
    """Return the first of these fields as text, "" where there is none. Objects and arrays become their JSON."""
    value = first(data, *names)
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


def strings(data: object, what: str) -> dict[str, str]:
    """Return an object as names to text: labels, annotations, endpoints. Nothing at all is an empty one."""
    if data is None:
        return {}
    return {key: text({key: value}, key) for key, value in mapping(data, what).items()}


def number(value: object, what: str = "value") -> float:
    """Return a number; "NaN", "+Inf" and "-Inf" are the strings JSON has for them, null is NaN."""
    if value is None:
        return nan
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise _wrong(what, "a number", value)


def integer(data: dict[str, Any], *names: str) -> int | None:
    """Return the first of these fields as a whole number, None where there is none."""
    value = first(data, *names)
    if value is None:
        return None
    found = number(value, names[0])
    if isfinite(found):
        return int(found)
    raise _wrong(names[0], "a whole number", value)


def moment(value: object, what: str = "timestamp") -> float | None:
    """Return UTC epoch seconds from RFC 3339 text or from s, ms, µs or ns, as number or text.

    None for nothing, for empty text and for Go's zero time (year 1), which all mean "not set". Without a zone: UTC.
    """
    if value is None or value == "":
        return None
    if isinstance(value, str) and not value.replace(".", "", 1).isdigit():
        return _from_text(value, what)
    found = number(value, what)
    for below, scale in _SCALES:
        if 0 <= found < below:
            seconds = found / scale
            if seconds < LATEST:
                return seconds
    raise _wrong(what, "a time", value)


def _from_text(value: str, what: str) -> float | None:
    try:
        parsed = datetime.fromisoformat(value)
        if parsed.tzinfo is None:
            parsed = parsed.replace(tzinfo=UTC)
        return None if parsed.year == 1 else parsed.timestamp()
    except (ValueError, OverflowError):
        raise _wrong(what, "a time", value) from None


def _wrong(what: str, wanted: str, got: object) -> RemoteProtocolError:
    return RemoteProtocolError(
        f"{what} is not {wanted} but {_short(got)}", "The server speaks a shape this version does not know."
    )


def _short(value: object) -> str:
    shown = ascii(value) if isinstance(value, str | int | float | bool) else type(value).__name__
    return shown if len(shown) <= 40 else f"{shown[:37]}..."
