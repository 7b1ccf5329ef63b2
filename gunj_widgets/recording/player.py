"""Player: a recording as a place one can be at. What has been told up to there is a function of the place alone."""

from __future__ import annotations

from collections.abc import Iterator

from gunj_widgets.events.event import Event
from gunj_widgets.recording.file import RecordingFile

__all__ = ["Player"]


class Player:
    """Gives batches in the order they were taken in. Times are epoch seconds of arrival."""

    def __init__(self, file: RecordingFile) -> None:
        self._file = file
        self._blocks = file.blocks()
        self.start = self._blocks[0].first if self._blocks else 0.0
        self.end = max((block.last for block in self._blocks), default=0.0)
        self.total = sum(block.events for block in self._blocks)
        self.rewind()

    def rewind(self) -> None:
        """Go to the beginning: nothing has been told."""
        self.told = 0
        """Events told so far."""
        self._block = 0
        self._batches: list[list[Event]] = []
        self._batch = 0

    @property
    def ended(self) -> bool:
        return self._peek() is None

    def next_time(self) -> float | None:
        """When the next batch came; None at the end."""
        batch = self._peek()
        return None if batch is None else batch[-1].arrived

    def step(self) -> list[Event] | None:
        """Return the next batch, None at the end."""
        batch = self._peek()
        if batch is not None:
            self._batch += 1
            self.told += len(batch)
        return batch

    def until(self, time: float) -> Iterator[list[Event]]:
        """Return all batches up to a time."""
        while (when := self.next_time()) is not None and when <= time:
            batch = self.step()
            if batch is not None:
                yield batch

    def close(self) -> None:
        self._file.close()

    def _peek(self) -> list[Event] | None:
        while self._batch >= len(self._batches):
            if self._block >= len(self._blocks):
                return None
            self._batches = self._file.read(self._blocks[self._block].id)
            self._block += 1
            self._batch = 0
        return self._batches[self._batch]
