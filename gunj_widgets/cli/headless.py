"""A front-end without a browser: runs a notebook, speaks the feed's protocol over real comms, reports what came."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nbformat
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


class HeadlessClient(NotebookClient):
    """Runs the cells as nbclient does, and answers the widgets as the browser would."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaves: dict[str, dict[str, Any]] = {}
        self.received: dict[str, Received] = {}
        self.envelopes = 0
        self._control = ""

    def handle_comm_msg(self, outs: list[Any], msg: dict[str, Any], cell_index: int) -> None:
        super().handle_comm_msg(outs, msg, cell_index)
        content = msg["content"]
        data = content["data"]
        if msg["msg_type"] == "comm_open":
            state = data.get("state", {})
            if str(state.get("_anywidget_id", "")).endswith("hub.Control"):
                self._control = content["comm_id"]
            if state.get("_kind"):
                self.leaves[content["comm_id"]] = state
                self._say({"op": "hello", "view": content["comm_id"], "channels": list(state["_channels"].values())})
        elif data.get("method") == "custom" and "parts" in data.get("content", {}):
            self._take(data["content"])

    def _take(self, envelope: dict[str, Any]) -> None:
        self.envelopes += 1
        for part in envelope["parts"]:
            self.received.setdefault(part["ch"], Received(part["kind"])).take(part)
        self._say(
            {"op": "credit", "n": envelope["n"], "fps": 60, "paintMs": 1, "hidden": False, "views": len(self.leaves)}
        )

    def _say(self, message: dict[str, Any]) -> None:
        if self.kc is None or not self._control:
            return
        content = {"comm_id": self._control, "data": {"method": "custom", "content": {"page": "headless", **message}}}
        self.kc.shell_channel.send(self.kc.session.msg("comm_msg", content))


def check(notebook: Path) -> int:
    """Run `notebook`, look at its widgets for a while, print what each received; return 0 if every kind came."""
    document = nbformat.read(notebook, as_version=4)
    document.cells.append(nbformat.v4.new_code_cell(f"import asyncio; await asyncio.sleep({LOOK})"))
    place = {"metadata": {"path": str(notebook.parent)}}
    client = HeadlessClient(document, timeout=120, kernel_name="python3", resources=place)
    try:
        asyncio.run(client.async_execute())
    except CellExecutionError as error:
        print(f"{notebook.name}: a cell failed\n{error}")
        return 1
    return report(client, len(document.cells) - 1)


def report(client: HeadlessClient, cells: int) -> int:
    """Print a line per widget; return 0 where every widget and every kind of content received something."""
    by_kind: dict[str, int] = defaultdict(int)
    silent = 0
    print(f"{cells} cells ran, {len(client.leaves)} widgets, {client.envelopes} envelopes")
    for state in client.leaves.values():
        got = [client.received.get(ch, Received(role)) for role, ch in state["_channels"].items()]
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
