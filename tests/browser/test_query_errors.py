"""What can go wrong with a Prometheus, in real JupyterLab: each an understandable line in its cell, and the chart beside it goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.browser.lab import Lab, Notebook, free_port, until
from tests.live.sources.prometheus import FaultyPrometheus

SETUP = """
import gunj_widgets as gunj
from gunj_widgets.sources import backend
backend.TIMEOUT = 3.0
rt = gunj.connect(prometheus={url!r})
rt.promql("good", window="1m")
"""


@pytest.fixture
def server() -> Iterator[FaultyPrometheus]:
    made = FaultyPrometheus()
    yield made
    made.close()


def test_each_fault_is_a_line_in_its_cell_and_disturbs_nothing_else(
    server: FaultyPrometheus, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]
) -> None:
    nobody = f"http://127.0.0.1:{free_port()}"
    faults = [
        (f"gunj.connect(prometheus={nobody!r})", "ConnectError", "nothing listens on 127.0.0.1"),
        ("gunj.connect(prometheus='http://no-such-host.invalid')", "ConnectError", "is not known"),
        (f"gunj.connect(prometheus={server.url + '/page'!r})", "ConnectError", "answers, but is no Prometheus"),
        (f"gunj.connect(prometheus={server.url + '/refusing'!r})", "AuthError", "answered 401"),
        ("rt.promql('wrong')", "QueryError", "‘wr⟨here⟩ong’"),
        ("rt.promql('impossible')", "QueryError", "many-to-many matching"),
        ("rt.promql('impatient')", "QueryError", "asks for patience (429)"),
        ("rt.promql('many')", "QueryError", "10,000 series, over the bound of 1,000"),
        ("rt.promql('huge')", "QueryError", "over 64 MB"),
    ]
    name = lab.write("faults", SETUP.format(url=server.url + "/fine"), *(code for code, _, _ in faults))
    notebook = open_notebook(name, height=1500)
    for index in range(len(faults) + 1):
        notebook.run_cell(index)
    first, *others = notebook.outputs()
    assert [one["output_type"] for one in first] == ["display_data"] or first[0]["output_type"] == "execute_result"
    said = ["".join(one["traceback"]) for outputs in others for one in outputs if one["output_type"] == "error"]
    assert len(said) == len(faults), said
    assert notebook.cell_errors() == said[: len(notebook.cell_errors())]  # what is in sight is rendered as it is
    for (code, kind, words), text in zip(faults, said, strict=True):
        assert text.startswith(f"{kind}: "), text
        assert words in text, (code, text)
        assert len(text.strip().splitlines()) == 1, text
        assert "Traceback" not in text
        assert text.count(". ") >= 1, f"says what to do: {text}"
    shoot(notebook, "query-errors")
    notebook.theme("dark")
    shoot(notebook, "query-errors-dark")

    notebook.show("chart")
    first = until(lambda: notebook.number("chart", "last-x"), 15, "the chart has points")
    until(lambda: notebook.number("chart", "last-x") > first, 15, "it goes on")
    assert notebook.execute("print(rt.state, len(gunj.session.connect._sessions))").strip() == "open 1"


def test_a_server_that_is_too_slow_and_one_that_has_no_numbers(
    server: FaultyPrometheus, lab: Lab, open_notebook: Callable[..., Notebook], shoot: Callable[..., Path]
) -> None:
    """Neither is the query's fault: the chart is there, and says what it waits for, or that there is nothing to draw."""
    name = lab.write(
        "slow",
        SETUP.format(url=server.url + "/fine"),
        "slow = rt.promql('slow', window='1m')\nslow",
        "rt.promql('nothing', window='1m')",
        "print(slow.status.phase, slow.status.reason, slow.status.remedy)",
    )
    notebook = open_notebook(name, height=1500)
    notebook.run_all()
    notebook.wait_idle(60)
    printed = notebook.page.locator(".jp-OutputArea-output pre").all_inner_texts()
    assert any("waiting" in text and "did not answer in time" in text and "narrow" in text for text in printed), printed
    charts = notebook.page.locator(".gunj[data-kind=chart]")
    assert charts.count() == 3
    until(lambda: "waiting: Prometheus: 127.0.0.1" in charts.nth(1).inner_text(), 15, "the slow one's chart says why")
    until(lambda: "all are NaN" in charts.nth(2).inner_text(), 15, "the chart without numbers says so")
    assert "waiting" not in charts.nth(0).inner_text()
    shoot(notebook, "query-slow-and-nan")
    notebook.show("chart")
    first = until(lambda: notebook.number("chart", "last-x"), 15, "the good chart has points")
    until(lambda: notebook.number("chart", "last-x") > first, 15, "it goes on")
    assert notebook.cell_errors() == []
