"""Receiving: what servers of yours post to this kernel, which is quicker than asking them."""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import numpy as np

from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.recipes import call
from gunj_widgets.sources.alertmanager import webhook
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.prometheus import remote_write
from gunj_widgets.sources.receiver import Receiver
from gunj_widgets.store.retention import seconds
from gunj_widgets.store.samples import Batch
from gunj_widgets.store.store import Store

__all__ = ["LivePushed", "Receiving", "Samples", "Webhook"]

T = TypeVar("T")
R = TypeVar("R", bound=Receiver)
FRAME = "push"
MAX_NAMES = 5_000


class Webhook(Receiver):
    """Takes Alertmanager's notifications: each makes us look at once, because what is asked for is the whole truth."""

    def __init__(self, wake: Callable[[], object], port: int, token: str | None) -> None:
        super().__init__(webhook.PATH, self._news, port=port, token=token, max_body=4 << 20)
        self._wake = wake
        self.alerts = 0
        """Told of, ever."""

    def config(self, token_file: str | Path) -> str:
        """Write the token to `token_file`, and return the receiver for Alertmanager's configuration, which names that file."""
        return webhook.configuration(self.url, str(self.write_token(token_file)))

    def _news(self, body: bytes, kind: str) -> None:
        self.alerts += webhook.news(body)
        self._wake()


class Samples(Receiver):
    """Takes Prometheus' remote_write. Kept are the metrics that somebody asked for with `rt.pushed`; the rest is counted."""

    def __init__(self, store: Store, port: int, token: str | None) -> None:
        super().__init__(remote_write.PATH, self._samples, port=port, token=token)
        self._store = store
        self.wanted: dict[str, int] = {}
        """Metric → how many frames are of it."""
        self.names: set[str] = set()
        """Metrics that have come, at most 5,000."""
        self.samples = 0
        self.unasked = 0
        """Samples of metrics that nobody asked for."""

    def config(self, token_file: str | Path, *names: str) -> str:
        """Write the token to `token_file`, and return the part for Prometheus' configuration, which sends these metrics (none: all)."""
        return remote_write.configuration(self.url, str(self.write_token(token_file)), list(names))

    def _samples(self, body: bytes, kind: str) -> None:
        kept: list[Batch] = []
        for batch in remote_write.decode(body, kind):
            count = int(np.size(batch[2]))
            if batch[0] in self.wanted:
                kept.append(batch)
                self.samples += count
            else:
                self.unasked += count
            if len(self.names) < MAX_NAMES:
                self.names.add(batch[0])
        if kept:
            self._store.frame(FRAME).extend_many(kept, time.time())


class LivePushed(LiveMetrics):
    """A frame of metrics that Prometheus pushes; see `Session.pushed`."""

    def _recipe(self) -> dict[str, Any]:
        return {"pushed": list(self.names), "window": self.span}

    def _asked(self) -> str:
        return call("rt.pushed", list(self.names), window=self.span)


class Receiving:
    """The part of a Session that is told without asking."""

    backends: SourceManager | None
    store: Store
    receivers: dict[str, Receiver]

    def wait(self, work: Coroutine[Any, Any, Any], timeout: float = 10.0) -> Any:
        raise NotImplementedError

    def _memo(self, key: Any, make: Callable[[], T]) -> T:
        raise NotImplementedError

    def _drop(self, key: Any, release: Callable[[], None]) -> None:
        raise NotImplementedError

    def receive_alerts(self, *, port: int = 0, token: str | None = None) -> Webhook:
        """Listen on 127.0.0.1 for Alertmanager's webhook, and return the receiver: `.config(token_file)` is what to configure.

        An alert is then seen as soon as Alertmanager notifies; without it within 2 s. The same receiver each time;
        SettingsError where it has another port or token.
        """
        sources = self.backends
        if sources is None:
            raise SetupError("this session has no Alertmanager", "gunj.connect(alertmanager='http://...').")
        return self._received("alerts", lambda: Webhook(sources.look, port, token), port, token)

    def receive_samples(self, *, port: int = 0, token: str | None = None) -> Samples:
        """Listen on 127.0.0.1 for Prometheus' remote_write, and return the receiver: `.config(token_file)` is what to configure.

        Needs `pip install 'gunj-widgets[push]'`. The same receiver each time; SettingsError where it has another port or token.
        """
        remote_write.need()
        return self._received("samples", lambda: Samples(self.store, port, token), port, token)

    def pushed(self, metrics: str | Sequence[str], *, window: float | str = "10m") -> LivePushed:
        """Return a live frame of metrics that Prometheus pushes, from now on; SetupError before `receive_samples`."""
        receiver = self.receivers.get("samples")
        if not isinstance(receiver, Samples):
            raise SetupError("nothing is pushed to this session", "rt.receive_samples().config(...) says how.")
        names = tuple(sorted({metrics} if isinstance(metrics, str) else set(metrics)))
        span = seconds(window)
        key = ("pushed", names, span)

        def make() -> LivePushed:
            for name in names:
                receiver.wanted[name] = receiver.wanted.get(name, 0) + 1
            frame = LivePushed.over(self.store.frame(FRAME), names, window=span)
            frame.names = names
            label = "pushed:" + quote(f"{','.join(names)}|{span:g}", safe=",|")

            def release() -> None:
                for name in names:
                    left = receiver.wanted.get(name, 0) - 1
                    receiver.wanted.pop(name, None) if left < 1 else receiver.wanted.update({name: left})

            frame.attach(self, label, ", ".join(names), span, lambda: self._drop(key, release))  # type: ignore[arg-type]
            return frame

        return self._memo(key, make)

    def _received(self, kind: str, make: Callable[[], R], port: int, token: str | None) -> R:
        found: Any = self.receivers.get(kind)
        if found is None:
            found = make()
            self.wait(found.start())
            self.receivers[kind] = found
        elif port not in (0, found.port) or token not in (None, found.token):
            differs = "another token" if port in (0, found.port) else f"port {found.port}, not {port!r:.20}"
            raise SettingsError(
                f"the receiver of {kind} is open already, with {differs}",
                "It stays until its session ends: leave port= and token= out, or close the session first.",
            )
        return found  # type: ignore[no-any-return]

    async def _close_receivers(self) -> None:
        for receiver in self.receivers.values():
            await receiver.close()
