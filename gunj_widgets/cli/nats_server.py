"""A nats-server of our own for `gunj-widgets relay --embedded`: on this machine only, with a token, ended with us."""

from __future__ import annotations

import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from gunj_widgets.connection.secret import Secret
from gunj_widgets.errors import ConnectError, SetupError

__all__ = ["NatsServer"]

START = 5.0
"""Seconds until it must answer."""
PLACES = "/usr/sbin:/usr/local/sbin"
"""Where to look beside PATH: Debian puts it where only root looks."""


class NatsServer:
    """Use it in `with`. Its history is in a folder that goes with it."""

    def __init__(self, port: int = 4222) -> None:
        self.token = Secret(secrets.token_urlsafe(32))
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self._port}"

    def __enter__(self) -> Self:
        binary = shutil.which("nats-server") or shutil.which("nats-server", path=PLACES)
        if binary is None:
            raise SetupError("there is no nats-server on this machine", "apt install nats-server, or --to nats://HOST.")
        self._port = self._free(self._port)
        self._folder = tempfile.TemporaryDirectory(prefix="gunj-nats-")  # only its owner may look into it
        folder = Path(self._folder.name)
        self.token_file = folder / "token"
        self.token_file.write_text(self.token, encoding="utf-8")
        config = folder / "nats.conf"
        config.write_text(
            f'listen: "127.0.0.1:{self._port}"\n'
            f'authorization {{ token: "{self.token}" }}\n'
            f'jetstream {{ store_dir: "{folder}", max_mem: 64M, max_file: 2G }}\n',
            encoding="utf-8",
        )
        with (folder / "log").open("wb") as log:
            self._process = subprocess.Popen(
                [binary, "-c", str(config)], stdout=log, stderr=log, start_new_session=True
            )
        deadline = time.monotonic() + START
        while time.monotonic() < deadline and self._process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return self
            except OSError:
                time.sleep(0.05)
        said = (folder / "log").read_text(errors="replace")[-500:]
        self.__exit__(None, None, None)
        raise ConnectError(f"the embedded nats-server did not start: {said}", "Choose another --port.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)
        self._folder.cleanup()

    @staticmethod
    def _free(port: int) -> int:
        try:
            with socket.create_server(("127.0.0.1", port)) as server:
                return int(server.getsockname()[1])
        except OSError as error:
            raise ConnectError(
                f"port {port} is taken: {error.strerror}", "Choose another: --port 0 takes a free one."
            ) from None
