"""BackpressureMonitor in real JupyterLab: readings that move, a slow page that is told as one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import Lab, Notebook, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo')\nm = rt.metrics('production')",
    "gunj.BackpressureMonitor(rt)",
)


@pytest.fixture
def name(lab: Lab) -> str:
    """A notebook with nothing but the monitor."""
    return lab.write("pressure", *CELLS)


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 820)])
def test_the_monitor_tells_the_pace(
    open_notebook: Callable[..., Notebook], shoot: Callable[..., object], name: str, theme: str, width: int
) -> None:
    notebook = open_notebook(name, theme=theme, width=width)
    notebook.run_all()
    until(lambda: notebook.attribute("pressure", "live") == "live", 60, "the monitor is live")

    def count(which: str) -> int:
        words = notebook.widget("pressure").locator(f'[data-count="{which}"] strong').text_content() or "0"
        return int(words.replace(",", ""))

    until(lambda: count("received") > 0 and count("stored") > 0, 30, "counts")
    received, envelopes = count("received"), count("envelopes")
    until(lambda: count("received") > received and count("envelopes") > envelopes, 15, "counts that rise")
    until(lambda: "fps" in notebook.text("pressure") and "ms" in notebook.text("pressure"), 15, "readings")
    assert (count("dropped"), count("feed_errors"), count("malformed")) == (0, 0, 0)
    notebook.show("pressure")
    notebook.page.wait_for_timeout(8_000 if theme == "light" else 0)  # a history to look at
    shoot(notebook, f"pressure-{theme}-{width}", "pressure")
    assert notebook.cell_errors() == []
