"""A front-end without a browser: runs a notebook, speaks the feed's protocol over real comms, reports what came."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.session import Session
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

__all__ = ["check"]

LOOK = 8
"""Seconds to look at the live widgets after the last cell."""
EXPECTED = {"status": 1, "platform": 1, "metrics": 1, "logs": 1, "alerts": 1}
"""Kinds of content that must have arrived, in parts."""


@dataclass
class Received:
    """What one channel brought."""

    kind: str
    parts: int = 0
    rows: int = 0
    holes: int = 0
    last_seq: int = 0
    seen: bool = field(default=False)

    def take(self, part: dict[str, Any]) -> None:
        body = part["body"]
        self.parts += 1
        self.holes += part["op"] == "delta" and part["seq"] != self.last_seq + 1
        self.last_seq = part["seq"]
        self.rows += (
            body.get("rows", 0)
            + len(body.get("lines", ()))
            + len(body.get("components", ()))
            + len(body.get("active", ()))
        )


class FrontEnd:
    """Listens to a kernel as a browser does (all it publishes, whichever cell caused it) and answers its widgets."""

    def __init__(self) -> None:
        self.leaves: dict[str, dict[str, Any]] = {}
        self.received: dict[str, Received] = {}
        self.envelopes = 0
        self._control = ""
        self._client: Any = None

    async def listen(self, manager: Any) -> None:
        """Take what the kernel of `manager` publishes, until cancelled."""
        # A session of its own: two sockets of one identity would get each other's replies.
        self._client = manager.client(session=Session(key=manager.session.key))
        self._client.start_channels(stdin=False, hb=False, control=False)
        try:
            while True:
                message = await self._client.get_iopub_msg(timeout=None)
                if message["msg_type"] in ("comm_open", "comm_msg"):
                    self.hear(message["msg_type"], message["content"])
        finally:
            self._client.stop_channels()

    def hear(self, kind: str, content: dict[str, Any]) -> None:
        """Take one comm message."""
        data = content["data"]
        if kind == "comm_msg":
            if data.get("method") == "custom" and "parts" in data.get("content", {}):
                self._take(data["content"])
            return
        state = data.get("state", {})
        if str(state.get("_anywidget_id", "")).endswith("hub.Control"):
            self._control = content["comm_id"]
        if state.get("_kind"):
            self.leaves[content["comm_id"]] = state
            self._say({"op": "hello", "view": content["comm_id"], "channels": list(state["_channels"].values())})

    def _take(self, envelope: dict[str, Any]) -> None:
        self.envelopes += 1
        for part in envelope["parts"]:
            self.received.setdefault(part["ch"], Received(part["kind"])).take(part)
        painted = {"n": envelope["n"], "fps": 60, "paintMs": 1, "hidden": False, "views": len(self.leaves)}
        self._say({"op": "credit", **painted})

    def _say(self, message: dict[str, Any]) -> None:
        if self._client is not None and self._control:
            data = {"method": "custom", "content": {"page": "headless", **message}}
            self._client.shell_channel.send(
                self._client.session.msg("comm_msg", {"comm_id": self._control, "data": data})
            )


def check(notebook: Path) -> int:
    """Run `notebook`, look at its widgets for a while, print what each received; return 0 if every kind came."""
    document = nbformat.read(notebook, as_version=4)
    cells = len(document.cells)
    document.cells.append(nbformat.v4.new_code_cell(f"import asyncio; await asyncio.sleep({LOOK})"))
    front_end = FrontEnd()
    try:
        asyncio.run(_run(document, notebook.parent, front_end))
    except CellExecutionError as error:
        print(f"{notebook.name}: a cell failed\n{error}")
        return 1
    return report(front_end, cells)


async def _run(document: Any, folder: Path, front_end: FrontEnd) -> None:
    place = {"metadata": {"path": str(folder)}}
    client = NotebookClient(document, timeout=120, kernel_name="python3", resources=place)
    async with client.async_setup_kernel():
        listening = asyncio.ensure_future(front_end.listen(client.km))
        try:
            for index, cell in enumerate(document.cells):
                await client.async_execute_cell(cell, index)
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)


def report(front_end: FrontEnd, cells: int) -> int:
    """Print a line per widget; return 0 where every widget and every kind of content received something."""
    by_kind: dict[str, int] = defaultdict(int)
    silent = 0
    print(f"{cells} cells ran, {len(front_end.leaves)} widgets, {front_end.envelopes} envelopes")
    for state in front_end.leaves.values():
        got = [front_end.received.get(ch, Received(role)) for role, ch in state["_channels"].items()]
        for one in got:
            by_kind[one.kind] += one.parts
        silent += not all(one.parts for one in got)
        line = ", ".join(
            f"{one.kind} {one.parts} parts {one.rows} rows" + (f" {one.holes} HOLES" if one.holes else "")
            for one in got
        )
        print(f"  {state['_kind']:<9} {line}")
    missing = [kind for kind, least in EXPECTED.items() if by_kind[kind] < least]
    if missing or silent:
        print(f"FAILED: nothing came for {', '.join(missing) or 'a widget'}")
        return 1
    print("ok")
    return 0
