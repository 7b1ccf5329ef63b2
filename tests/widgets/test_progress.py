"""The bar in a cell's output: HTML while it goes on, one line of text after."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.session import doors
from gunj_widgets.widgets import progress
from gunj_widgets.widgets.progress import NotebookBar, bar_in_notebook


class Output:
    def __init__(self, first: dict[str, str]) -> None:
        self.shown = [first]

    def update(self, data: dict[str, str], *, raw: bool) -> None:
        assert raw
        self.shown.append(data)


@pytest.fixture
def outputs(monkeypatch: pytest.MonkeyPatch) -> list[Output]:
    made: list[Output] = []

    def show(data: dict[str, str], **_options: Any) -> Output:
        made.append(Output(data))
        return made[-1]

    monkeypatch.setattr(progress, "display", show)
    return made


def test_one_output_is_painted_over_and_becomes_a_line(outputs: list[Output]) -> None:
    bar = NotebookBar()
    bar.paint("backup of <b>", 0.25)
    bar.paint("backup of <b>", None)
    bar.end("backup of <b>: 3.0 s")
    (output,) = outputs
    first, second, last = output.shown
    assert 'value="0.250"' in first["text/html"]
    assert "<b>" not in first["text/html"]
    assert first["text/plain"] == "backup of <b> 25%"
    assert "value=" not in second["text/html"]
    assert last == {"text/plain": "backup of <b>: 3.0 s"}


class Shell:
    kernel: object | None = None


def test_only_a_notebook_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert bar_in_notebook() is None
    shell = Shell()
    monkeypatch.setattr(progress, "get_ipython", lambda: shell)
    assert bar_in_notebook() is None, "IPython in a terminal"
    shell.kernel = object()
    assert isinstance(doors.bar_in_notebook(), NotebookBar)
