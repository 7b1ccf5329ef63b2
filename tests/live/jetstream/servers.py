"""A real nats-server on a free port of this machine, and children that relay to it and read from it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from tests.live.sources.servers import PATH, free_port, need_packages

ROOT = Path(__file__).parents[3]
READY = 10.0


def need_nats() -> str:
    """Return the nats-server, installed where it was missing; skip with the reason where that cannot be done."""
    need_packages("nats-server")
    return str(shutil.which("nats-server", path=PATH))


class NatsServer:
    """`kill` and `start` again is a crash; `more` is put into its configuration."""

    def __init__(self, folder: Path, more: str = "", *, jetstream: bool = True, max_file: str = "2G") -> None:
        self._binary = need_nats()
        self.port = free_port()
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        store = f'jetstream {{ store_dir: "{folder}", max_mem: 64M, max_file: {max_file} }}' if jetstream else ""
        (folder / "nats.conf").write_text(f'listen: "127.0.0.1:{self.port}"\n{store}\n{more}\n')
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self._binary, "-c", str(self._folder / "nats.conf")], stdout=log, stderr=log
            )
        end = time.monotonic() + READY
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                assert time.monotonic() < end, (self._folder / "log").read_text(errors="replace")[-2000:]
                assert self._process.poll() is None, (self._folder / "log").read_text(errors="replace")[-2000:]
                time.sleep(0.02)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
            self._process = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()


class Child:
    """One process of ours. `said` is the next line it writes, `answer` the JSON it ends with."""

    def __init__(self, *arguments: str, env: dict[str, str] | None = None) -> None:
        self._process = subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)} | (env or {}),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()

    def answer(self, last: int, timeout: float = 60.0) -> Any:
        """Tell it to end with number `last`, and return what it has seen."""
        out, _ = self._process.communicate(f"end {last}\n", timeout=timeout)
        return json.loads(out.strip().splitlines()[-1])

    def signal(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self, timeout: float) -> int:
        """Return its exit code."""
        return self._process.wait(timeout)

    def kill(self) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate(timeout=5)


def relay(operator: Any, nats: NatsServer, *more: str) -> Child:
    """Start `gunj-widgets relay` and return once it relays."""
    child = Child(
        "-m", "gunj_widgets.cli", "relay", operator.url, "--to", nats.url, *more, env={"GUNJ_TOKEN": operator.token}
    )
    assert child.said().startswith("relaying")
    return child
