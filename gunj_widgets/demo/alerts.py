"""The alerts of a platform: pending, firing, resolved; acknowledged and silenced by people."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

__all__ = ["AlertBoard", "AlertState"]


@dataclass(slots=True)
class AlertState:
    """One alert. Times are epoch seconds; `ends` is None while it is active."""

    platform: str
    name: str
    component: str
    severity: str
    summary: str
    description: str
    status: str
    starts: float
    ends: float | None = None
    acknowledged: str = ""
    silenced_until: float | None = None
    comment: str = ""

    @property
    def fingerprint(self) -> str:
        return blake2b("\0".join((self.platform, self.name, self.component)).encode(), digest_size=8).hexdigest()

    def payload(self) -> dict[str, Any]:
        labels = {"alertname": self.name, "platform": self.platform, "severity": self.severity}
        annotations = {"summary": self.summary, "description": self.description}
        return {
            "fingerprint": self.fingerprint,
            "status": self.status,
            "name": self.name,
            "severity": self.severity,
            "platform": self.platform,
            "component": self.component,
            "labels": labels | ({"component": self.component} if self.component else {}),
            "annotations": annotations | ({"silenceComment": self.comment} if self.comment else {}),
            "startsAt": self.starts,
            "endsAt": self.ends,
            "acknowledgedBy": self.acknowledged,
            "silencedUntil": self.silenced_until,
        }


class AlertBoard:
    """The active alerts of one platform, by fingerprint. Each method returns the alert that changed, or None."""

    def __init__(self, platform: str) -> None:
        self._platform = platform
        self._active: dict[str, AlertState] = {}

    @property
    def active(self) -> list[AlertState]:
        return list(self._active.values())

    def find(self, fingerprint: str) -> AlertState | None:
        return self._active.get(fingerprint)

    def raise_(
        self,
        name: str,
        component: str,
        *,
        status: str,
        severity: str,
        summary: str,
        description: str,
        time: float,
    ) -> AlertState | None:
        """Make an alert pending or firing; None where it is that already."""
        fresh = AlertState(self._platform, name, component, severity, summary, description, status, time)
        alert = self._active.setdefault(fresh.fingerprint, fresh)
        if alert is not fresh:
            if alert.status == status:
                return None
            alert.status, alert.starts, alert.severity = status, time, severity
            alert.summary, alert.description = summary, description
        return alert

    def resolve(self, name: str, component: str, time: float) -> AlertState | None:
        """End an alert; None where it is not active."""
        key = AlertState(self._platform, name, component, "", "", "", "", 0.0).fingerprint
        alert = self._active.pop(key, None)
        if alert is not None:
            alert.status, alert.ends = "resolved", time
        return alert

    def acknowledge(self, fingerprint: str, by: str) -> AlertState | None:
        alert = self._active.get(fingerprint)
        if alert is not None:
            alert.acknowledged = by
        return alert

    def silence(self, fingerprint: str, until: float, by: str, comment: str) -> AlertState | None:
        alert = self._active.get(fingerprint)
        if alert is not None:
            alert.silenced_until = until
            alert.comment = f"{by}: {comment}" if comment else by
        return alert

    def expire(self, time: float) -> list[AlertState]:
        """End the silences whose time is over; return their alerts."""
        over = [a for a in self._active.values() if a.silenced_until is not None and a.silenced_until <= time]
        for alert in over:
            alert.silenced_until, alert.comment = None, ""
        return over
