"""Times, numbers and foreign text, as every report writes them."""

from __future__ import annotations

from datetime import UTC, datetime

__all__ = ["clean", "moment", "number"]

UNITS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def moment(seconds: float) -> str:
    """Return epoch seconds as a time of day in UTC, with its date."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"


def number(value: float) -> str:
    """Return a number as short as it stays telling: 1,234, 4.66 G, 0.0123 or 1.2e-07."""
    size = abs(value)
    if size >= 1e15:
        return f"{value:.2e}"
    for factor, unit in UNITS:
        if size >= max(factor, 1e4):
            return f"{value / factor:.3g} {unit}"
    if 0 < size < 1e-3:
        return f"{value:.2g}"
    return f"{value:,.4g}" if size < 1000 else f"{value:,.0f}"


def clean(text: str) -> str:
    """Return text without what cannot be seen: control characters, and what turns its direction round."""
    return "".join(letter for letter in text if letter.isprintable() or letter in "\n\t")
