"""Silencing: one silence that stands at an Alertmanager, or each alert by itself; and what was done, in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.shown import stamp
from gunj_widgets.store.matchers import asks_for_nothing, labelled, matchers
from gunj_widgets.store.retention import Duration, seconds

if TYPE_CHECKING:
    from gunj_widgets.session.session import Session

__all__ = ["STANDS_WITHIN", "Silenced", "silence", "who_and_why"]

STANDS_WITHIN = 12.0
"""Seconds for an Alertmanager to take a silence, or to end one: a view gives up after 15."""
MAX_SAID = 200
"""Characters of who silences, and why."""


@dataclass(frozen=True)
class Silenced:
    """What `rt.alerts.silence` did; it says so itself."""

    alerts: list[str]
    """Fingerprints of the active alerts that are muted."""
    until: float
    """Epoch seconds."""
    by: str
    comment: str
    id: str = ""
    """Of the one silence that stands, for `rt.expire_silence`; nothing where each alert was silenced by itself."""
    matchers: str = ""
    """What it mutes, later alerts as well, as it is written."""
    where: str = ""
    """The Alertmanager where it stands."""

    def __repr__(self) -> str:
        until, count = stamp(self.until), len(self.alerts)
        many = f"{count} alert{'' if count == 1 else 's'}"
        if not self.id:
            return (
                f"<Silenced {many}, each by itself, until {until} by {self.by!r}: one that begins later is not muted>"
            )
        where = repr(self.where)[1:-1]  # it is named by a peer
        return (
            f"<Silenced by one standing silence at {where} until {until} by {self.by!r}: {self.matchers!r}; {many} now, "
            f"and later ones that match. rt.expire_silence({self.id!r}) ends it>"
        )


def who_and_why(by: object, comment: object) -> tuple[str, str]:
    """Return what is said of who silences, and why; something also where nothing was given."""
    return str(by or "notebook")[:MAX_SAID], str(comment or "from a notebook")[:MAX_SAID]


def check_fingerprint(given: Any) -> None:
    """Raise SettingsError for what names no alert: an Alert itself is known by its fingerprint only."""
    if not isinstance(given, str) or not given:
        raise SettingsError(
            f"an alert is named by its fingerprint, not by {given!r:.40}", "As in rt.alerts.active[0].fingerprint."
        )


def silence(
    session: Session, fingerprint: str | None, written: str | None, duration: Duration, by: str, comment: str
) -> Silenced:
    """Silence as `LiveAlerts.silence` says."""
    if (fingerprint is None) == (written is None):
        raise SettingsError("silence takes a fingerprint or matchers=", "As in silence(matchers='component=\"loki\"').")
    lasts, (by, comment) = seconds(duration), who_and_why(by, comment)
    said: dict[str, Any] = {"duration": lasts, "by": by, "comment": comment}
    if written is None:
        check_fingerprint(fingerprint)
        chosen = [str(fingerprint)]
    else:
        read = matchers(written)
        at = session.silencer()
        if at is not None:
            accepts = labelled(read)
            theirs = [a for a in session.alerts.active if not session.may_acknowledge(a.fingerprint)]
            muted = [a.fingerprint for a in theirs if accepts(a.labels)]
            [id] = session.wait(session.act("silence", {"matchers": written, **said}), 2 * STANDS_WITHIN)
            words = ", ".join(map(str, read))
            return Silenced(muted, session.now() + lasts, by, comment, id, words, at.place)
        if asks_for_nothing(read):  # an Alertmanager refuses them by itself
            raise SettingsError(
                f"{written!r:.80} mutes every alert that does not have these labels",
                'Add a matcher that asks for something, as alertname="…".',
            )
        chosen = [alert.fingerprint for alert in session.alerts.matching(written)]
    for one in chosen:
        session.wait(session.act("silence", {"fingerprint": one, **said}))
    return Silenced(chosen, session.now() + lasts, by, comment)
