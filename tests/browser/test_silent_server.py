"""A server that stays connected and says nothing any more, as a process that hangs: every widget tells, and is live again with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from tests.browser.lab import Lab, Notebook, OperatorProcess, until

STAGE = """import gunj_widgets as gunj
connection = {{"ping_interval": 2, "ping_timeout": 40, "idle_timeout": 80}}
rt = gunj.connect({url!r}, token={token!r}, connection=connection).wait_ready()"""
"""Silent 20 s after a ping without an answer, and given up 20 s later: time for the pictures."""
VIEWS = (
    "rt",
    "rt.platform('production')",
    "rt.metrics('production', 'cpu_usage')",
    "rt.logs('production')",
    "rt.alerts",
)
KINDS = ("status", "platform", "chart", "logs", "alerts")


@pytest.fixture
def hanging() -> Iterator[OperatorProcess]:
    process = OperatorProcess()
    process.start()
    yield process
    process.answer_again()
    process.kill()


def test_a_server_that_hangs_is_told_to_be_silent_and_is_live_again(
    hanging: OperatorProcess, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., object]
) -> None:
    stage = STAGE.format(url=hanging.url, token=hanging.token)
    notebook = open_notebook(lab.write("silent", stage, *VIEWS), height=1400)
    notebook.run_all()
    for kind in KINDS:
        until(lambda kind=kind: notebook.attribute(kind, "live") == "live", 60, f"{kind} is live")
    until(lambda: notebook.number("logs", "total") > 0, 30, "log lines")
    notebook.wait_idle(60)

    hanging.stop_answering()
    for kind in KINDS:
        until(lambda kind=kind: "▲ silent" in notebook.text(kind), 60, f"{kind} says that the server is silent")
        assert notebook.attribute(kind, "live") == "stale"
    for words in ("▲ open, but silentfor", "websocket▲ silent"):
        assert words in notebook.text("status")
    assert notebook.execute("print(rt.state, rt.is_healthy)") == "open False\n"
    for theme in ("light", "dark"):
        notebook.theme(theme)
        notebook.page.wait_for_timeout(1000)  # JupyterLab covers the page meanwhile
        shoot(notebook, f"silent-{theme}")
        for kind in KINDS:
            notebook.show(kind)
            shoot(notebook, f"silent-{kind}-{theme}", kind)

    hanging.answer_again()
    for kind in KINDS:
        until(lambda kind=kind: notebook.attribute(kind, "live") == "live", 15, f"{kind} is live again")
    before = notebook.number("logs", "total")
    until(lambda: notebook.number("logs", "total") > before, 15, "log lines again")
    assert notebook.execute("print(rt.is_healthy)") == "True\n"
    assert notebook.cell_errors() == []
