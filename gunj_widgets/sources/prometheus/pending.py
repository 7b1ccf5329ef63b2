"""Alerts as the rules of a Prometheus make them, joined with those that its Alertmanager has. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.sources.fingerprint import fingerprint

__all__ = ["Joined"]

Labels = dict[str, str]
Fields = dict[str, Any]
STATES = ("pending", "firing")
MAX_ALERTS = 5_000


class _Told(NamedTuple):
    state: str
    labels: Labels
    data: Fields


class Joined:
    """What only Prometheus tells: alerts that are pending, and those that fire where no Alertmanager has them (yet).

    An alert is the same in both where its labels are: Alertmanager's may have more, which Prometheus adds on the way
    (`external_labels`). What they are is learned from the first one that both have, so that the next one keeps its
    fingerprint from pending to firing. `platform` (id, name) is the one that told of this Prometheus.
    """

    def __init__(self, platform: tuple[str, str] = ("", "")) -> None:
        self.external: Labels = {}
        self._prefix = f"{platform[0]}/" if platform[0] else ""
        self._more = {"platform": platform[1]} if platform[0] else {}
        self._told: dict[str, _Told] = {}

    def tells(self, fingerprint: str) -> bool:
        """Say whether this is an alert that only Prometheus tells of."""
        return fingerprint in self._told

    def changes(self, alerts: list[Fields], owned: Mapping[str, Labels], now: float) -> list[Event]:
        """Take in an answer at `now` (epoch seconds); return what changed. `owned`: Alertmanager's alerts by fingerprint.

        What was told and is Alertmanager's by now is left to it; what never fired is told as `inactive`.
        """
        by_name: dict[str, list[tuple[str, Labels]]] = {}
        for name, labels in owned.items():
            by_name.setdefault(labels.get("alertname", ""), []).append((name, labels))
        theirs: set[str] = set()
        wanted: dict[str, _Told] = {}
        for alert in alerts[:MAX_ALERTS]:
            labels, state = _labels(alert), str(alert.get("state"))
            if not labels or state not in STATES:
                continue
            owner = _owner(labels, by_name.get(labels.get("alertname", ""), []))
            if owner is not None:
                theirs.add(fingerprint(labels))
                self._learn(labels, owned[owner])
                continue
            name = self._prefix + fingerprint({**self.external, **labels})
            wanted[name] = _Told(state, labels, self._data(alert, labels, state, name))
        events = [
            self._event(name, told.state, told.data, now)
            for name, told in wanted.items()
            if name not in self._told or self._told[name].data != told.data
        ]
        for name, told in self._told.items():
            if name in wanted or name in owned:
                continue
            # One that Alertmanager has under another name goes on there: it has not ended.
            ended = told.state == "firing" and fingerprint(told.labels) not in theirs
            state = "resolved" if ended else "inactive"
            events.append(self._event(name, state, {**told.data, "status": state, "endsAt": now}, now))
        self._told = wanted
        return events

    def _data(self, alert: Fields, labels: Labels, state: str, name: str) -> Fields:
        return {
            "fingerprint": name,
            "status": state,
            "labels": {**self.external, **labels},
            "annotations": alert.get("annotations") or {},
            "startsAt": alert.get("activeAt"),
            **self._more,
        }

    def _event(self, name: str, state: str, data: Fields, now: float) -> Event:
        return Event(topic=topic("alert", name, state), data=data, time=now, arrived=now, source="prometheus")

    def _learn(self, labels: Labels, owner: Labels) -> None:
        self.external = {name: value for name, value in owner.items() if name not in labels}


def _owner(labels: Labels, candidates: list[tuple[str, Labels]]) -> str | None:
    """Return the alert that has all of these labels; of several the one that has the fewest beside them."""
    fitting = [(len(one), name) for name, one in candidates if labels.items() <= one.items()]
    return min(fitting)[1] if fitting else None


def _labels(alert: Fields) -> Labels:
    found = alert.get("labels")
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}
