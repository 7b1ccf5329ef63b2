"""S2, S3, S13: a token whose every appearance would be noticed, through a whole life, into every place it could show."""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient

import gunj_widgets as gunj
from gunj_widgets.connection import network
from gunj_widgets.connection.loop import get_io
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import GunjError
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.settings import Settings
from tests.live.client import wait_for
from tests.live.security.conftest import CANARY
from tests.live.security.peers import Raw
from tests.live.security.sinks import alive, all_loggers, depth, everything_of_ours, pickled, tracebacks

WORD = "canary-"
"""How every such token begins; this file's own name, which a claim on a session holds, has no such word."""


def live(rt: Any) -> list[Any]:
    """Use all of a session: its handles and their widgets."""
    rt.wait_ready()
    handles = [rt, rt.platform("production"), rt.metrics("production", ["cpu_usage"]), rt.logs("production"), rt.alerts]
    widgets = [
        gunj.ConnectionStatus(rt),
        gunj.PlatformCard(rt, "production"),
        gunj.MetricChart(rt, "production", ["cpu_usage"]),
        gunj.LogViewer(rt, "production"),
        gunj.AlertPanel(rt),
    ]
    wait_for(lambda: rt.logs("production").total, what="a log line")
    return [*handles, *widgets]


def test_a_whole_life_and_not_a_trace(operator: Operator, tmp_path: Path) -> None:
    numbers = itertools.count(1)
    before = alive()
    with all_loggers() as said:
        login = gunj.login(operator.url, password=CANARY)
        rt = gunj.connect(operator.url, token=lambda: CANARY)
        with gunj.connect(operator.url, token=login) as other:
            other.wait_ready()
            get_io().run(other.manager._auth.renew()).result(5)  # the live socket is told
            wait_for(lambda: other.state == "open")
            tokens = [CANARY, WORD, *map(str, other.manager._auth._known), str(login._refresh)]
        recording = rt.record(tmp_path / "life.gunj")
        things = [*live(rt), recording]
        for call in (
            lambda: rt.command("production", "x"),
            lambda: rt.platform("x"),
            lambda: rt.scenario("x"),
        ):
            with pytest.raises(GunjError):
                call()
        with pytest.raises(GunjError):
            gunj.connect(operator.url, token=lambda: f"{WORD}wrong-{next(numbers)}")
        rt.reconnect()
        wait_for(lambda: recording.status.events > 20, what="recorded events")
        recording.stop()
        states = json.dumps([thing.get_state() for thing in things if hasattr(thing, "get_state")], default=repr)
        texts = list(everything_of_ours(before))
        pickles = b"".join(pickled(thing) for thing in [*things, rt.stats(), rt.status(), rt.manager, login])
    with RecordingFile.open(tmp_path / "life.gunj") as file:
        told = [f"{event.topic} {event.data} {event.metadata} {event.id} {event.sub}" for event in file.events()]
        assert len(told) > 20
    files = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "httpx" in said.getvalue()  # the libraries did log
    assert "/sse/platforms" in said.getvalue()
    assert len(tokens) == 5
    assert len(texts) > 20
    for token in tokens:
        assert token not in said.getvalue()
        assert [name for name, text in texts if token in text] == []
        assert token not in states
        assert token.encode() not in pickles
        assert token.encode() not in files
        assert [text for text in told if token in text] == []
        assert token not in f"{rt.stats()}{rt.status()}{rt.stats().counts}"


Fault = Callable[[pytest.MonkeyPatch], None]


def in_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network.codec, "encode", lambda message: 1 / 0)


def in_the_client(monkeypatch: pytest.MonkeyPatch) -> None:
    async def send(*_given: Any, **_named: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(network.httpx.AsyncClient, "send", send)


@pytest.mark.parametrize("fault", [in_the_request, in_the_client])
def test_a_fault_of_ours_shows_no_token_in_any_traceback(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, fault: Fault
) -> None:
    """The worst case: an unforeseen error, from deep inside, printed with every local variable of every frame."""
    rt = gunj.connect(operator.url, token=CANARY)
    rt.wait_ready()
    fault(monkeypatch)
    with pytest.raises(ZeroDivisionError) as caught:
        rt.wait(rt.manager.request("POST", "/api/v1/alerts/x/ack", {"by": "me"}))
    assert depth(caught.value.__traceback__) >= 5  # the frames with the headers are among them
    text = tracebacks(caught.value)
    assert "headers = " in text  # and their variables are shown
    assert CANARY not in text


def test_an_interrupt_while_connecting_shows_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_given: Any, **_named: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(gunj.Session, "wait", lambda self, work, timeout: (work.close(), interrupted()))
    given = {"token": CANARY}  # as a user would have it: from elsewhere, not in the cell
    with pytest.raises(KeyboardInterrupt) as caught:
        gunj.connect("https://127.0.0.1:9", **given)
    frames = caught.value.__traceback__.tb_next  # ours: the frame of the test holds the word itself
    assert CANARY not in tracebacks(caught.value.with_traceback(frames))


LEGACY = Settings.load(connection={"token_in_url": True})


@pytest.mark.parametrize("way", ["login", "token in the address", "a token function that raises"])
def test_errors_of_each_kind_in_every_form(way: str) -> None:
    def source() -> str:
        raise ValueError(CANARY)

    async def slow(head: bytes) -> bytes:
        await asyncio.sleep(0.01)
        return b'HTTP/1.1 401 No\r\nContent-Length: 61\r\n\r\n{"error": {"message": "bad ' + CANARY.encode() + b'"}}   '

    with Raw(slow) as server:
        url = f"http://127.0.0.1:{server.port}"
        calls: dict[str, Callable[[], object]] = {
            "login": lambda: gunj.login(url, password=CANARY),
            "token in the address": lambda: gunj.connect(url, token=CANARY, settings=LEGACY, wait=3.0),
            "a token function that raises": lambda: gunj.connect(url, token=source, wait=3.0),
        }
        with all_loggers() as said, pytest.raises(GunjError) as caught:
            calls[way]()
        frames = caught.value.__traceback__.tb_next.tb_next
        assert CANARY not in f"{caught.value}{caught.value!r}{vars(caught.value)}"
        assert CANARY not in tracebacks(caught.value.with_traceback(frames))
        assert WORD not in said.getvalue()
        assert not [head for head in server.heads if CANARY in head.decode().partition("\r\n")[0]] or "address" in way


CELLS = [
    "import gunj_widgets as gunj; rt = gunj.connect(); rt.wait_ready()",
    "rt",
    "rt.platform('production')",
    "m = rt.metrics('production'); m",
    "rt.logs('production')",
    "rt.alerts",
    "print(rt, rt.manager, vars(rt.manager), rt.stats(), rt.status(), vars(rt.manager._auth))",
    "%xmode Verbose\nrt.wait(rt.manager.request('POST', '/api/v1/x', object()))",
    "rt.platform('nowhere')",
    "import asyncio; await asyncio.sleep(0.5); rt.close()",
]


def test_a_saved_notebook_holds_no_token_and_no_data(operator: Operator, tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in CELLS])
    client = NotebookClient(notebook, timeout=40, kernel_name="python3", store_widget_state=True, allow_errors=True)
    path = [str(Path(gunj.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "GUNJ_URL": operator.url, "GUNJ_TOKEN": CANARY, "PYTHONPATH": os.pathsep.join(path)}
    client.create_kernel_manager()
    client.km.kernel_cmd = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    client.execute(env=environment)
    saved = nbformat.writes(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    errors = [output["ename"] for output in outputs if output["output_type"] == "error"]
    assert errors == ["TypeError", "UnknownPlatformError"]
    assert WORD not in saved
    assert "?token=" not in saved
    states = notebook.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {}).get("state", {})
    assert len(states) >= 5
    # What is drawn lives in the browser's memory; the notebook keeps which widget it was, not what it showed.
    kept = {name: len(json.dumps(state)) for name, state in states.items() if "_esm" not in state.get("state", {})}
    assert max(kept.values()) < 4000, kept
    with suppress(OSError):
        (tmp_path / "saved.ipynb").write_text(saved, encoding="utf-8")
