"""Where a shared history is, and who we are there."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Callable
from typing import Any

from gunj_widgets.connection.address import NATS, hidden
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.tls import Verify
from gunj_widgets.sources.source import Source

__all__ = ["bus_of", "is_bus"]


def is_bus(target: object) -> bool:
    """Say whether a target is a NATS server."""
    url = target.url if isinstance(target, Source) else target
    return isinstance(url, str) and url.partition("://")[0].lower() in NATS


def bus_of(target: str | Source, token: str | Callable[[], Any] | Auth | None = None, verify: Verify = True) -> Source:
    """Return the NATS server; without credentials of its own, `GUNJ_NATS_TOKEN` or `GUNJ_NATS_USER` and `_PASSWORD` are its."""
    target = hidden(target)
    source = Source.of(target, token, verify, NATS)
    if source.token is not None or source.basic is not None:
        return source
    user, password = os.environ.get("GUNJ_NATS_USER"), os.environ.get("GUNJ_NATS_PASSWORD")
    if user and password:
        return Source.of(dataclasses.replace(source, basic=(user, password)), schemes=NATS)
    named = os.environ.get("GUNJ_NATS_TOKEN")
    return Source.of(dataclasses.replace(source, token=named), schemes=NATS) if named else source
