"""Gaps: spans of time for which the server could no longer say what happened."""

from __future__ import annotations

import msgspec

__all__ = ["MAX_GAPS", "Gap"]

MAX_GAPS = 256
"""Gaps remembered in one place; a flapping link makes many, and only the newest ones are ever looked at."""


class Gap(msgspec.Struct, frozen=True, kw_only=True):
    """Facts of `kind` (metrics, logs, …) between two epoch seconds were lost; platform "" means all."""

    kind: str
    platform: str = ""
    from_time: float
    to_time: float
