"""What waits in a cell shows how far it is, in real JupyterLab, and leaves one line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "rt.command('staging', 'backup').wait()",
    "await rt.command('staging', 'backup')",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_bar_while_a_cell_waits(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., Path], theme: str
) -> None:
    notebook = open_notebook(lab.write("progress", *CELLS), theme=theme, height=700)
    notebook.run_all()
    bars = notebook.page.locator(".jp-OutputArea-output progress")
    for _ in ("wait", "await"):
        until(bars.count, 60, "a bar")
        until(lambda: float(bars.first.get_attribute("value") or 0) > 0.3, 60, "it moves")
        shoot(notebook, f"progress-{theme}")
        until(lambda: bars.count() == 0, 60, "it goes")
    notebook.wait_idle(60)
    lines = [str(output) for cell in notebook.outputs() for output in cell]
    assert sum("backup of staging: " in line for line in lines) == 2, lines
    assert not any("<progress" in line for line in lines)
    assert notebook.cell_errors() == []
