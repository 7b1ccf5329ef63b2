"""What Alertmanager posts to a webhook: news that there is something to look at. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.errors import RemoteProtocolError

__all__ = ["PATH", "configuration", "news"]

PATH = "/alertmanager"


class _Payload(msgspec.Struct):
    version: str
    alerts: list[dict[str, Any]]


def news(body: bytes) -> int:
    """Return how many alerts a notification tells of; RemoteProtocolError where it is none."""
    try:
        found = msgspec.json.decode(body, type=_Payload)
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("this is no notification of Alertmanager") from None
    if found.version != "4":
        raise RemoteProtocolError(f"a notification of version {found.version[:20]!a}, not 4")
    return len(found.alerts)


def configuration(url: str, token_file: str) -> str:
    """Return what to put under `receivers` in Alertmanager's configuration."""
    return (
        "- name: gunj\n"
        "  webhook_configs:\n"
        f"    - url: {url}\n"
        "      send_resolved: true\n"
        f"      http_config: {{authorization: {{credentials_file: {token_file}}}}}\n"
    )
