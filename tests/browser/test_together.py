"""The notebook that several look at, in real JupyterLab: live from a shared history, told when its server is killed, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import nbformat

from tests.browser.lab import Lab, Notebook, until
from tests.live.jetstream.servers import NatsServer


def test_a_shared_history_through_the_death_of_its_server(
    tmp_path: Path, lab: Lab, open_notebook: Callable[..., Notebook]
) -> None:
    with NatsServer(tmp_path / "nats") as server:
        book = nbformat.read(lab.root / "08_investigate_together.ipynb", as_version=4)
        for cell in book.cells:
            cell.source = cell.source.replace("nats://127.0.0.1:4222", server.url)
        book.cells.append(nbformat.v4.new_code_cell("rt"))
        nbformat.write(book, lab.root / "together.ipynb")
        notebook = open_notebook("together.ipynb")
        notebook.run_all()
        notebook.wait_idle(60)
        assert notebook.cell_errors() == []
        status = notebook.page.locator(".gunj[data-kind=status]").last
        card = notebook.page.locator(".gunj[data-kind=platform]").last
        notebook.show("platform")  # what is far from sight is not rendered
        until(lambda: "production" in card.inner_text(), 15, "the platform is there")
        notebook.show("chart")
        until(lambda: notebook.number("chart", "points"), 15, "the chart has points")
        notebook.show("status")
        until(lambda: "NATS 2" in status.inner_text(), 15, "it says what it is connected to")
        first = until(lambda: _received(notebook), 15, "it counts")
        until(
            lambda: _received(notebook) > first, 15, "it is live"
        )  # the chart's window is full: its points stay as many
        server.kill()
        until(lambda: "hung up" in status.inner_text() or "no connection" in status.inner_text(), 15, "the cut is told")
        server.start()
        until(lambda: "waiting" not in status.inner_text(), 15, "it is back")
        before = _received(notebook)
        until(lambda: _received(notebook) > before, 15, "it goes on")


def _received(notebook: Notebook) -> int:
    found = re.search(r"received\s*([\d,]+)", notebook.text("status"))
    return int(found[1].replace(",", "")) if found else 0
