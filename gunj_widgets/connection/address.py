"""Addresses: what a user may type, and what may be sent where. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from gunj_widgets.arguments import needed
from gunj_widgets.connection.secret import Secret
from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import Settings

__all__ = [
    "NATS",
    "WEB",
    "check_url",
    "hidden",
    "is_loopback",
    "origin",
    "refuse_clear_text",
    "shown_url",
    "websocket_url",
]

WEB = {"http": "http", "https": "https", "ws": "http", "wss": "https"}
"""Schemes of what speaks HTTP, each as what it is spoken to by."""
_PORTS = {"http": 80, "https": 443}
NATS = {"nats": "nats", "tls": "tls"}
"""Schemes of a NATS server; `tls` insists on encryption."""


def hidden(url: Any) -> Any:
    """Return an address that shows itself only where it carries nothing that might be a secret; anything else as it is.

    What is given an address keeps this in its place from its first line on: a traceback prints arguments as they are then.
    """
    return Secret(url) if isinstance(url, str) and any(mark in url for mark in "@?#") else url


def check_url(url: str, schemes: Mapping[str, str] = WEB) -> str:
    """Return an address as `https://host[:port][/prefix]`, or with another of `schemes`; ConnectError says what is wrong.

    SettingsError where it is no text.
    """
    url = hidden(url)
    needed(url, str, "an address is text", "Write 'https://host' or 'https://host:port'.")
    found = _read(url, schemes)
    if isinstance(found, ConnectError):
        raise found  # from here: the variables of `_read` hold the address in parts
    return found


def _read(url: str, schemes: Mapping[str, str]) -> str | ConnectError:
    text = url.strip()
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return ConnectError(f"{shown_url(text)!r} is not an address", "Write https://host or https://host:port.")
    if parts.scheme not in schemes or "://" not in text:
        hint = text.partition("://")[2] or text
        first, *_, last = dict.fromkeys(schemes.values())
        return ConnectError(
            f"{shown_url(text)!r} has no {first}:// or {last}:// in front", f"Try {last}://{shown_url(hint)}."
        )
    if not parts.hostname or any(letter <= " " or letter == "\x7f" for letter in text):
        return ConnectError(f"{shown_url(text)!r} names no host", "Write https://host or https://host:port.")
    if parts.username is not None or parts.password is not None or parts.query or parts.fragment:
        return ConnectError(
            "an address carries no user, password or query", "Pass the token as token=..., it stays hidden."
        )
    scheme = schemes[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    shown_port = "" if port in (None, _PORTS.get(scheme)) else f":{port}"
    path = parts.path.rstrip("/")
    for tail in ("/ws", "/sse", "/api/v1", "/api"):
        path = path.removesuffix(tail)
    return f"{scheme}://{host}{shown_port}{path}"


def websocket_url(url: str) -> str:
    """Return the ws:// or wss:// form of an http:// or https:// address."""
    return "ws" + url.removeprefix("http")


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what must be equal for a token to travel."""
    parts = urlsplit(url)
    scheme = WEB.get(parts.scheme, parts.scheme)
    return scheme, (parts.hostname or "").lower(), parts.port or _PORTS.get(scheme, 0)


def is_loopback(url: str) -> bool:
    """Say whether an address is this machine itself: only there may a token travel in clear text."""
    host = (urlsplit(url).hostname or "").lower().rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def refuse_clear_text(url: str, settings: Settings) -> None:
    """Raise ConnectError where a token or a password would travel readable by everyone on the way."""
    if url.startswith(("http:", "nats:")) and not is_loopback(url) and not settings.connection.allow_insecure:
        better = "tls" if url.startswith("nats:") else "https"
        raise ConnectError(
            f"the token would travel in clear text to {url}",
            f"Use {better}://, or accept it: Settings.load(connection={{'allow_insecure': True}}).",
        )


def shown_url(text: str) -> str:
    """Cut away what might be a secret before an address is shown."""
    return text.rpartition("@")[2].partition("?")[0].partition("#")[0][:80]
