"""The operator dies and comes back: the widgets say so, count down, and recover by themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.browser.lab import Notebook, OperatorProcess, until


@pytest.fixture
def alive(operator: OperatorProcess) -> Callable[[], None]:
    """Leave the shared operator running, whatever the test did to it."""
    yield operator.start
    try:
        operator.get("/health")
    except OSError:
        operator.start()


def test_killed_operator_is_told_and_survived(
    open_notebook: Callable[..., Notebook],
    operator: OperatorProcess,
    alive: Callable[[], None],
    shoot: Callable[..., object],
) -> None:
    notebook = open_notebook()
    notebook.run_all()
    until(lambda: notebook.attribute("platform", "live") == "live", 60, "the card is live")
    until(lambda: notebook.number("logs", "total") > 0, 30, "log lines")
    notebook.wait_idle(60)
    operator.kill()
    for kind in ("status", "platform", "chart", "logs", "alerts"):
        until(
            lambda kind=kind: notebook.attribute(kind, "live") in ("waiting", "stale"),
            10,
            f"{kind} says that it is not live",
        )
    until(lambda: "reconnecting in" in notebook.text("platform"), 15, "a countdown")
    assert "stale" in notebook.text("platform")
    for kind in ("status", "platform", "logs"):
        notebook.show(kind)
        shoot(notebook, f"stale-{kind}", kind)
    alive()
    for kind in ("status", "platform", "chart", "logs", "alerts"):
        until(lambda kind=kind: notebook.attribute(kind, "live") == "live", 30, f"{kind} is live again")
    before = notebook.number("logs", "total")
    until(lambda: notebook.number("logs", "total") > before, 10, "log lines again")
    points = notebook.number("chart", "last-x")
    until(lambda: notebook.number("chart", "last-x") > points, 10, "samples again")
    shoot(notebook, "recovered")
