"""Events to publish, and what they were numbered with."""

from __future__ import annotations

from typing import Any

from gunj_widgets.events.event import Event


def event(topic: str = "a", data: Any = None, arrived: float = 0.0) -> Event:
    return Event(topic=topic, data=data, arrived=arrived)


def numbers(events: list[Event]) -> list[Any]:
    return [found.data for found in events]
