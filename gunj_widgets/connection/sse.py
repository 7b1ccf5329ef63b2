"""Server-sent events: bytes in, events out. The WHATWG parser, bounded. Pure: no I/O, no clock."""

from __future__ import annotations

import re
from itertools import repeat

from httpx_sse import ServerSentEvent

from gunj_widgets.errors import LimitError

__all__ = ["SSELimitError", "SSEParser"]

_BOM = b"\xef\xbb\xbf"
_WITH_ID = re.compile(r"id: ([^\n\0]*)\ndata: (.*)\n\n").split
_WITHOUT = re.compile(r"data: (.*)\n\n").split
"""Plain events, and what is between them: nothing, where all are plain."""
_MAX_RETRY = 1e9
"""Seconds; longer advice is cut to it (the connection clamps further)."""
PATIENT = 8_192
"""Bytes of an event that is not whole yet which are kept as they are; more is read line by line."""


class SSELimitError(LimitError):
    """A line or event was too long and was skipped. `events` are the others of that chunk."""

    events: list[ServerSentEvent]


class SSEParser:
    """One stream's parser. `feed()` chunks as they come from the network, cut anywhere.

    `max_line` and `max_event` are bytes; past one of them the event is skipped and SSELimitError raised, once, after
    the whole chunk was read. `last_event_id` is what to resume from; `retry` the server's advice in seconds, None until
    it gave one. An event that a CR ends is returned at once: nothing waits for the next byte.
    """

    def __init__(self, max_line: int = 1 << 20, max_event: int = 4 << 20, last_event_id: str = "") -> None:
        self.max_line = max_line
        self.max_event = max_event
        self.last_event_id = last_event_id
        self.retry: float | None = None
        self._id = last_event_id
        self._type = ""
        self._data: list[bytes] = []
        self._size = 0
        self._rest = bytearray()
        self._started = False
        self._after_cr = False
        self._skip_line = False
        self._skip_event = False
        self._broken = ""
        self._limit = 0
        self._waits = False  # lines of the rest are whole, and kept until their event is
        self._bound = min(max_line, max_event)
        self._patience = min(PATIENT, self._bound)

    def feed(self, chunk: bytes) -> list[ServerSentEvent]:
        """Return the events that this chunk completes, in order."""
        if not self._started or self._after_cr or b"\r" in chunk:
            chunk = self._plain(chunk)
        events: list[ServerSentEvent] = []
        if b"\n" in chunk:
            text = b"".join((self._rest, chunk)) if self._rest else chunk
            end = self._take_plain(text, events)
            rest = text[end:]
            self._rest = bytearray(rest)
            # The first lines of an event are read with it, at once; only advice counts without one.
            self._waits = end > 0 and len(rest) <= self._patience and b"retry" not in rest
            if not self._waits:
                self._read(events)
        else:
            self._rest += chunk
            if self._waits and len(self._rest) > self._patience:
                self._read(events)
        if self._skip_line or len(self._rest) > self.max_line:
            self._drop_rest()
        if self._broken:
            self._raise(events)
        return events

    def _plain(self, chunk: bytes) -> bytes:
        """Return the chunk without BOM at the very start and with LF as the only line end."""
        if not self._started:
            self._rest += chunk
            if len(self._rest) < len(_BOM) and _BOM.startswith(self._rest):
                return b""
            self._started = True
            chunk = bytes(self._rest.removeprefix(_BOM))
            self._rest.clear()
        if self._after_cr and chunk:
            self._after_cr = False
            chunk = chunk.removeprefix(b"\n")
        if b"\r" in chunk:
            self._after_cr = chunk.endswith(b"\r")
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        return chunk

    def _take_plain(self, text: bytes, events: list[ServerSentEvent]) -> int:
        """Take the whole events where all are plain, and all with an id or none; return where they end, 0 where they are not.

        That is what nearly every server sends: an id, one line of data, a blank line. Anything else is read line by line,
        which takes three times as long.
        """
        end = text.rfind(b"\n\n") + 2
        if end < 2 or len(text) > self._bound:
            return 0  # nothing is whole, or something in it may be over a bound
        if self._data or self._type or self._skip_event or self._skip_line:
            return 0  # in the middle of an event
        if text.startswith(b"id: "):
            parts = _WITH_ID(text[:end].decode(errors="replace"))
            if any(parts[::3]):
                return 0
            events += map(ServerSentEvent, repeat("message"), parts[2::3], parts[1::3])
            self._id = parts[-3]
        elif text.startswith(b"data: "):
            parts = _WITHOUT(text[:end].decode(errors="replace"))
            if any(parts[::2]):
                return 0
            events += map(ServerSentEvent, repeat("message"), parts[1::2], repeat(self._id))
        else:
            return 0
        self.last_event_id = self._id
        return end

    def _read(self, events: list[ServerSentEvent]) -> None:
        """Read the lines that are whole, one by one."""
        *lines, rest = bytes(self._rest).split(b"\n")
        self._lines(lines, events)
        self._rest = bytearray(rest)
        self._waits = False

    def _lines(self, lines: list[bytes], events: list[ServerSentEvent]) -> None:
        if self._skip_line:  # the end of a line that was too long already
            self._skip_line = False
            del lines[0]
        for line in lines:
            if not line:
                self._dispatch(events)
            elif len(line) > self.max_line:
                self._break("max_line", self.max_line)
            elif line.startswith(b"data:"):
                self._add(line[6:] if line.startswith(b"data: ") else line[5:])
            else:
                self._field(line)

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._type = value.decode(errors="replace")
        elif name == b"id":
            if b"\0" not in value:
                self._id = value.decode(errors="replace")
        elif name == b"retry" and value.isdigit():
            self.retry = min(_MAX_RETRY, float(value) / 1000)

    def _add(self, value: bytes) -> None:
        self._size += len(value) + 1
        if self._size > self.max_event:
            self._data.clear()
            if not self._skip_event:
                self._break("max_event", self.max_event)
        elif not self._skip_event:
            self._data.append(value)

    def _dispatch(self, events: list[ServerSentEvent]) -> None:
        self.last_event_id = self._id
        if self._data and not self._skip_event:
            data = b"\n".join(self._data).decode(errors="replace")
            events.append(ServerSentEvent(self._type or "message", data, self._id))
        self._data.clear()
        self._type = ""
        self._size = 0
        self._skip_event = False

    def _drop_rest(self) -> None:
        if not self._skip_line:
            self._break("max_line", self.max_line)
        self._skip_line = True
        self._rest.clear()

    def _break(self, limit: str, value: int) -> None:
        self._broken = limit
        self._limit = value
        self._skip_event = True
        self._data.clear()

    def _raise(self, events: list[ServerSentEvent]) -> None:
        limit, self._broken = self._broken, ""
        what = "line" if limit == "max_line" else "event"
        error = SSELimitError(
            f"an SSE {what} is over {self._limit} bytes and was skipped",
            f"Raise Settings.limits.sse_{what} if the server is right to send that much.",
            limit=limit,
            value=self._limit,
        )
        error.events = events
        raise error
