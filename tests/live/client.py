"""A ConnectionManager on real sockets, with everything it delivered, and waiting for conditions with a deadline."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from typing import Any, Self

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.manager import ConnectionManager
from gunj_widgets.events.event import Event
from gunj_widgets.settings import ConnectionSettings, Settings

PLATFORM = "production"
ALL = [Interest("platforms"), Interest("alerts"), *(Interest(t, PLATFORM) for t in ("platform", "metrics", "logs"))]
QUICK = Settings(connection=ConnectionSettings(ping_interval=1.0, ping_timeout=1.0, idle_timeout=2.0, open_timeout=2.0))


def wait_for(condition: Callable[[], object], seconds: float = 15.0, what: str = "it") -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.01)


class Client:
    """A manager with everything it delivered."""

    def __init__(self, url: str, token: Any, settings: Settings | None = None, **options: Any) -> None:
        self.events: list[Event] = []
        self.states: list[str] = []
        self.manager = ConnectionManager(
            url,
            auth=token,
            deliver=self.events.extend,
            on_state=lambda status: self.states.append(str(status.state)),
            settings=settings,
            **options,
        )

    def open(self, *interests: Interest) -> Self:
        self.manager.start()
        for interest in interests:
            self.manager.watch(interest)
        get_io().run(self.manager.first_answer(5.0)).result(10)
        for interest in interests:
            get_io().run(self.manager.wait_synced(interest)).result(10)
        return self

    @property
    def state(self) -> str:
        return str(self.manager.status().state)

    def count(self, name: str) -> int:
        return self.manager.stats().counts[name]

    def by_source(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = defaultdict(set)
        for event in list(self.events):
            found[event.source].add(event.topic.split(".")[2])
        return found

    def resets(self) -> list[dict[str, object]]:
        """What `connection.reset` facts said."""
        return [event.data for event in list(self.events) if event.topic == "connection.reset"]

    def live_numbers(self) -> dict[tuple[str, str], list[int]]:
        """The numbers of live messages of each subscription and epoch, as delivered."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for event in list(self.events):
            if event.seq is not None:
                found[event.topic.split(".")[2] + (event.sub or ""), event.epoch or ""].append(event.seq)
        return found
