"""A real jupyter_server with the extension: the kernel's socket is without delay, and the kernel knows the rate."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from websockets.sync.client import connect

from tests.browser.lab import free_port, until

LOOKS = """
import gc, socket
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler
def _jupyter_server_extension_points():
    return [{"module": "looks"}]
def _load_jupyter_server_extension(app):
    from tornado.ioloop import PeriodicCallback
    def look():
        for handler in (o for o in gc.get_objects() if isinstance(o, KernelWebsocketHandler) and o.ws_connection):
            sock = handler.ws_connection.stream.socket
            open("seen", "w").write(str(sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)))
    app.look = PeriodicCallback(look, 100)
    app.look.start()
"""
"""An extension that writes down, in the server, whether the kernel's socket sends at once."""


@pytest.fixture(params=[True, False])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, bool]]:
    (tmp_path / "looks.py").write_text(LOOKS)
    port = free_port()
    extensions = {"gunj_widgets.nodelay": request.param, "looks": True}
    config = {"ServerApp": {"jpserver_extensions": extensions}}
    (tmp_path / "jupyter_server_config.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={port}",
               "--IdentityProvider.token=", "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True"]  # fmt: skip
    own = {"JUPYTER_CONFIG_DIR": str(tmp_path), "PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    process = subprocess.Popen(
        command, cwd=tmp_path, env={**os.environ, **own}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    yield f"http://127.0.0.1:{port}", request.param
    process.terminate()
    process.wait(20)


@pytest.mark.timeout(120)
def test_the_kernels_socket_sends_at_once(server: tuple[str, bool], tmp_path: Path) -> None:
    url, on = server

    def started() -> str:
        try:
            with urllib.request.urlopen(urllib.request.Request(f"{url}/api/kernels", data=b"{}"), timeout=10) as reply:
                return str(json.load(reply)["id"])
        except OSError:
            return ""

    kernel = until(started, 60, "the server starts a kernel")
    seen = tmp_path / "seen"
    with connect(f"ws{url.removeprefix('http')}/api/kernels/{kernel}/channels"):
        until(lambda: seen.exists() and seen.read_text(), 30, "the socket was looked at")
    assert (seen.read_text() != "0") == on
