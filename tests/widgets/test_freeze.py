"""`freeze()` of every kind of widget: evidence that is text, and that nbconvert shows of the saved notebook."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbconvert
import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook, new_output

import gunj_widgets as gunj
from gunj_widgets.events.event import Event
from gunj_widgets.session.session import Session
from gunj_widgets.testing import MemoryReply
from gunj_widgets.widgets import still
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.dashboard import KINDS
from tests.events.test_shown import bare
from tests.session.conftest import Rig

EVIL = "<script>alert(1)</script>\u202e"
SAFE = "&lt;script&gt;alert(1)&lt;/script&gt;"
NOW = 1_750_000_000.0
OURS = {"div", "strong", "p", "table", "thead", "tbody", "tr", "th", "td"}
PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n picture").decode()
COMMAND = {"name": "scale", "title": f"Scale {EVIL}", "description": "more of it", "destroys": True}
FACTS: list[tuple[str, dict[str, Any]]] = [
    ("platform.p.component.loki", {"health": "degraded", "phase": "Ready", "message": EVIL}),
    ("alert.f1.firing", {"fingerprint": "f1", "name": f"Disk {EVIL}", "status": "firing", "startsAt": NOW}),
    (
        "platform.p.operation.o1.progress",
        {"id": "o1", "type": "backup", "platform": "p", "status": "running", "message": EVIL},
    ),
    ("platform.p.events", {"reason": "Pulled", "message": EVIL, "platform": "p", "lastTimestamp": NOW}),
    ("platform.p.metrics.cpu", {"metric": "cpu", "samples": [{"time": NOW, "value": 1.5, "labels": {"pod": EVIL}}]}),
    ("platform.p.logs", {"entries": [{"time": NOW, "level": "info", "message": f"a line {EVIL}"}]}),
]
TELLS = {
    "alerts": f"Disk {SAFE}",
    "chart": "<td>1.5</td>",
    "commands": f"<td>Scale {SAFE} </td><td>more of it</td><td>destroys</td>",
    "events": SAFE,
    "health": f"<td>loki</td><td>degraded</td><td>Ready</td><td></td><td>{SAFE}",
    "logs": f"a line {SAFE}",
    "operations": SAFE,
    "platform": "loki",
    "pressure": "<table>",
    "status": "<td>open</td>",
    "timeline": SAFE,
    "transport": "events</th>",
}


class Cell:
    """The cell that runs: keeps what is displayed, and what takes its place later."""

    def __init__(self) -> None:
        self.outputs: list[dict[str, str]] = []
        self.metadata: dict[int, dict[str, Any]] = {}

    def display(self, data: dict[str, str], *, raw: bool, display_id: bool | None) -> Any:
        assert raw
        place = len(self.outputs)
        self.outputs.append(data)

        class Handle:
            def update(_self, data: dict[str, str], *, metadata: dict[str, Any], raw: bool) -> None:  # noqa: N805
                self.outputs[place] = data
                self.metadata[place] = metadata

        return Handle() if display_id else None

    def notebook(self) -> nbformat.NotebookNode:
        """Return it as a file that was saved, and read again."""
        outputs = [
            new_output("display_data", data, metadata=self.metadata.get(place, {}))
            for place, data in enumerate(self.outputs)
        ]
        made = new_notebook(cells=[new_code_cell("chart.freeze()", outputs=outputs, execution_count=1)])
        return nbformat.reads(nbformat.writes(made), as_version=4)


@pytest.fixture
def cell(monkeypatch: pytest.MonkeyPatch) -> Cell:
    made = Cell()
    monkeypatch.setattr(still, "display", made.display)
    return made


@pytest.fixture(scope="module")
def rt() -> Iterator[Session]:
    rig = Rig()
    rig.do(rig.operator.platform, "p", namespace="n", phase="Ready")
    rig.operator.answers["GET /api/v1/platforms/p/commands"] = MemoryReply(200, {"items": [COMMAND]})
    session = rig.session.wait_ready(5)
    handle = session.platform("p")
    told = [Event(topic=topic.replace(".p.", f".{handle.id}."), data=data, arrived=NOW) for topic, data in FACTS]
    assert rig.do(session.store.take, told) == []
    yield session
    session.shut()


@pytest.fixture(scope="module")
def back(rt: Session, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    path: Path = tmp_path_factory.mktemp("frozen") / "a.gunj"
    rt.record(path).stop()
    session = gunj.replay(path)
    yield session
    session.shut()


@pytest.fixture
def widgets(rt: Session, back: Session) -> Iterator[dict[str, LiveWidget]]:
    made: list[LiveWidget] = [gunj.ReplayBar(back)]
    of_platform = {"chart", "commands", "events", "health", "logs", "operations", "platform"}
    for kind, widget in KINDS.items():
        if kind != "transport":
            made.append(widget(rt, "p") if kind in of_platform else widget(rt))  # type: ignore[call-arg]
    yield {one.kind: one for one in made}
    for one in made:
        one.close()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_it_leaves_text_and_a_table_of_text(kind: str, widgets: dict[str, LiveWidget], cell: Cell) -> None:
    widgets[kind].freeze()
    frozen = cell.outputs[0]
    html = frozen["text/html"]
    html = bare(html)
    assert TELLS[kind] in html
    assert "; frozen at 20" in html
    assert set(re.findall(r"</?([^>\s]*)[^>]*>", html)) <= OURS
    assert not re.search(r"<\w+ ", html), "an attribute"
    assert "\u202e" not in html + frozen["text/plain"]
    assert "frozen at" in frozen["text/plain"]


@pytest.mark.parametrize(("exporter", "left"), [("HTMLExporter", "<td>1.5</td>"), ("MarkdownExporter", "1.5")])
def test_nbconvert_shows_what_was_frozen(
    exporter: str, left: str, widgets: dict[str, LiveWidget], cell: Cell, tmp_path: Path
) -> None:
    chart, health = widgets["chart"], widgets["health"]
    chart.freeze()
    assert "picture of" in json.dumps(cell.outputs)
    chart.hear({"picture": PNG})
    health.freeze()
    shown, resources = getattr(nbconvert, exporter)().from_notebook_node(cell.notebook())
    assert left in bare(shown)
    assert "degraded" in shown
    assert "<script>alert(1)" not in shown
    pictures = [base64.b64encode(data).decode() for data in resources.get("outputs", {}).values()]
    assert PNG in shown.replace("\n", "") or PNG in pictures


def test_a_frozen_picture_is_told_in_words_too(
    widgets: dict[str, LiveWidget], cell: Cell, caplog: pytest.LogCaptureFixture
) -> None:
    widgets["chart"].freeze()
    widgets["chart"].hear({"picture": PNG})
    with caplog.at_level("WARNING"):
        # The "lab" template of nbconvert 7.17 does not look at what the "classic" one shows.
        shown, _ = nbconvert.HTMLExporter(template_name="classic").from_notebook_node(cell.notebook())
    assert re.search(r'alt="picture of [^"]*: 1 series, [^"]*, last 600 s"', shown)
    assert "Alternative text" not in caplog.text


def test_a_widget_that_was_only_displayed_is_a_line_of_text_and_keeps_its_samples(
    widgets: dict[str, LiveWidget], cell: Cell
) -> None:
    for widget in widgets.values():
        data, _ = widget._repr_mimebundle_()
        assert set(data) == {"text/plain", "application/vnd.jupyter.widget-view+json"}
        assert len(json.dumps(data)) < 1_000
        cell.outputs.append(data)
    shown, _ = nbconvert.HTMLExporter().from_notebook_node(cell.notebook())
    assert "&lt;MetricChart p: all metrics: 1 series, 1 samples&gt;" in shown
    assert "a line" not in shown
