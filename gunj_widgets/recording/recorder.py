"""Recorder: takes what a session is told and writes it down, on a thread of its own that nothing waits for."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path

import msgspec

from gunj_widgets.events.event import Event
from gunj_widgets.recording.chunks import Batch, pack
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.index import Index
from gunj_widgets.recording.redact import Redaction
from gunj_widgets.settings import RetentionSettings

__all__ = ["EVERY", "MAX_WAITING", "Recorder", "RecorderStatus"]

EVERY = 0.5
"""Seconds between two blocks: what a crash costs at most, and half a second for the disk."""
MAX_WAITING = 200_000
"""Events that may wait for the disk. What comes over that is dropped, and counted."""
MAX_BLOCK = 20_000
LAST = 5.0
"""Seconds that the end of a recording may take for snapshots; where they are missing, going to a place takes longer."""


class RecorderStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How a recording stands. `state`: recording, stopped, or failed, then `problem` says why."""

    state: str
    path: str
    events: int
    bytes: int
    waiting: int
    dropped: int
    hidden: int
    problem: str = ""


class Recorder:
    """Writes what `take` is given until `stop`. `changed()` is called on the writing thread when the state changes."""

    def __init__(
        self,
        path: str | Path,
        *,
        source: str = "",
        redact: Iterable[str] = (),
        retention: RetentionSettings | None = None,
        changed: Callable[[], object] = lambda: None,
    ) -> None:
        self._redaction = Redaction(redact)  # what it refuses leaves no file behind
        self._file = RecordingFile.create(path, source)
        self._index = Index(self._file, retention if retention is not None else RetentionSettings())
        self._changed = changed
        self._queue: deque[Batch] = deque()
        self._taken = 0
        self._events = 0
        self._bytes = 0
        self._dropped = 0
        self._state = "recording"
        self._problem = ""
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="gunj-recorder", daemon=True)
        self._thread.start()

    def take(self, events: list[Event]) -> None:
        """Take events that came together; on gunj-io. Never waits."""
        if self._state != "recording":
            return
        if self._taken - self._events + len(events) > MAX_WAITING:
            self._dropped += len(events)
            return
        self._taken += len(events)
        self._queue.append(events)

    def stop(self, timeout: float = 10.0) -> RecorderStatus:
        """Write what waits, end the file, and return how it stands."""
        self._end.set()
        if threading.current_thread() is not self._thread:
            self._thread.join(timeout)
        return self.status()

    def status(self) -> RecorderStatus:
        return RecorderStatus(
            state=self._state,
            path=str(self._file.path),
            events=self._events,
            bytes=self._bytes,
            waiting=self._taken - self._events,
            dropped=self._dropped,
            hidden=self._redaction.hidden,
            problem=self._problem,
        )

    def _run(self) -> None:
        try:
            due = time.monotonic() + EVERY
            while not self._end.wait(max(0.0, due - time.monotonic())):
                due = time.monotonic() + EVERY
                self._write()
                self._index.follow(due - EVERY / 2)  # what comes is written first
            self._write()
            self._index.follow(time.monotonic() + LAST)
            self._tell()
            self._file.finish()
            self._state = "stopped"
        except Exception as error:  # a full disk, or a fault of ours: it costs the recording, and is shown
            self._state = "failed"
            self._problem = str(error)[:300] or type(error).__name__
            self._queue.clear()
        finally:
            self._file.close()
            self._changed()

    def _write(self) -> None:
        while self._queue:
            batches: list[Batch] = []
            count = 0
            while self._queue and count < MAX_BLOCK:
                batches.append(self._queue.popleft())
                count += len(batches[-1])
            block = pack(batches, self._redaction)
            self._file.append(batches[0][0].arrived, batches[-1][-1].arrived, count, block)
            self._events += count
            self._bytes += len(block)
            if self._dropped or self._redaction.hidden:
                self._tell()

    def _tell(self) -> None:
        self._file.tell(dropped=str(self._dropped), hidden=str(self._redaction.hidden), ended=str(time.time()))
