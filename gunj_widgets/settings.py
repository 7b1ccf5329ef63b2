"""Every knob: its unit, what None means, and why it has the value it has.

`Settings()` is the defaults; `Settings.load(...)` lays TOML, then `GUNJ_*` variables, then keyword arguments over them.
"""

from __future__ import annotations

import os
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from gunj_widgets.errors import SettingsError

__all__ = ["ConnectionSettings", "FeedSettings", "LimitSettings", "PressureSettings", "RetentionSettings", "Settings"]


class ConnectionSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How a connection is made and kept. All in seconds."""

    open_timeout: float = 8.0
    """One attempt: TCP, TLS, handshake, hello and welcome. Under 10 so that a wrong address is told in time."""
    ping_interval: float = 10.0
    ping_timeout: float = 10.0
    """With the interval: a half-open link is found within 20 s."""
    idle_timeout: float = 20.0
    """An SSE stream without a byte (heartbeat comments included) for this long is dead."""
    healthy_after: float = 30.0
    """The attempt counter resets after this much health, or after one resumed subscription."""
    poll_interval: float = 30.0
    """Between two looks where neither WebSocket nor SSE gets through and REST must do: the operator UI's own figure."""
    max_attempts: int | None = None
    """Attempts in a row before `failed`; None = never give up, because an operator restart may take an hour."""
    max_delay: float = 8.0
    """Ceiling of the backoff base; see `connection/backoff.py`."""
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

    metrics_age: float | None = 600.0
    metrics_rows: int | None = None
    logs_age: float | None = 300.0
    logs_rows: int | None = 1000
    events_age: float | None = 3600.0
    events_rows: int | None = 200
    alerts_age: float | None = 86400.0
    alerts_rows: int | None = 100
    history: int = 1000
    """Events kept by the router for `history()` and `replay()`."""


class PressureSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Logical updates a second towards the browser, and what happens when there are more."""

    rate: float = 100.0
    min_rate: float = 50.0
    max_rate: float = 200.0
    buffer: int = 10_000
    policy: str = "lowest_priority"


class FeedSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The feed to the browser."""

    max_rate: float = 25.0
    """Envelopes a second for all widgets together. A stock Jupyter server delays more than 30 a second (Nagle)."""
    beat: float = 5.0
    """Seconds between status beats while nothing changes; three missed = the kernel is gone."""
    page_timeout: float = 6.0
    """Seconds without a sign of life after which a browser page counts as gone."""
    window: int = 4
    """Envelopes that may be unpainted before the feed waits."""


class LimitSettings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Bounds on what a peer or a notebook can make us hold. Sizes in bytes."""

    message_size: int = 1 << 20
    sse_line: int = 1 << 20
    sse_event: int = 4 << 20
    reply_size: int = 16 << 20
    """One REST answer: the metrics of a platform, backfilled, are the largest."""
    nesting: int = 64
    platforms: int = 10
    log_streams: int = 5
    metric_streams: int = 20
    connections: int = 3


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All settings of one session."""

    connection: ConnectionSettings = ConnectionSettings()
    retention: RetentionSettings = RetentionSettings()
    pressure: PressureSettings = PressureSettings()
    feed: FeedSettings = FeedSettings()
    limits: LimitSettings = LimitSettings()

    @classmethod
    def load(cls, path: str | Path | None = None, **overrides: dict[str, Any]) -> Settings:
        """Return the defaults under a TOML file, under `GUNJ_SECTION__NAME` variables, under keyword sections.

        `Settings.load("gunj.toml", connection={"ping_interval": 5})`. Unknown names and wrong types raise SettingsError.
        """
        layers = [_read(path), _environment(), overrides]
        merged: dict[str, dict[str, Any]] = {}
        for layer in layers:
            for section, values in layer.items():
                if not isinstance(values, dict):
                    raise SettingsError(
                        f"{section} is no section of settings", f"Write [{section}] with names under it."
                    )
                merged.setdefault(section, {}).update(values)
        try:
            return msgspec.convert(merged, cls, strict=False)
        except msgspec.ValidationError as error:
            names = ", ".join(cls.__struct_fields__)
            raise SettingsError(
                f"a setting is wrong: {error}", f"Sections are {names}; see gunj_widgets/settings.py."
            ) from None


def _read(path: str | Path | None) -> dict[str, dict[str, Any]]:
    if path is None:
        return {}
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}", "Name an existing TOML file.") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(
            f"{path} is not TOML: {error}", "Write [section] headings and name = value lines."
        ) from None


def _environment() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for name, value in os.environ.items():
        section, sep, knob = name.removeprefix("GUNJ_").lower().partition("__")
        if name.startswith("GUNJ_") and sep:
            found.setdefault(section, {})[knob] = None if value.lower() == "none" else value
    return found
