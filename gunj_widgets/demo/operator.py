"""Operator: the embedded operator on a thread and loop of its own, on 127.0.0.1."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Self, TypeVar

from gunj_widgets.demo.app import create_app
from gunj_widgets.demo.server import Server
from gunj_widgets.demo.service import Service, ServiceOptions
from gunj_widgets.demo.world import ScenarioInfo, World
from gunj_widgets.errors import ConnectError, SessionClosedError

__all__ = ["Operator"]

T = TypeVar("T")

START = 10.0
STOP = 2.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Operator:
    """A demo operator. `port` 0 = a free one, kept over `stop()` and `start()`; `token` None = 256 random bits.

    `options` are the fields of ServiceOptions. Restarted, it has a new epoch and an empty history, as a real one would.
    """

    def __init__(
        self, *, seed: int = 7, host: str = "127.0.0.1", port: int = 0, token: str | None = None, **options: Any
    ) -> None:
        if host not in LOOPBACK:
            raise ConnectError(f"the demo operator does not serve {host!r}", f"One of {', '.join(LOOPBACK)}.")
        self.host, self.port = host, port
        self.token = token or secrets.token_urlsafe(32)
        self._options = ServiceOptions(seed=seed, **options)
        self._service: Service | None = None
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def world(self) -> World:
        """The simulated world. It belongs to the operator's thread: look, but change it by the methods here."""
        return self._live().world

    def start(self) -> Self:
        """Serve; returns once it answers. ConnectError where the port is in use. A second call does nothing."""
        if self.running:
            return self
        listener = self._listen()
        self.port = listener.getsockname()[1]
        ready: Future[None] = Future()
        self._thread = threading.Thread(target=self._run, args=(listener, ready), name="gunj-demo", daemon=True)
        self._thread.start()
        try:
            ready.result(START)
        except TimeoutError:
            raise ConnectError(f"the demo operator did not start within {START:g} s", "Try again.") from None
        return self

    def stop(self) -> None:
        """Close all connections (1012) and stop serving. A second call does nothing."""
        if self._thread is None or self._loop is None or not self._thread.is_alive():
            return
        self._loop.call_soon_threadsafe(self._shut)
        self._thread.join(STOP * 2)
        self._thread = None

    def scenarios(self) -> list[ScenarioInfo]:
        """What incidents it can stage."""
        return self._do(self._live().world.scenarios)

    def start_scenario(self, name: str, platform: str = "production", speed: float = 1.0) -> ScenarioInfo:
        """Begin an incident; `speed` 2 = twice as fast."""
        service = self._live()
        info: ScenarioInfo = self._do(lambda: service.act(service.world.start_scenario, name, platform, speed))
        return info

    def stop_scenario(self, name: str | None = None) -> list[str]:
        """Let an incident, or all of them, recover; return the platforms where one was running."""
        service = self._live()
        stopped: list[str] = self._do(lambda: service.act(service.world.stop_scenario, name))
        return stopped

    def stats(self) -> dict[str, int]:
        """Connections, streams, feeds and counts."""
        return self._do(self._live().stats)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_exc: object) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<Operator {self.url} {'running' if self.running else 'stopped'}>"

    # -- inside -------------------------------------------------------------------------------------------------------

    def _live(self) -> Service:
        if self._service is None or not self.running:
            raise SessionClosedError("the demo operator is not running", "Call start() first.")
        return self._service

    def _do(self, work: Callable[[], T]) -> T:
        """Run something on the operator's loop and return its result."""
        if self._loop is None:
            raise SessionClosedError("the demo operator is not running", "Call start() first.")
        done: Future[T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except Exception as error:  # it belongs to the caller
                done.set_exception(error)

        self._loop.call_soon_threadsafe(run)
        return done.result(START)

    def _listen(self) -> socket.socket:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        listener = socket.socket(family, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((self.host, self.port))
            listener.listen(128)
        except (OSError, OverflowError) as error:
            listener.close()
            why = getattr(error, "strerror", None) or "not a port"
            raise ConnectError(
                f"the demo operator cannot use port {self.port}: {why}", "Choose another port, or 0 for a free one."
            ) from None
        return listener

    def _run(self, listener: socket.socket, ready: Future[None]) -> None:
        try:
            with contextlib.closing(listener):
                asyncio.run(self._serve(listener, ready))
        except Exception as error:
            if ready.done():
                raise
            ready.set_exception(error)  # start() raises it

    async def _serve(self, listener: socket.socket, ready: Future[None]) -> None:
        self._loop = asyncio.get_running_loop()
        service = self._service = Service(self.token, self._options)
        server = self._server = Server(
            create_app(service), heartbeat=self._options.heartbeat, ready=lambda: ready.set_result(None)
        )
        living = asyncio.ensure_future(service.run())
        living.add_done_callback(lambda _: self._shut())  # a world that ended is not served any longer
        try:
            await server.run_on(listener)
        finally:
            living.cancel()
            (outcome,) = await asyncio.gather(living, return_exceptions=True)
        if isinstance(outcome, Exception):
            raise outcome

    def _shut(self) -> None:
        if self._service is not None and self._server is not None:
            self._service.close()
            self._server.should_exit = True
