"""AlertBook: what fires now, and what did."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pandas as pd
from msgspec.structs import replace

from gunj_widgets.events.records import Alert, AlertState, Severity
from gunj_widgets.events.shown import Table
from gunj_widgets.store.holder import Holder, Listeners
from gunj_widgets.store.retention import cutoff
from gunj_widgets.store.tables import shown, table

__all__ = ["MAX_ACTIVE", "AlertBook"]

MAX_ACTIVE = 5_000
"""Alerts that may be active at once; in a storm of more, the newcomers are counted as refused."""
_COLUMNS = (
    *("fingerprint", "state", "severity", "name", "platform", "component", "summary"),
    *("starts", "ends", "acknowledged", "silenced_until"),
)
_TIMES = ("starts", "ends", "silenced_until")
_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class AlertBook(Holder):
    """Alerts by fingerprint. Active ones stay; of the resolved, the newest `max_rows` within `max_age` seconds."""

    def __init__(self, max_age: float | None = 86_400.0, max_rows: int | None = 100) -> None:
        super().__init__()
        self.max_age = max_age
        """Seconds a resolved alert is kept."""
        self.max_rows = max_rows
        """Resolved alerts kept."""
        self._active: dict[str, Alert] = {}
        self._resolved: dict[str, Alert] = {}  # the newest last
        self._before: dict[str, Alert] = {}  # resolved ones whose like is pending, and may never fire
        self._followers = Listeners()
        self.refused = 0
        """Alerts over `MAX_ACTIVE`."""
        self.evicted = 0
        """Resolved alerts forgotten."""

    # Writing

    def put(self, alert: Alert, now: float | None = None) -> bool:
        """Take in an alert; `now` is when it ended where it does not say. False where it is one too many."""
        with self._lock:
            before = self._active.get(alert.fingerprint)
            taken = self._put(alert, now)
            self._version += taken
        if taken:
            self._followers.tell(self.get(alert.fingerprint) or alert, before)
            self._listeners.tell()
        return taken

    def drop(self, fingerprint: str) -> bool:
        """Forget an active alert that never fired: it has not been resolved either. False where there is none."""
        with self._lock:
            found = self._active.pop(fingerprint, None) is not None
            before = self._before.pop(fingerprint, None)
            if before is not None:
                self._resolved[fingerprint] = before
            self._version += found
        if found:
            self._listeners.tell()
        return found

    def acknowledge(self, fingerprint: str, by: str) -> bool:
        """Note who has an active alert; False where there is no such alert."""
        return self._mark(fingerprint, acknowledged=by)

    def silence(self, fingerprint: str, until: float | None) -> bool:
        """Note until which epoch second an active alert is silenced; None = not any more."""
        return self._mark(fingerprint, silenced_until=until)

    def prune(self, now: float) -> None:
        """Forget resolved alerts that are too old."""
        with self._lock:
            gone = self._forget(now)
            self._version += bool(gone)
        if gone:
            self._listeners.tell()

    def clear(self) -> None:
        self.restore(())

    def dump(self) -> tuple[list[Alert], list[Alert]]:
        """All that is held, in the order it came, and what it was before, for `restore`."""
        with self._lock:
            return [*self._active.values(), *self._resolved.values()], list(self._before.values())

    def restore(self, alerts: Iterable[Alert], before: Iterable[Alert] = ()) -> None:
        """Hold these instead, as one change."""
        with self._lock:
            self._active, self._resolved = {}, {}
            for alert in alerts:
                book = self._resolved if alert.state is AlertState.RESOLVED else self._active
                book[alert.fingerprint] = alert
            self._before = {alert.fingerprint: alert for alert in before}
            self._version += 1
        self._listeners.tell()

    # Reading

    def follow(self, callback: Callable[[Any, Alert, Alert | None], object]) -> Callable[[], None]:
        """Call `callback(book, alert, before)` for each alert taken in; `before` is what was active of it, None where nothing.

        As `listen`, but no alert is over before it was told: those that fire and are resolved in one breath are two calls.
        """
        return self._followers.add(callback, self)

    @property
    def listener_errors(self) -> int:
        return super().listener_errors + self._followers.failed

    @property
    def active(self) -> list[Alert]:
        """Firing and pending: the most severe first, of equal ones the oldest."""
        with self._lock:
            return sorted(self._active.values(), key=_urgency)

    @property
    def critical(self) -> list[Alert]:
        return [alert for alert in self.active if alert.severity is Severity.CRITICAL]

    @property
    def warning(self) -> list[Alert]:
        return [alert for alert in self.active if alert.severity is Severity.WARNING]

    @property
    def has_critical(self) -> bool:
        return bool(self.critical)

    @property
    def resolved(self) -> list[Alert]:
        """Newest first."""
        with self._lock:
            return sorted(self._resolved.values(), key=lambda alert: -(alert.ends or 0.0))

    def get(self, fingerprint: str) -> Alert | None:
        """Return the alert, active or resolved."""
        return self._active.get(fingerprint) or self._resolved.get(fingerprint)

    @property
    def df(self) -> pd.DataFrame:
        """Active, then resolved alerts by fingerprint; times are UTC."""
        return table(_COLUMNS, [_row(alert) for alert in self], index="fingerprint", times=_TIMES)

    def _shown(self) -> Table:
        return shown(self, _COLUMNS, map(_row, self), _TIMES)

    def __iter__(self) -> Iterator[Alert]:
        """Active, then resolved."""
        return iter([*self.active, *self.resolved])

    def __len__(self) -> int:
        return len(self._active) + len(self._resolved)

    def __repr__(self) -> str:
        return f"<AlertBook {len(self._active)} active, {len(self._resolved)} resolved, version {self.version}>"

    # Under the lock

    def _put(self, alert: Alert, now: float | None) -> bool:
        alert = _carried(alert, self._active.get(alert.fingerprint))
        if alert.state is AlertState.RESOLVED:
            ends = next((t for t in (alert.ends, now, alert.starts) if t is not None), 0.0)
            self._active.pop(alert.fingerprint, None)
            self._resolved.pop(alert.fingerprint, None)
            self._resolved[alert.fingerprint] = replace(alert, ends=ends)
            self._forget(now)
            return True
        if alert.fingerprint not in self._active and len(self._active) >= MAX_ACTIVE:
            self.refused += 1
            return False
        before = self._resolved.pop(alert.fingerprint, None) or self._before.pop(alert.fingerprint, None)
        if before is not None and alert.state is AlertState.PENDING:
            self._before[alert.fingerprint] = before
        self._active[alert.fingerprint] = alert
        return True

    def _forget(self, now: float | None) -> int:
        oldest = cutoff(now, self.max_age)
        newest_first = sorted(self._resolved.values(), key=lambda alert: -(alert.ends or 0.0))
        gone = [a for a in newest_first[: self.max_rows] if (a.ends or 0.0) < oldest]
        gone += newest_first[self.max_rows :] if self.max_rows is not None else []
        for alert in gone:
            del self._resolved[alert.fingerprint]
        self.evicted += len(gone)
        return len(gone)

    def _mark(self, fingerprint: str, **changes: object) -> bool:
        with self._lock:
            alert = self._active.get(fingerprint)
            if alert is not None:
                self._active[fingerprint] = replace(alert, **changes)
                self._version += 1
        if alert is not None:
            self._listeners.tell()
        return alert is not None


def _carried(alert: Alert, old: Alert | None) -> Alert:
    """Carry over what was noted about the same firing and the sender does not repeat."""
    if old is None or (alert.starts is not None and alert.starts != old.starts):
        return alert
    return replace(
        alert,
        starts=old.starts if alert.starts is None else alert.starts,
        acknowledged=alert.acknowledged or old.acknowledged,
        silenced_until=old.silenced_until if alert.silenced_until is None else alert.silenced_until,
    )


def _urgency(alert: Alert) -> tuple[int, float, str]:
    return _RANK[alert.severity], alert.starts if alert.starts is not None else float("inf"), alert.fingerprint


def _row(a: Alert) -> tuple[object, ...]:
    about = (a.fingerprint, str(a.state), str(a.severity), a.name, a.platform, a.component, a.summary)
    return (*about, a.starts, a.ends, a.acknowledged, a.silenced_until)
