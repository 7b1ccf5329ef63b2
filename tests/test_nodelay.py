"""The server extension: it wraps a handler once, and leaves a rate that somebody chose alone."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from jupyter_server.services.kernels.websocket import KernelWebsocketHandler

from gunj_widgets import nodelay
from gunj_widgets.settings import FeedSettings, Settings

ROOT = Path(__file__).parents[1]


class Handler:
    def __init__(self) -> None:
        self.done: list[Any] = []

    def set_nodelay(self, value: bool) -> None:
        self.done.append(value)

    async def open(self, kernel_id: str) -> None:
        self.done.append(kernel_id)


async def test_the_socket_is_set_before_it_is_used_and_only_once() -> None:
    class Own(Handler):
        pass

    nodelay.without_delay(Own)
    nodelay.without_delay(Own)
    handler = Own()
    await handler.open("k1")
    assert handler.done == [True, "k1"]


def test_loaded_it_raises_the_rate_of_the_kernels_unless_one_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(KernelWebsocketHandler, "open", KernelWebsocketHandler.open)
    monkeypatch.delenv(nodelay.VARIABLE, raising=False)
    nodelay._load_jupyter_server_extension(None)
    assert KernelWebsocketHandler.open.gunj
    assert Settings.load().feed.max_rate == nodelay.RATE
    monkeypatch.setenv(nodelay.VARIABLE, "10")
    nodelay._load_jupyter_server_extension(None)
    assert os.environ[nodelay.VARIABLE] == "10"
    monkeypatch.delenv(nodelay.VARIABLE)


def test_the_front_ends_page_says_the_rates_that_there_are() -> None:
    page = (ROOT / "docs" / "front-ends" / "jupyterlab.md").read_text(encoding="utf-8")
    told = set(re.findall(r"(\d+) envelopes a second", page))
    assert told == {f"{FeedSettings().max_rate:g}", str(nodelay.RATE)}
    assert f"{nodelay.VARIABLE}={nodelay.RATE}" in page


def test_a_server_finds_it_in_the_file_that_the_wheel_installs() -> None:
    config = json.loads((ROOT / "jupyter-config" / "gunj_widgets.json").read_text(encoding="utf-8"))
    (name,) = config["ServerApp"]["jpserver_extensions"]
    assert name == nodelay._jupyter_server_extension_points()[0]["module"] == nodelay.__name__
    assert "etc/jupyter/jupyter_server_config.d/gunj_widgets.json" in (ROOT / "pyproject.toml").read_text(
        encoding="utf-8"
    )
