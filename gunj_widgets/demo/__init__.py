"""An embedded operator: real WebSocket, SSE and REST on 127.0.0.1, with incidents whose cause is known."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gunj_widgets.demo.operator import Operator

__all__ = ["start"]

_lock = threading.Lock()
_running: tuple[int, Operator] | None = None


def start(**options: Any) -> Operator:
    """Return the demo operator of this process, started if need be; `options` (see Operator) count at the first start."""
    global _running  # noqa: PLW0603  one per process is the point
    from gunj_widgets.demo.operator import Operator

    with _lock:
        if _running is None or _running[0] != os.getpid() or not _running[1].running:
            _running = os.getpid(), Operator(**options).start()
        return _running[1]
