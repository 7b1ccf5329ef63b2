"""The two models all widgets of a kernel share: the Hub (bundle and feed) and the Control comm (browser → kernel).

They are two because ipykernel sends a comm's incoming messages to the shell that last published on that comm: a feed
published from a thread would pin them to the main shell, where they wait until the running cell ends. Nothing is ever
published on Control.
"""

from __future__ import annotations

from typing import Any

import anywidget

from gunj_widgets.widgets import bundle

__all__ = ["Control", "Hub"]


class Hub(anywidget.AnyWidget):
    """Holds the bundle once, and carries every feed envelope. Kernel → browser only."""

    def __init__(self, **kwargs: Any) -> None:
        self._esm = bundle.source("hub")
        super().__init__(**kwargs)


class Control(anywidget.AnyWidget):
    """Carries hello, bye, credit and act. Browser → kernel only."""

    def __init__(self, **kwargs: Any) -> None:
        self._esm = bundle.source("control")
        super().__init__(**kwargs)
        # comm_open was published under the running cell and pinned replies to its shell: let the front-end choose.
        if hasattr(self.comm, "_reply_subshell_id"):
            del self.comm._reply_subshell_id
