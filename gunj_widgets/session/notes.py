"""What people write down while they look; in a shared history everyone else reads it, too."""

from __future__ import annotations

import datetime
import getpass
import secrets
import time
from collections.abc import Coroutine
from typing import Any, Protocol

import msgspec

from gunj_widgets.arguments import needed
from gunj_widgets.errors import ConnectError
from gunj_widgets.events.topics import topic
from gunj_widgets.session.memory import Manager
from gunj_widgets.sources.jetstream.manager import JetStreamManager
from gunj_widgets.store.facts import note_fact
from gunj_widgets.store.notes import Note, NoteBook
from gunj_widgets.store.store import Store
from gunj_widgets.store.time_range import epoch_of

__all__ = ["Notes", "Stretch"]


MARK = 200
"""Characters of a marked line that its note tells."""


class Stretch(Protocol):
    """Two moments: `chart.selection` is one."""

    start: datetime.datetime
    end: datetime.datetime


class Notes:
    """The part of a Session that keeps notes."""

    manager: Manager
    store: Store

    def now(self) -> float:
        raise NotImplementedError

    def wait(self, work: Coroutine[Any, Any, Any], timeout: float = 10.0) -> Any:
        raise NotImplementedError

    def _need_open(self) -> None:
        raise NotImplementedError

    @property
    def notes(self) -> NoteBook:
        """What was written down with `note`, by time; `.df`."""
        return self.store.notes

    def note(
        self,
        text: str,
        at: float | datetime.datetime | Stretch | None = None,
        *,
        author: str = "",
        platform: str = "",
    ) -> Note:
        """Write a note down at a moment (epoch seconds or an aware datetime; now) or about a stretch, `chart.selection`.

        It stands on charts and timeline; `platform` is a name, or an id where several bear that name. On a shared history
        (`nats://…`) every notebook shows it, with who wrote it: `author`, else the user's name. ConnectError where it could not
        be shared; it is kept here all the same. SessionClosedError where there is nobody to keep it for.
        """
        self._need_open()
        for words in (text, author, platform):
            needed(words, str, "a note is text", 'As in rt.note("rolled back", at=...).')
        moment, until = (self.now(), None) if at is None else _times(at)
        shared = isinstance(self.manager, JetStreamManager)
        written = Note(
            time=moment,
            text=text,
            author=author or (_user() if shared else ""),
            platform=platform,
            until=until,
        )
        self.store.notes.add(written)
        if shared:
            self.wait(self._share(written))
        return written

    async def mark(self, at: float, text: str) -> None:
        """Let others know of a mark that somebody put at a line, as a note; on gunj-io. Nothing where nobody else reads."""
        if isinstance(self.manager, JetStreamManager):
            words = " ".join(text.split())[:MARK]
            written = self.store.notes.add(Note(time=at, text=f"mark: {words}" if words else "mark", author=_user()))
            await self._share(written)

    async def _share(self, written: Note) -> None:
        if not isinstance(self.manager, JetStreamManager):
            return
        key = f"{written.time:.0f}-{secrets.token_hex(6)}"
        event = note_fact(written, time.time())
        event = msgspec.structs.replace(event, topic=topic("note", key), id=key)
        try:
            await self.manager.share(event, key)
        except ConnectError as error:
            raise ConnectError(f"the note is kept here, but not shared: {error.problem}", error.remedy) from None


def _times(at: Any) -> tuple[float, float | None]:
    """Return a moment, or the two ends of a stretch, in epoch seconds."""
    if hasattr(at, "start") and hasattr(at, "end"):
        return epoch_of(at.start), epoch_of(at.end)
    return epoch_of(at), None  # which refuses what is neither


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user without a name
        return "somebody"
