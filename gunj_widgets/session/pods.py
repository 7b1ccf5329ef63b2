"""LivePodLogs: the lines of a platform's pods, as a cluster tells them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gunj_widgets.session.handles import LiveLogs
from gunj_widgets.sources.kubernetes.podlogs import PodLogs, PodLogStatus
from gunj_widgets.store.holder import together

__all__ = ["LivePodLogs"]


class LivePodLogs(LiveLogs):
    """A filtered tail of what a platform's pods write; see `Session.logs`."""

    pods: PodLogs

    @property
    def status(self) -> PodLogStatus:
        """Where it stands: containers, how many are followed, lines, gaps, and why none come, if so."""
        return self.pods.status

    @property
    def notice(self) -> str:
        status = self.status
        said = [
            status.problem,
            f"{status.left_out} containers left out" if status.left_out else "",
            f"{status.gaps} gaps" if status.gaps else "",
            f"{status.cut} lines cut" if status.cut else "",
        ]
        return " · ".join(filter(None, said))

    def listen(self, callback: Callable[[Any], object]) -> Callable[[], None]:
        return together(super().listen(callback), self.pods.listeners.add(callback, self))
