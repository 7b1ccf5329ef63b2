"""Every knob: its unit, what None means, and why it has the value it has.

`Settings()` is the defaults; `Settings.load(...)` lays a profile, TOML, `GUNJ_*` variables and keywords over them, in this
order. docs/settings.md compares each with the operator UI's own.
"""

from __future__ import annotations

import os
import tomllib
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from gunj_widgets.arguments import kept_at
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.shown import Shown, Table

__all__ = [
    "CommandSettings",
    "ConnectionSettings",
    "FeedSettings",
    "LimitSettings",
    "PressureSettings",
    "RetentionSettings",
    "Settings",
]


Seconds = Annotated[float, msgspec.Meta(gt=0, le=1e9)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1e6)]
Turn = Annotated[float, msgspec.Meta(ge=1e-4, le=1)]
Count = Annotated[int, msgspec.Meta(ge=1)]


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a connection is made and kept. All in seconds."""

    open_timeout: Seconds = 8.0
    """One attempt: TCP, TLS, handshake, hello and welcome. Under 10 so that a wrong address is told in time."""
    ping_interval: Seconds = 10.0
    ping_timeout: Seconds = 10.0
    """With the interval: a half-open link is found within 20 s."""
    idle_timeout: Seconds = 20.0
    """An SSE stream without a byte (heartbeat comments included) for this long is dead."""
    healthy_after: Seconds = 30.0
    """The attempt counter resets after this much health, or after one resumed subscription."""
    poll_interval: Seconds = 30.0
    """Between two looks where neither WebSocket nor SSE gets through and REST must do: the operator UI's own figure."""
    max_attempts: Count | None = None
    """Attempts in a row before `failed`; None = never give up, because an operator restart may take an hour."""
    max_delay: Seconds = 8.0
    """Ceiling of the backoff base; see `connection/backoff.py`."""
    compression: bool = True
    """Offer permessage-deflate on the WebSocket. What it inflates to is bounded by `limits.message_size`."""
    polling: bool = True
    """Ask by REST where neither WebSocket nor SSE gets through; off, such an interest is `failed`."""
    ca_file: str | None = None
    """A PEM file of CAs trusted beside the operating system's, for WebSocket, SSE and REST alike."""
    proxy: str | None = None
    """`http://host:port` or `socks5h://…`; None = as HTTPS_PROXY and NO_PROXY say, "direct" = none. Never for loopback."""
    allow_insecure: bool = False
    """Send a token over plain ws:// or http:// to an address that is not loopback."""
    token_in_url: bool = False
    """Legacy servers only: send `?token=`. URLs end in access logs; the header is the default."""

    def __repr__(self) -> str:
        """Without the proxy's address, which may hold a password."""
        shown = {f: getattr(self, f) for f in self.__struct_fields__ if f != "proxy"}
        return f"ConnectionSettings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


class RetentionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is remembered, by age in seconds and by rows. The operator UI's own figures. None = unbounded."""

    metrics_age: Seconds | None = 600.0
    metrics_rows: Count | None = None
    logs_age: Seconds | None = 300.0
    logs_rows: Count | None = 1000
    events_age: Seconds | None = 3600.0
    events_rows: Count | None = 200
    alerts_age: Seconds | None = 86400.0
    alerts_rows: Count | None = 100
    history: Count = 1000
    """Events kept by the router for `history()` and `replay()`."""
    history_age: Seconds | None = None
    """Older ones than this, counted back from the newest, are not shown; None, because their number bounds them already."""


class CommandSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Commands on their way to the operator. All times in seconds."""

    timeout: Seconds = 10.0
    """Between sending a command and the operator's word that it was taken."""
    queue: Annotated[int, msgspec.Meta(ge=0)] = 50
    """Commands that may wait while there is no connection; 0 = refuse them at once."""
    expiry: Seconds = 60.0
    """A command that could not be sent for so long is dropped, and its caller told."""


class PressureSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logical updates a second towards the browser; how much may wait for those who are slow, and what gives way then."""

    rate: Rate = 100.0
    min_rate: Rate = 50.0
    max_rate: Rate = 200.0
    buffer: Count = 10_000
    """Calls that may wait for a session's handlers (and marks for the browser, of which there is one a channel at most)."""
    policy: Literal["oldest", "newest", "lowest_priority", "conflate"] = "lowest_priority"
    """What gives way when the buffer is full. The UI drops the oldest, which may be the alert that matters."""


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The feed to the browser."""

    max_rate: Rate = 30.0
    """Envelopes a second for all widgets together. A stock Jupyter server delays more than 30 a second (Nagle); with the
    server extension `gunj_widgets.nodelay`, which sets GUNJ_FEED__MAX_RATE, it is 36."""
    beat: Seconds = 5.0
    """Seconds between status beats while nothing changes; three missed = the kernel is gone."""
    page_timeout: Seconds = 6.0
    """Seconds without a sign of life after which a browser page counts as gone."""
    window: Count = 4
    """Envelopes that may be unpainted before the feed waits, beside those that are on their way between two credits
    of a page that keeps up."""
    turn: Turn | None = 0.001
    """Seconds for which a computing cell may keep the interpreter from us while a session is open; None = Python's own 5 ms,
    which make data and buttons two to three times as late meanwhile."""


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on what a peer or a notebook can make us hold. Sizes in bytes."""

    message_size: Count = 1 << 20
    sse_line: Count = 1 << 20
    sse_event: Count = 4 << 20
    reply_size: Count = 16 << 20
    """One REST answer: the metrics of a platform, backfilled, are the largest."""
    handler_backlog: Count = 64 << 20
    """Payloads that wait for slow handlers of one session: 10,000 calls of usual size are 4 MB, of the largest 10 GB."""
    history_bytes: Count = 64 << 20
    """Payloads that the router remembers: 1,000 of usual size are 400 kB, of the largest 1 GB. Looked at twice a second."""
    platforms: Count = 10
    """Platforms followed by one session."""
    log_streams: Count = 5
    metric_streams: Count = 20
    connections: Count = 3
    """Sessions of one kernel."""


class Settings(Shown, msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one session."""

    connection: ConnectionSettings = ConnectionSettings()
    retention: RetentionSettings = RetentionSettings()
    commands: CommandSettings = CommandSettings()
    pressure: PressureSettings = PressureSettings()
    feed: FeedSettings = FeedSettings()
    limits: LimitSettings = LimitSettings()

    def _shown(self) -> Table:
        rows: list[tuple[object, ...]] = []
        for section in self.__struct_fields__:
            told = getattr(self, section)
            usual = type(told)()
            for name in told.__struct_fields__:
                value, default = getattr(told, name), getattr(usual, name)
                hidden = name == "proxy" and value is not None  # its address may hold a password
                rows.append((f"{section}.{name}", "***" if hidden else value, "" if value == default else str(default)))
        rows.sort(key=lambda row: not row[2])  # those that were changed first
        return "Settings", ("setting", "value", "default, where another was set"), rows

    @classmethod
    def load(cls, path: str | Path | None = None, *, profile: str | None = None, **overrides: Any) -> Settings:
        """Return the defaults under a profile, under a TOML file, under `GUNJ_SECTION__NAME`, under keyword sections.

        `Settings.load("gunj.toml", connection={"ping_interval": 5})`. `profile` is production (the defaults) or
        development; without the arguments `GUNJ_PROFILE` and `GUNJ_CONFIG` (a path) say. SettingsError names what is wrong.
        """
        path = path or os.environ.get("GUNJ_CONFIG")
        layers = {
            "profile": _profile(profile or os.environ.get("GUNJ_PROFILE") or "production"),
            str(path): _read(path),
            "the environment": _environment(),
            "the call": overrides,
        }
        merged: dict[str, dict[str, Any]] = {}
        for source, layer in layers.items():
            _check_names(cls, layer, source)
            for section, values in layer.items():
                merged.setdefault(section, {}).update(values)
        try:
            return msgspec.convert(merged, cls, strict=False)
        except msgspec.ValidationError as error:
            problem, _, where = str(error).partition(" - at `$.")
            name = where.rstrip("`")
            value = merged.get(name.partition(".")[0], {}).get(name.partition(".")[2])
            raise SettingsError(
                f"{name} = {value!r:.60}: {problem}", "See docs/settings.md for what it means."
            ) from None


PROFILES: dict[str, dict[str, dict[str, Any]]] = {
    "production": {},
    # An operator on one's own machine or cluster: started and stopped all the time, and rarely behind TLS.
    "development": {"connection": {"allow_insecure": True, "max_delay": 2.0}, "commands": {"expiry": 300.0}},
}


def _profile(name: str) -> dict[str, dict[str, Any]]:
    if name not in PROFILES:
        raise SettingsError(f"there is no profile {name!r:.40}", f"There are: {', '.join(PROFILES)}.")
    return PROFILES[name]


def _check_names(cls: type[Settings], layer: dict[str, Any], source: str) -> None:
    """Raise for the first section or name that does not exist, with the one that was probably meant."""
    sections = {field.name: field.type for field in msgspec.structs.fields(cls)}
    for section, values in layer.items():
        if section not in sections:
            raise SettingsError(f"{source} has an unknown section {section!r:.60}", _meant(section, list(sections)))
        if not isinstance(values, dict):
            raise SettingsError(
                f"{source}: {section} is no section of settings", f"Write [{section}] with names under it."
            )
        known = [field.name for field in msgspec.structs.fields(sections[section])]
        for name in values:
            if name not in known:
                raise SettingsError(
                    f"{source} has an unknown setting {section}.{name!s:.60}",
                    _meant(name, known, f"{section}."),
                )


def _meant(name: str, known: list[str], prefix: str = "") -> str:
    near = get_close_matches(name, known, 1)
    return f"Did you mean {prefix}{near[0]}?" if near else f"There are: {', '.join(known)}."


def _read(path: str | Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        return tomllib.loads(kept_at(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}", "Name an existing TOML file.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{path} is not TOML: {error}", "Write [section] headings and name = value lines."
        ) from None


def _environment() -> dict[str, Any]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in os.environ.items():
        section, sep, knob = name.removeprefix("GUNJ_").lower().partition("__")
        if name.startswith("GUNJ_") and sep:
            found.setdefault(section, {})[knob] = None if value.lower() == "none" else value
    return found
