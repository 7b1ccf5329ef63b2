"""Recording a session, and opening a recording as one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from gunj_widgets.connection.loop import IOThread
from gunj_widgets.recording.recorder import Recorder, RecorderStatus
from gunj_widgets.session.life import Life
from gunj_widgets.session.memory import Memory, Tap
from gunj_widgets.settings import Settings
from gunj_widgets.store.facts import facts, note_fact
from gunj_widgets.store.notes import Note, NoteBook
from gunj_widgets.store.store import Store

if TYPE_CHECKING:
    from gunj_widgets.events.event import Event

__all__ = ["Recording", "Recordings"]


class Recording:
    """A recording that runs; `rt.record(path)` begins it. Use it in `with`, or call `stop()`."""

    def __init__(self, recorder: Recorder, release: Callable[[], None]) -> None:
        self._recorder = recorder
        self._release = release

    @property
    def status(self) -> RecorderStatus:
        """How it stands: state, events and bytes written, what waits, what was dropped or left out, and a problem."""
        return self._recorder.status()

    def stop(self) -> RecorderStatus:
        """Write what waits, end the file, and return how it stands."""
        self._release()
        return self._recorder.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        status = self.status
        lost = f", {status.dropped:,} dropped" if status.dropped else ""
        problem = f": {status.problem}" if status.problem else ""
        return (
            f"<Recording {status.state} {status.path}: {status.events:,} events, {status.bytes:,} bytes{lost}{problem}>"
        )


class Recordings:
    """The part of a Session that writes down what it is told."""

    store: Store
    settings: Settings
    life: Life
    _memory: Memory
    _io: IOThread

    @property
    def address(self) -> str:
        raise NotImplementedError

    def _note(self, problem: str) -> None:
        raise NotImplementedError

    def _need_open(self) -> None:
        raise NotImplementedError

    def tap(self, tap: Tap) -> Callable[[], None]:
        """Show `tap(events)` all that comes in, as it comes in, on gunj-io; return how to stop."""
        self._need_open()
        return self._memory.tap(tap)

    def record(self, path: str | Path, *, redact: Iterable[str] = ()) -> Recording:
        """Write all that comes from now on, and what is known already, to a new file. SettingsError where that cannot be made.

        Passwords, tokens and the like are left out by the names of their fields, and so are fields named in `redact`. A full
        disk ends the recording, not the session: `.status` and `rt.stats()` say so. The end of the session ends it too.
        SessionClosedError where nothing comes.
        """
        self._need_open()
        recorder = Recorder(
            path,
            source=self.address,
            redact=redact,
            retention=self.settings.retention,
            changed=lambda: self._recorded(recorder),
        )
        known: list[Note] = []

        def notes(book: NoteBook) -> None:
            now = time.time()
            fresh = [note for note in book if note not in known]
            known.extend(fresh)
            if fresh:
                recorder.take([note_fact(note, now) for note in fresh])

        async def begin() -> tuple[Callable[[], None], Callable[[], None]]:
            first: list[Event] = facts(self.store, time.time())
            known.extend(self.store.notes)
            if first:
                recorder.take(first)
            return self.tap(recorder.take), self.store.notes.listen(notes)

        untap, deaf = self._io.run(begin()).result()
        mortal = self.life.listen(lambda _life: recorder.stop(0.0))

        async def end() -> None:
            deaf()
            untap()

        def release() -> None:
            mortal()
            if self._io.is_alive:  # behind what is just being told: whoever saw it finds it in the recording
                self._io.run(end()).result()

        return Recording(recorder, release)

    def _recorded(self, recorder: Recorder) -> None:
        status = recorder.status()
        if status.state == "failed":
            self._note(f"the recording {status.path} ended: {status.problem}")
