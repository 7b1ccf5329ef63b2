"""The command panel in real JupyterLab: tried, meant, carried out by the operator."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.browser.lab import Lab, Notebook, OperatorProcess, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "gunj.CommandPanel(rt, 'production')",
)


@pytest.mark.parametrize(("theme", "width"), [("light", 1400), ("dark", 700)])
def test_a_component_is_scaled(
    open_notebook: Callable[..., Notebook],
    shoot: Callable[..., object],
    lab: Lab,
    operator: OperatorProcess,
    theme: str,
    width: int,
) -> None:
    def replicas() -> int:
        platforms = operator.get("/api/v1/platforms")["items"]
        production: dict[str, Any] = next(p for p in platforms if p["name"] == "production")
        return int(production["components"]["tempo"]["replicas"])

    notebook = open_notebook(lab.write("commands", *CELLS), theme=theme, width=width)
    notebook.run_all()
    until(lambda: notebook.attribute("commands", "live") == "live", 60, "the panel is live")
    panel = notebook.widget("commands")
    panel.locator("[aria-label=Commands] button", has_text="Scale").click()
    form = panel.locator("[data-command=scale]")
    form.locator("select").select_option("tempo")
    before = replicas()
    wanted = 4 if before != 4 else 3
    form.locator("input[type=number]").fill(str(wanted))
    form.locator("button", has_text="Dry run").click()
    until(lambda: f"{before} → {wanted} replicas" in notebook.text("commands"), 15, "what would change")
    assert replicas() == before
    shoot(notebook, f"commands-{theme}-{width}", "commands")
    form.locator("button[type=submit]").click()
    until(lambda: "begun" in notebook.text("commands"), 15, "the operator took it")
    until(lambda: replicas() == wanted, 40, "the component is scaled")
    panel.locator("[aria-label=Commands] button", has_text="Restore").click()
    panel.locator("[data-command=restore] button[type=submit]").click()
    until(lambda: "really: restore" in notebook.text("commands"), 10, "it asks twice")
    assert notebook.cell_errors() == []
