"""Arguments: what a function cannot work with, told where it was given and not where it would have hurt."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gunj_widgets.errors import SettingsError

__all__ = ["kept_at", "named", "needed", "with_article", "writing"]

PLAIN = (str, bytes, int, float, complex, type(None))
"""What is told as it stands; of anything else only what it is: its repr may be long, or slow."""


def needed(given: Any, kind: type | tuple[type, ...], saying: str, remedy: str) -> None:
    """Raise SettingsError unless what was given is of a kind: "an address is text", and what it is not; then what to do."""
    if not isinstance(given, kind):
        shown = f"{given!r:.40}" if isinstance(given, PLAIN) else type(given).__name__
        raise SettingsError(f"{saying}, not {shown}", remedy)


def named(given: Any, saying: str, remedy: str) -> list[str]:
    """Return one name, or several, as a list; SettingsError as from `needed` for what is neither."""
    if isinstance(given, str):
        return [given]
    needed(given, Iterable, saying, remedy)
    names = list(given)
    for name in names:
        needed(name, str, saying, remedy)
    return names


def with_article(thing: str) -> str:
    """Return a name with its article: a Loki, an Alertmanager."""
    return f"{'an' if thing[:1].lower() in tuple('aeiou') else 'a'} {thing}"


def kept_at(path: Any) -> Path:
    """Return where a file is, or is to be; SettingsError for what names none."""
    needed(path, (str, os.PathLike), "a file is named by text or a Path", "Name one: 'monday.gunj'.")
    return Path(path).expanduser()


@contextmanager
def writing(place: Path) -> Iterator[None]:
    """Raise SettingsError where a file cannot be opened, or not be written to its end."""
    try:
        yield
    except OSError as error:
        raise SettingsError(f"cannot write {place}: {error.strerror or error}", "Choose another place.") from None
