"""Real IPython kernels, as a notebook server starts them."""

from __future__ import annotations

import asyncio
import os
import queue
import textwrap
from pathlib import Path
from typing import Any, Self

from jupyter_client.manager import KernelManager
from jupyter_core.utils import ensure_event_loop

ROOT = Path(__file__).parents[3]
PREPARE = """
import sys, json, os, signal, time
sys.path.insert(0, {root!r})
from tests.live.kernel.inside import Book, compute, hold_the_lock
book = Book({url!r}, {token!r})
"""


class Kernel:
    """A kernel whose `book` is connected to an operator (see `inside.py`)."""

    def __init__(self, folder: Path) -> None:
        self._manager = KernelManager(kernel_name="python3")
        self._printed = ""
        self._env = {**os.environ, "IPYTHONDIR": str(folder), "JUPYTER_RUNTIME_DIR": str(folder)}

    def __enter__(self) -> Self:
        self._manager.start_kernel(env=self._env, cwd=str(ROOT))
        self._connect()
        return self

    def __exit__(self, *_exc: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)
        self._manager.cleanup_resources()
        ensure_event_loop().close()  # jupyter_client's own, for this thread; nobody else closes it
        asyncio.set_event_loop(None)

    @property
    def pid(self) -> int:
        return int(self._manager.provisioner.pid)  # type: ignore[union-attr]

    def prepare(self, url: str, token: str) -> Self:
        self.run(PREPARE.format(root=str(ROOT), url=url, token=token), 60.0)
        return self

    def start(self, code: str) -> str:
        """Start a cell; `finish` waits for it."""
        self._printed = ""
        return str(self._client.execute(textwrap.dedent(code), store_history=False))

    def wait_printed(self, cell: str, text: str) -> None:
        """Return once the running cell has printed `text`."""
        while text not in self._printed:
            self._next(cell)

    def finish(self, cell: str, timeout: float = 30.0) -> str:
        """Return what the cell printed; AssertionError with its traceback where it failed."""
        reply = self._reply(cell, timeout)
        while self._next(cell) != "idle":
            pass
        assert reply["status"] == "ok", "\n".join(reply.get("traceback", [str(reply)]))
        return self._printed

    def run(self, code: str, timeout: float = 30.0) -> str:
        return self.finish(self.start(code), timeout)

    def complete(self, code: str) -> tuple[int, list[str]]:
        """Return what the kernel offers at the end of `code`, as JupyterLab asks it, and from where it replaces what is there."""
        asked = str(self._client.complete(code))
        while (reply := self._client.get_shell_msg(timeout=30))["parent_header"].get("msg_id") != asked:
            pass
        return reply["content"]["cursor_start"], reply["content"]["matches"]

    def interrupt(self) -> None:
        """Send SIGINT, as the stop button does."""
        self._manager.interrupt_kernel()

    def restart(self) -> None:
        self._client.stop_channels()
        self._manager.restart_kernel(now=True, env=self._env, cwd=str(ROOT))
        self._connect()

    def _connect(self) -> None:
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)

    def _next(self, cell: str) -> str:
        """Take the next message about the cell; return the kernel's state if it says that, else nothing."""
        message = self._client.get_iopub_msg(timeout=20)
        if message["parent_header"].get("msg_id") != cell:
            return ""
        content = message["content"]
        if message["msg_type"] == "stream" and content["name"] == "stdout":
            self._printed += content["text"]
        return str(content["execution_state"]) if message["msg_type"] == "status" else ""

    def _reply(self, cell: str, timeout: float) -> dict[str, Any]:
        while True:
            try:
                message = self._client.get_shell_msg(timeout=timeout)
            except queue.Empty:
                raise AssertionError(f"the cell did not end within {timeout:g} s") from None
            if message["parent_header"].get("msg_id") == cell:
                return dict(message["content"])
