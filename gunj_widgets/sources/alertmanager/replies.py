"""What Alertmanager answers, and what was new in it. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.errors import QueryError, RemoteProtocolError
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.store.matchers import Matcher

__all__ = ["Active", "decode_list", "matchers_of", "refusal", "told_matchers"]

MAX_WORDS = 300
ROLLING = ("endsAt", "updatedAt")
"""What changes with every answer and says nothing: the end of an active alert is always a few minutes ahead."""

Fields = dict[str, Any]


def decode_list(body: bytes) -> list[Fields]:
    """Read an answer that is a list of objects; RemoteProtocolError where it is none."""
    try:
        return msgspec.json.decode(body, type=list[dict[str, Any]])
    except (msgspec.DecodeError, RecursionError):
        raise RemoteProtocolError("what answered is no Alertmanager: its answer is not the JSON of its API") from None


def refusal(status: int, body: bytes) -> QueryError:
    """Put a refusal into words: it is a JSON string, an object with code and message, or nothing at all."""
    try:
        said = msgspec.json.decode(body) if body else ""
    except (msgspec.DecodeError, RecursionError):
        said = body[:MAX_WORDS].decode(errors="replace")
    if isinstance(said, dict):
        said = said.get("message", "")
    words = " ".join(str(said).split())[:MAX_WORDS]
    return QueryError(f"Alertmanager answered {status}" + (f": {words}" if words else ""), status=status)


def matchers_of(labels: dict[str, str]) -> list[dict[str, Any]]:
    """Return the matchers that name exactly these labels."""
    return [{"name": name, "value": value, "isRegex": False, "isEqual": True} for name, value in sorted(labels.items())]


def told_matchers(read: list[Matcher]) -> list[dict[str, Any]]:
    """Return matchers as a silence takes them."""
    return [
        {"name": one.name, "value": one.value, "isRegex": one.op.endswith("~"), "isEqual": not one.op.startswith("!")}
        for one in read
    ]


class Active:
    """The alerts of the last successful answer. What is missing from the next one has been resolved.

    Of a `platform` (id, name) they are that platform's, and their fingerprints carry its id: another one's Alertmanager may
    have an alert of the very same labels.
    """

    def __init__(self, platform: tuple[str, str] = ("", "")) -> None:
        self._known: dict[str, Fields] = {}
        self._prefix = f"{platform[0]}/" if platform[0] else ""
        self._more = {"platform": platform[1]} if platform[0] else {}

    def __len__(self) -> int:
        return len(self._known)

    def get(self, fingerprint: str) -> Fields | None:
        """Return an active alert as Alertmanager told it."""
        return self._known.get(fingerprint)

    def labels(self) -> dict[str, dict[str, str]]:
        """Return the labels of each active alert, by fingerprint."""
        found = {name: alert.get("labels") for name, alert in self._known.items()}
        return {name: labels for name, labels in found.items() if isinstance(labels, dict)}

    @property
    def silences(self) -> set[str]:
        """The ids of all silences that act on an alert."""
        return {str(id) for alert in self._known.values() for id in _silenced_by(alert)}

    def changes(self, alerts: list[Fields], ends: dict[str, str], now: float, source: str) -> list[Event]:
        """Take in an answer at `now` (epoch seconds); return what changed. `ends`: the end of each silence, by its id."""
        fresh: dict[str, Fields] = {}
        for alert in alerts:
            fingerprint = alert.get("fingerprint")
            if isinstance(fingerprint, str) and fingerprint:
                fingerprint = self._prefix + fingerprint
                kept = {name: value for name, value in alert.items() if name not in ROLLING}
                fresh[fingerprint] = {**kept, **self._more, "fingerprint": fingerprint}
                until = max((ends[id] for id in _silenced_by(alert) if id in ends), default=None)
                if until is not None:
                    fresh[fingerprint]["silencedUntil"] = until
        told: list[Fields] = []
        for fingerprint, alert in fresh.items():
            before = self._known.get(fingerprint, {})
            if alert != before:
                over = {"silencedUntil": now} if "silencedUntil" in before and "silencedUntil" not in alert else {}
                told.append({**alert, **over})
        gone = [alert for fingerprint, alert in self._known.items() if fingerprint not in fresh]
        told += [{**alert, "status": "resolved", "endsAt": now} for alert in gone]
        self._known = fresh
        return [
            Event(topic=topic("alert", alert["fingerprint"]), data=alert, time=now, arrived=now, source=source)
            for alert in told
        ]


def _silenced_by(alert: Fields) -> list[str]:
    status = alert.get("status")
    ids = status.get("silencedBy") if isinstance(status, dict) else None
    return [id for id in ids if isinstance(id, str)] if isinstance(ids, list) else []
