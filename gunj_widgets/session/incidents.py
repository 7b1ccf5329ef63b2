"""Incident: what is collected while one is looked into, and the report and the bundle that are made of it."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from gunj_widgets import __version__
from gunj_widgets.arguments import kept_at, needed, writing
from gunj_widgets.errors import SettingsError
from gunj_widgets.events.event import Event
from gunj_widgets.events.shown import Shown, Table, stamp
from gunj_widgets.recording.chunks import pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.report.book import book
from gunj_widgets.report.page import page
from gunj_widgets.report.text import text
from gunj_widgets.session.progress import behind
from gunj_widgets.session.session import Session
from gunj_widgets.store.evidence import Evidence, Pin, happenings, pin_of
from gunj_widgets.store.facts import facts

__all__ = ["MAX_PINS", "Incident"]

MAX_PINS = 200
KEY = "incident"
PINS = ("pin", "kind", "title", "caption", "pinned")
FORMATS = {".html": page, ".md": text, ".ipynb": book}


class Incident(Shown):
    """Collects evidence of an incident: pins, notes, and the timeline of its session.

    A pin is a copy: what comes later, or expires, does not change it. `redact` names fields that are left out of the bundle,
    beside those whose names say that they are secret.
    """

    def __init__(self, rt: Session, title: str, *, author: str = "", redact: Iterable[str] = ()) -> None:
        needed(rt, Session, "an incident is of a session", "As in Incident(rt, title), with rt = gunj.connect(...).")
        needed(title, str, "a title is text", "Say in a few words what happened.")
        if not title.strip():
            raise SettingsError("an incident without a title", "Say in a few words what happened.")
        needed(author, str, "an author is named by text", 'As in author="ann".')
        self.title = title
        self.author = author
        self._session = rt
        self._redaction = Redaction(redact)
        self._pins: list[Pin] = []

    @property
    def pins(self) -> list[Pin]:
        """What is pinned, at most 200, in the order it was; `unpin(1)` takes the first back."""
        return list(self._pins)

    def pin(self, thing: Any, caption: str = "") -> Pin:
        """Keep a copy of words, a frame, a chart, its selection, log lines, alerts: of all that has a `.df`. SettingsError else."""
        if len(self._pins) >= MAX_PINS:
            raise SettingsError(f"this incident has {MAX_PINS} pins", "incident.unpin(n) takes one back.")
        made = pin_of(thing, caption, self._session.now())
        self._pins.append(made)
        return made

    def unpin(self, n: int) -> Pin:
        """Take the n-th pin back, counted from 1."""
        needed(n, int, "pins are counted from 1", f"There are {len(self._pins)}.")
        if not 1 <= n <= len(self._pins):
            raise SettingsError(f"there is no pin {n}", f"There are {len(self._pins)}.")
        return self._pins.pop(n - 1)

    def note(self, text: str, at: Any = None) -> None:
        """Write a note into the session: it stands on the charts and in the timeline of the report."""
        self._session.note(text, at, author=self.author)

    @property
    def evidence(self) -> Evidence:
        """All that a report would tell now."""
        return Evidence(
            title=self.title,
            source=self._session.address,
            author=self.author,
            made=time.time(),
            pins=self.pins,
            happenings=happenings(self._session.store.timeline),
            version=__version__,
        )

    def report(self, path: str | Path) -> Path:
        """Write the report, as .html, .md or .ipynb by the name's ending; return where it is. SettingsError where it cannot be."""
        return _report(self.evidence, path)

    def save(self, path: str | Path) -> Path:
        """Write the bundle, one new file: what the session knows now, for `gunj.replay`, and the evidence, for `Incident.load`.

        SettingsError where it cannot be written; there is no file then.
        """
        path = kept_at(path)
        with writing(path):
            try:
                with RecordingFile.create(path, self._session.address) as file:
                    told, data = behind(f"bundle {path.name}", self._packed)
                    if told:
                        file.append(told[0].arrived, told[-1].arrived, len(told), data)
                    file.tell(
                        **{KEY: msgspec.json.encode(self.evidence).decode(), "hidden": str(self._redaction.hidden)}
                    )
                    file.finish()
            except OSError:
                path.unlink(missing_ok=True)
                raise
        return path

    def _packed(self) -> tuple[list[Event], bytes]:
        """What the session knows now, and the same as a block of the bundle."""
        told = facts(self._session.store, self._session.now())
        return told, pack([told], self._redaction) if told else b""

    @staticmethod
    def load(path: str | Path) -> SavedIncident:
        """Open the evidence in a bundle; SettingsError where there is none."""
        with RecordingFile.open(path) as file:
            try:
                return SavedIncident(msgspec.json.decode(file.told(KEY), type=Evidence))
            except msgspec.MsgspecError:
                raise SettingsError(
                    f"{path} is a recording without evidence", "incident.save(path) makes a bundle."
                ) from None

    def _shown(self) -> Table:
        return self.title, PINS, _pinned(self._pins)

    def __repr__(self) -> str:
        return f"<Incident {self.title!r}: {len(self._pins)} pins, {len(self._session.notes)} notes>"


class SavedIncident(Shown):
    """The evidence in a bundle; the session beside it: `gunj.replay(path)`."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence = evidence

    def report(self, path: str | Path) -> Path:
        """As `Incident.report`."""
        return _report(self.evidence, path)

    def _shown(self) -> Table:
        return self.evidence.title, PINS, _pinned(self.evidence.pins)

    def __repr__(self) -> str:
        return f"<SavedIncident {self.evidence.title!r}: {len(self.evidence.pins)} pins>"


def _pinned(pins: Iterable[Pin]) -> list[tuple[object, ...]]:
    return [(n, pin.kind, pin.title, pin.caption, stamp(pin.pinned)) for n, pin in enumerate(pins, 1)]


def _report(evidence: Evidence, path: str | Path) -> Path:
    """Write a report beside its place and put it there whole."""
    path = kept_at(path)
    make = FORMATS.get(path.suffix.lower())
    if make is None:
        raise SettingsError(f"no report ends in {path.suffix or 'nothing'!r}", f"One of {', '.join(FORMATS)}.")
    content = behind(f"report {path.name}", lambda: make(evidence))
    with writing(path):
        number, made = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(number, "w", encoding="utf-8") as file:
                file.write(content)
            Path(made).replace(path)
        except BaseException:
            Path(made).unlink(missing_ok=True)
            raise
    return path
