"""The declared streams: read from `streams.toml`, or from a file of the user's with the same names. Pure but for the file."""

from __future__ import annotations

import tomllib
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.retention import seconds

__all__ = ["FEED", "LOGS", "METRICS", "NOTES", "STATE", "StreamPlan", "plans", "stream_of"]

STATE, FEED, METRICS, LOGS, NOTES = "GUNJ_STATE", "GUNJ_FEED", "GUNJ_METRICS", "GUNJ_LOGS", "KV_GUNJ_NOTES"
_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


class StreamPlan(msgspec.Struct, frozen=True, kw_only=True):
    """One stream as it is to be. Ages in seconds; 0 = no bound."""

    name: str
    subjects: tuple[str, ...]
    max_age: float
    max_bytes: int
    max_msgs_per_subject: int
    duplicate_window: float
    replicas: int

    @property
    def bucket(self) -> str:
        """Name of the key-value bucket that this is the stream of; empty where it is of none."""
        return self.name.removeprefix("KV_") if self.name.startswith("KV_") else ""


def plans(file: str | Path | None = None) -> list[StreamPlan]:
    """Return the streams of a file, without one those we ship. SettingsError says what is wrong with it."""
    try:
        if file is None:
            return list(_shipped())
        return _read(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(
            f"cannot read {file}: {error.strerror}", "Copy the shipped streams.toml and change its limits."
        ) from None
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise SettingsError(f"{file} is not TOML: {error}", "Copy the shipped streams.toml and change it.") from None


@lru_cache(maxsize=4096)
def stream_of(topic: str) -> str | None:
    """Return the stream that holds a topic; None where none does."""
    names = topic.split(".")
    if (names[0] == "alert" and len(names) > 1) or (names[0] == "query" and len(names) == 2):
        return STATE
    if names[0] == "note" and len(names) == 2:
        return NOTES
    if names[0] != "platform" or len(names) < 3:
        return None
    kind, more = names[2], len(names) > 3
    if kind in ("status", "deleted"):
        return None if more else STATE
    if kind == "events":
        return None if more else FEED
    if kind == "logs":
        return LOGS
    return {"component": STATE, "operation": STATE, "metrics": METRICS}.get(kind) if more else None


@cache
def _shipped() -> tuple[StreamPlan, ...]:
    return tuple(_read(files(__package__).joinpath("streams.toml").read_text(encoding="utf-8"), shipped=True))


def _read(text: str, *, shipped: bool = False) -> list[StreamPlan]:
    found: dict[str, Any] = tomllib.loads(text)
    defaults, streams = found.get("defaults", {}), found.get("streams", {})
    known = {} if shipped else {plan.name: plan for plan in _shipped()}
    names = [STATE, FEED, METRICS, LOGS, NOTES]
    if set(streams) != set(names):
        odd = ", ".join(sorted(set(streams) ^ set(names)))
        raise SettingsError(f"these streams are missing or unknown: {odd}", f"Declare exactly {', '.join(names)}.")
    made = [_plan(name, {**defaults, **streams[name]}) for name in names]
    for plan in made:
        if known and set(plan.subjects) != set(known[plan.name].subjects):
            raise SettingsError(f"the subjects of {plan.name} are not ours to choose", "Change its limits only.")
    return made


def _plan(name: str, given: dict[str, Any]) -> StreamPlan:
    allowed = set(StreamPlan.__struct_fields__) - {"name"}
    if unknown := set(given) - allowed:
        raise SettingsError(
            f"{name} has no limit called {', '.join(sorted(unknown))}", f"Known: {', '.join(sorted(allowed))}."
        )
    return StreamPlan(
        name=name,
        subjects=tuple(given.get("subjects", ())),
        max_age=seconds(given["max_age"]) if given.get("max_age") else 0.0,
        max_bytes=_bytes(name, given.get("max_bytes", -1)),
        max_msgs_per_subject=int(given.get("max_msgs_per_subject", -1)),
        duplicate_window=seconds(given.get("duplicate_window", "2m")),
        replicas=int(given.get("replicas", 1)),
    )


def _bytes(name: str, given: int | str) -> int:
    if isinstance(given, int):
        return given
    number, unit = given[:-1], given[-1:].upper()
    if unit not in _UNITS or not number.isdecimal():
        raise SettingsError(f"max_bytes of {name} is {given!r}", "Write it as 512M or 2G.")
    return int(number) * _UNITS[unit]
