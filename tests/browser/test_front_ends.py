"""The same notebook in Notebook 7 and in Voila: every widget live, its controls heard by the kernel."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page
from playwright.sync_api import Error as PlaywrightError

from tests.browser.conftest import OUTPUT
from tests.browser.lab import OperatorProcess, errors_of, free_port, until

CELLS = (
    "import gunj_widgets as gunj\nrt = gunj.connect('demo').wait_ready()",
    "rt.platform('production')",
    "gunj.MetricChart(rt, 'production', 'cpu_usage', height=160)",
    "gunj.LogViewer(rt, 'production', height=160)",
    "rt.alerts",
    "rt.timeline",
    "rt.events",
    "rt",
    "gunj.OperationProgress(rt)",
    "gunj.CommandPanel(rt, 'production')",
    "gunj.ComponentHealth(rt, 'production')",
    "gunj.BackpressureMonitor(rt)",
    "gunj.Dashboard([[rt.platform('staging'), rt.metrics('staging', 'cpu_usage')]])",
)
SHOWN = {"platform": 2, "chart": 2, "logs": 1, "alerts": 1, "timeline": 1, "events": 1, "status": 1, "operations": 1,
         "commands": 1, "health": 1, "pressure": 1}  # fmt: skip
THEIRS = ("reading 'schema'", "net::ERR_", "@jupyterlab/docregistry")
"""Errors of the front-ends themselves: Notebook 7 reads settings too early; Voila wants Font Awesome from a CDN, and lacks modules."""


@pytest.fixture
def book(tmp_path: Path) -> Path:
    cells = [
        {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": source}
        for n, source in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    path = tmp_path / "root" / "book.ipynb"
    path.parent.mkdir()
    path.write_text(
        json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells})
    )
    return path


@contextlib.contextmanager
def serving(command: list[str], book: Path, operator: OperatorProcess) -> Iterator[None]:
    own = {f"JUPYTER_{name}_DIR": str(book.parents[1] / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
    own |= {"JUPYTER_PREFER_ENV_PATH": "1", "GUNJ_DEMO_URL": operator.url, "GUNJ_DEMO_TOKEN": operator.token}
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=book.parent,
        env={**os.environ, **own},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def opened(page: Page, url: str) -> bool:
    """Go to a server that may still be starting."""
    try:
        return page.goto(url, timeout=60_000) is not None
    except PlaywrightError as error:
        if "ERR_CONNECTION_REFUSED" not in str(error):
            raise
        return False


def live_and_heard(page: Page) -> None:
    def live() -> Counter[str | None]:
        return Counter(one.get_attribute("data-kind") for one in page.locator(".gunj[data-live=live]").all())

    until(lambda: live() == SHOWN, 90, "all widgets are live")
    chart = page.locator(".gunj[data-kind=chart]").first
    until(lambda: int(chart.get_attribute("data-points") or 0) > 100, 30, "samples")
    chart.locator("button", has_text="Pause").click()
    until(page.locator(".gunj[data-kind=logs] .gunj-range").is_visible, 15, "the logs follow: the kernel heard it")
    page.locator(".gunj[data-kind=commands] button", has_text="Dry run").locator("visible=true").click()
    until(page.locator(".gunj-command-outcome li:visible").count, 15, "a dry run is heard and answered")


def test_notebook_7(browser: Browser, book: Path, operator: OperatorProcess) -> None:
    port = free_port()
    command = ["notebook", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--allow-root", "--IdentityProvider.token=",
               "--ServerApp.password=", "--JupyterNotebookApp.expose_app_in_browser=True"]  # fmt: skip
    with serving(command, book, operator):
        page = browser.new_page(viewport={"width": 1100, "height": 4200})
        errors = errors_of(page)
        until(
            lambda: opened(page, f"http://127.0.0.1:{port}/notebooks/book.ipynb"), 60, "the server answers", every=0.5
        )
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        # Whoever runs cells before there is a kernel is asked which one, by a dialog over everything.
        ready = "() => window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel?.status === 'idle'"
        until(lambda: page.evaluate(ready), 60, "Notebook 7 has a kernel")
        page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
        live_and_heard(page)
        page.screenshot(path=OUTPUT / "notebook-7.png")
        page.close()
    assert [e for e in errors if not any(words in e for words in THEIRS)] == []


def test_voila(browser: Browser, book: Path, operator: OperatorProcess) -> None:
    port = free_port()
    with serving(["voila", str(book), "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"], book, operator):
        page = browser.new_page(viewport={"width": 1100, "height": 4200})
        errors = errors_of(page)
        until(lambda: opened(page, f"http://127.0.0.1:{port}/"), 60, "the server answers", every=0.5)
        live_and_heard(page)
        page.screenshot(path=OUTPUT / "voila.png")
        page.close()
    assert [e for e in errors if not any(words in e for words in THEIRS)] == []
