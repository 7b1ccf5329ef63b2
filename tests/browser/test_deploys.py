"""A deploy in real JupyterLab: a mark of its own on the chart and a lane of its own in the timeline."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "gunj.MetricChart(rt, 'staging', 'cpu_usage', window='60s', height=180)",
    "rt.timeline",
    "rt.note('canary looks good')\nupgrade = rt.command('staging', 'upgrade', component='tempo', version='2.9.9')",
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_upgrade_is_marked_as_a_deploy(
    open_notebook: Callable[..., Notebook], lab: Lab, shoot: Callable[..., Path], theme: str
) -> None:
    notebook = open_notebook(lab.write("deploys", *CELLS), theme=theme)
    notebook.run_all()
    until(lambda: "⇧ upgrade" in notebook.text("timeline"), 60, "the upgrade in the timeline's list")
    lane = notebook.widget("timeline").locator(".gunj-tl-lane", has_text="deploys")
    assert lane.is_visible()
    until(lambda: notebook.number("chart", "marks") >= 2, 15, "marks on the chart")
    notebook.page.wait_for_timeout(3_000)  # so that the note and the upgrade lie apart from the edge
    shoot(notebook, f"deploys-{theme}")
    notebook.execute("upgrade.cancel()")
    assert notebook.cell_errors() == []
