"""The notebook about one's own Loki, in real JupyterLab: a spike, the lines around it, and those that the tail lost."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import Lab, Notebook, until
from tests.live.sources.loki import LokiServer


@pytest.fixture
def loki() -> Iterator[LokiServer]:
    server = LokiServer()
    yield server
    server.close()


class Writer:
    """Writes ten lines a second, and 2,000 at once when told to."""

    def __init__(self, loki: LokiServer) -> None:
        self._loki = loki
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def _write(self) -> None:
        n = 0
        while not self._end.wait(0.1):
            n += 1
            level, text = (
                ("error", "timeout after 5 s") if n % 5 == 0 else ("info", f"GET /api/item/{n} took {n % 90} ms")
            )
            self._loki.push([text], app="api", component="gateway" if n % 2 else "worker", level=level)

    def burst(self) -> None:
        self._loki.push(
            [f"timeout waiting for item {i}" for i in range(2_000)], app="api", component="worker", level="error"
        )

    def close(self) -> None:
        self._end.set()
        self._thread.join()


@pytest.fixture
def writer(loki: LokiServer) -> Iterator[Writer]:
    made = Writer(loki)
    yield made
    made.close()


def test_the_lines_around_a_spike(
    loki: LokiServer, writer: Writer, lab: Lab, open_notebook: Callable[..., Notebook]
) -> None:
    until(lambda: len(loki.entries) > 20, 10, "there is a history")
    book = (lab.root / "06_my_loki.ipynb").read_text(encoding="utf-8").replace("http://127.0.0.1:3100", loki.url)
    (lab.root / "own_loki.ipynb").write_text(book, encoding="utf-8")
    notebook = open_notebook("own_loki.ipynb")
    notebook.run_all()
    notebook.wait_idle(60)
    notebook.show("logs")
    viewer = notebook.page.locator(".gunj[data-kind=logs]").last
    first = until(lambda: notebook.number("logs", "total"), 15, "the viewer has lines")
    until(lambda: notebook.number("logs", "total") > first, 15, "new lines come")
    until(lambda: loki.tails, 15, "a tail is open")
    writer.burst()
    until(
        lambda: f"{loki.dropped:,} recovered" in viewer.inner_text(), 20, "what the tail lost is recovered, and said so"
    )
    assert notebook.cell_errors() == []
