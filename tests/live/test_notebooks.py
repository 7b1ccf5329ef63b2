"""Every notebook that needs nothing but the demo operator runs from top to bottom without a word of complaint."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.live.jetstream.servers import NatsServer

ROOT = Path(__file__).parents[2] / "notebooks"
ELSEWHERE = {"01_first_look", "03_logs_around_the_spike", "04_my_prometheus", "06_my_loki"}
"""Run in a real JupyterLab by tests/browser, the last two with servers of their own."""
TOGETHER = "08_investigate_together"
"""Needs a NATS server."""
BOOKS = sorted(path.stem for path in ROOT.glob("*.ipynb") if path.stem not in ELSEWHERE)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("name", BOOKS)
def test_a_notebook_runs(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if name == TOGETHER:
        with NatsServer(tmp_path / "nats") as server:
            monkeypatch.setenv("GUNJ_NATS_URL", server.url)
            run(name)
    else:
        run(name)


def run(name: str) -> None:
    book = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
    assert "?" in book.cells[0].source.splitlines()[0], "its title is a person's question"
    codes = [cell for cell in book.cells if cell.cell_type == "code"]
    assert not any(cell.outputs for cell in codes), "committed without outputs"
    NotebookClient(book, timeout=90, kernel_name="python3", resources={"metadata": {"path": str(ROOT)}}).execute()
    said = [o for cell in codes for o in cell.outputs if o.output_type in ("error", "stream")]
    assert said == []
