"""While a cell computes: how late samples reach the page, and how soon its buttons are answered.

A real jupyter_server and kernel; the page is a stand-in that speaks on the kernel's WebSocket as JupyterLab does, with comm
messages on a subshell. The operator sends 60 samples a second, each with the moment it was sent.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
from blaster import blasting
from measure import show
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

RATE, SECONDS = 60, 4.0
CELLS = {
    "nothing": "time.sleep(0)",
    "Python that computes": "end = time.time() + {seconds}\nwhile time.time() < end: sum(range(1000))",
}
PREPARE = """
import json, time
from gunj_widgets.connection.interest import Interest
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.chart import MetricChart
rt = Session({url!r})
frame = LiveMetrics.over(rt.store.frame("p"), window=60.0).attach(rt, "p", "p", 60.0, lambda: None)
rt.manager.watch(Interest("metrics", "p"))
chart = MetricChart(rt, frame)
print(json.dumps([chart._hub.model_id, chart._control.model_id, chart._channels]))
"""


class Page:
    """What a notebook page is to a kernel: it runs cells, takes envelopes, acknowledges them, and presses buttons."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket
        self._session = uuid4().hex
        self._said: dict[str, dict[str, Any]] = {}
        self._heard = threading.Condition()
        self._hub = self._control = self._subshell = ""
        self.status = ""
        self.newest = 0
        self.late: dict[str, list[tuple[float, float]]] = {"envelopes": [], "samples": []}
        """When each envelope arrived, and how many seconds after the kernel sent it; the same of the newest sample in it,
        since the operator sent that."""
        self._thread = threading.Thread(target=self._hear, name="page", daemon=True)
        self._thread.start()

    def prepare(self, url: str) -> None:
        """Make a chart of what the operator at `url` sends, and look at it."""
        self._hub, self._control, channels = json.loads(self.run(PREPARE.format(url=url)))
        made = self._wait(self._send("create_subshell_request", {}, "control"), "control", 10.0)
        self._subshell = made["content"]["subshell_id"]
        self.status = channels["status"]
        self._tell({"op": "hello", "view": "v", "channels": list(channels.values())})

    def start(self, code: str) -> str:
        return self._send("execute_request", {"code": code, "silent": False, "store_history": False}, "shell")

    def finish(self, cell: str, timeout: float = 60.0) -> str:
        """Return what a cell printed; AssertionError where it failed."""
        reply = self._wait(cell, "shell", timeout)["content"]
        self._wait(cell, "idle", timeout)  # what it printed comes by another way than the reply
        assert reply["status"] == "ok", reply
        printed: str = self._said[cell].get("printed", "")
        return printed

    def run(self, code: str) -> str:
        return self.finish(self.start(code))

    def done(self, cell: str) -> bool:
        return "shell" in self._said[cell]

    def press(self, timeout: float = 30.0) -> float:
        """Let the kernel do something that takes no time, as a button does; return the seconds until its answer is here."""
        act = uuid4().hex
        self._said[act] = {}
        began = time.time()
        self._tell({"op": "act", "ch": self.status, "id": act, "verb": "range", "args": {}})
        self._wait(act, "answer", timeout)
        return time.time() - began

    def credit(self) -> None:
        told = {"n": self.newest, "fps": 60.0, "paintMs": 5.0, "hidden": False, "views": 1}
        self._tell({"op": "credit", **told})

    def close(self) -> None:
        self._socket.close()
        self._thread.join(5)

    def _tell(self, message: dict[str, Any]) -> None:
        content = {"comm_id": self._control, "data": {"method": "custom", "content": {"page": "p", **message}}}
        self._send("comm_msg", content, "shell", self._subshell)

    def _send(self, kind: str, content: dict[str, Any], channel: str, subshell: str | None = None) -> str:
        number = uuid4().hex
        self._said[number] = {}
        header = {"msg_id": number, "msg_type": kind, "session": self._session, "username": "", "version": "5.4",
                  "subshell_id": subshell}  # fmt: skip
        whole = {"channel": channel, "header": header, "parent_header": {}, "metadata": {}, "content": content}
        self._socket.send(json.dumps(whole))
        return number

    def _wait(self, number: str, what: str, timeout: float) -> dict[str, Any]:
        with self._heard:
            assert self._heard.wait_for(lambda: what in self._said[number], timeout), f"no {what} in {timeout} s"
        found: dict[str, Any] = self._said[number][what]
        return found

    def _hear(self) -> None:
        with suppress(ConnectionClosed):
            for frame in self._socket:
                now = time.time()
                message, buffers = unpack(frame)
                with self._heard:
                    self._take(message, buffers, now)
                    self._heard.notify_all()

    def _take(self, message: dict[str, Any], buffers: list[bytes], now: float) -> None:
        said = self._said.get(message["parent_header"].get("msg_id", ""), {})
        kind, content = message["msg_type"], message["content"]
        if kind.endswith("_reply"):
            said[message["channel"]] = message
        elif kind == "status" and content["execution_state"] == "idle":
            said["idle"] = message
        elif kind == "stream" and content["name"] == "stdout":
            said["printed"] = said.get("printed", "") + content["text"]
        elif kind == "comm_msg" and content["comm_id"] == self._hub and content["data"].get("method") == "custom":
            self._take_envelope(content["data"]["content"], buffers, now)

    def _take_envelope(self, envelope: dict[str, Any], buffers: list[bytes], now: float) -> None:
        self.newest = envelope["n"]
        self.late["envelopes"].append((now, now - envelope["sentMs"] / 1000))
        for part in envelope["parts"]:
            body = part["body"]
            if part["kind"] == "reply" and not body.get("taken"):
                self._said[body["re"]]["answer"] = body
            elif part["kind"] == "metrics" and part["op"] == "delta" and body["rows"]:
                newest = np.frombuffer(buffers[body["xBuf"]], "<f8").max() / 1000
                self.late["samples"].append((now, now - newest))


def unpack(frame: str | bytes) -> tuple[dict[str, Any], list[bytes]]:
    """Return a message of the kernel's WebSocket, and its buffers."""
    if isinstance(frame, str):
        return json.loads(frame), []
    count = struct.unpack_from("!i", frame)[0]
    starts = [*struct.unpack_from(f"!{count}I", frame, 4), len(frame)]
    parts = [frame[starts[n] : starts[n + 1]] for n in range(count)]
    return json.loads(parts[0]), parts[1:]


@contextmanager
def kernel(*, nodelay: bool) -> Iterator[Page]:
    """Start a jupyter_server, with or without the extension, and a kernel; yield a page that is connected to it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, socket.create_server(("127.0.0.1", 0)) as s:
        port = s.getsockname()[1]
        s.close()
        config = {"ServerApp": {"jpserver_extensions": {"gunj_widgets.nodelay": nodelay}}}
        (Path(folder) / "jupyter_server_config.json").write_text(json.dumps(config))
        token = secrets.token_hex(16)
        command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
                   "--ServerApp.disable_check_xsrf=True"]  # fmt: skip
        own = {f"JUPYTER_{name}_DIR": folder for name in ("CONFIG", "RUNTIME", "DATA")}
        environment = {**os.environ, **own, "IPYTHONDIR": folder, "JUPYTER_TOKEN": token}
        environment.pop("GUNJ_FEED__MAX_RATE", None)
        quiet = subprocess.DEVNULL
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=quiet, stderr=quiet)  # noqa: S603  our own words
        try:
            headers = {"Authorization": f"token {token}"}
            channels = f"127.0.0.1:{port}/api/kernels/{_started(port, headers)}/channels"
            with connect(f"ws://{channels}", max_size=None, additional_headers=headers) as connection:
                page = Page(connection)
                yield page
                page.close()
        finally:
            process.terminate()
            process.wait(20)


def _started(port: int, headers: dict[str, str]) -> str:
    """Start a kernel as soon as the server answers; return its id."""
    asked = urllib.request.Request(f"http://127.0.0.1:{port}/api/kernels", data=b"{}", headers=headers)
    end = time.monotonic() + 60
    while True:
        with suppress(OSError), urllib.request.urlopen(asked, timeout=10) as reply:  # noqa: S310  this machine's
            return str(json.load(reply)["id"])
        assert time.monotonic() < end, "the server does not answer"
        time.sleep(0.1)


def busy(page: Page, cell: str, seconds: float, pause: float = 0.05) -> dict[str, Any]:
    """Press a button again and again for `seconds`, while a cell of CELLS runs; return what was seen meanwhile, in seconds."""
    page.credit()
    time.sleep(0.3)
    began, credited, presses = time.time(), 0.0, []
    running = page.start(CELLS[cell].format(seconds=seconds))
    while (now := time.time()) < began + 0.8 * seconds:  # the last press is to be answered before the cell ends
        if now - credited > 1.0:
            page.credit()
            credited = now
        presses.append(page.press())
        time.sleep(pause)
    ended, over = time.time(), page.done(running)
    page.finish(running)
    within = {name: [late for at, late in kept if began < at < ended] for name, kept in page.late.items()}
    return {"presses": presses, "seconds": ended - began, "cell was over": over, **within}


def p95(values: list[float]) -> str:
    """Return the 95th percentile, in milliseconds."""
    return f"{np.percentile(values, 95) * 1000:.0f} ms" if values else "–"


def main() -> None:
    rows = []
    for nodelay in (False, True):
        with blasting(RATE * 60, rate=RATE) as url, kernel(nodelay=nodelay) as page:
            page.prepare(url)
            time.sleep(1.0)
            for cell in CELLS:
                seen = busy(page, cell, SECONDS if "{seconds}" in CELLS[cell] else SECONDS / 2)
                rate = len(seen["envelopes"]) / seen["seconds"]
                figures = (p95(seen["envelopes"]), p95(seen["samples"]), p95(seen["presses"]), f"{rate:.0f}")
                rows.append((f"{'with the extension' if nodelay else 'stock server'}: {cell}", *figures))
    heads = ("the cell does", "kernel to page, p95", "operator to page, p95", "button, p95", "envelopes/s")
    show("While a cell runs (goals: 50 ms from kernel to page, 120 ms for a button)", heads, rows)


if __name__ == "__main__":
    main()
