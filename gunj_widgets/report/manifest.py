"""The manifest: a hash for each piece of evidence, so that a report shows later whether one was changed."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from gunj_widgets.store.evidence import Evidence

__all__ = ["digest", "manifest"]


def digest(piece: Any) -> str:
    """Return the SHA-256 of a record's canonical JSON: members sorted, no spaces."""
    return hashlib.sha256(msgspec.json.encode(msgspec.to_builtins(piece), order="sorted")).hexdigest()


def manifest(evidence: Evidence) -> list[tuple[str, str]]:
    """Return name and hash of each pin, of the timeline, and of all of it."""
    pins = [(f"{n}. {pin.title}", digest(pin)) for n, pin in enumerate(evidence.pins, 1)]
    return [*pins, ("timeline", digest(evidence.happenings)), ("all of it", digest(evidence))]
