"""Drive a real JupyterLab in a real Chromium, and a real operator process beside it."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

CHROMIUM = next((p for p in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if p), None)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]
KERNEL_IDLE = (
    "() => { const c = window.jupyterapp?.shell?.currentWidget?.sessionContext;"
    " return c?.isReady && !c.pendingInput && c.session?.kernel?.status === 'idle'; }"
)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(check: Callable[[], Any], deadline: float, what: str, every: float = 0.1) -> Any:
    """Return the first true value of `check()`; fail with `what` after `deadline` seconds."""
    end = time.monotonic() + deadline
    while True:
        value = check()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"not within {deadline:g} s: {what} (last: {value!r})")
        time.sleep(every)


def errors_of(page: Page) -> list[str]:
    """Return a list that gets every error of a page and its console from now on."""
    errors: list[str] = []
    page.on("console", lambda m: errors.append(m.text[:300]) if m.type == "error" else None)
    page.on("pageerror", lambda e: errors.append(str(e)[:300]))
    return errors


class OperatorProcess:
    """The demo operator in a process of its own, so that it can be killed and started again on the same port."""

    def __init__(self) -> None:
        self.port = free_port()
        self.token = secrets.token_urlsafe(32)
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = [sys.executable, "-m", "gunj_widgets.demo", "--port", str(self.port), "--seed", "7"]
        self._process = subprocess.Popen(
            command, env={**os.environ, "GUNJ_DEMO_TOKEN": self.token}, stdout=subprocess.DEVNULL
        )
        until(self._answers, 30, "the demo operator answers")

    def kill(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait(10)
            self._process = None

    def stop_answering(self) -> None:
        """Hold the process: its sockets stay open and nothing comes from them any more."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def answer_again(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def get(self, path: str) -> Any:
        request = urllib.request.Request(self.url + path, headers={"Authorization": f"Bearer {self.token}"})
        with urllib.request.urlopen(request, timeout=5) as answer:
            return json.load(answer)

    def _answers(self) -> bool:
        try:
            return bool(self.get("/health"))
        except OSError:
            return False


class Lab:
    """A JupyterLab server on loopback, its kernels seeing `environment`."""

    def __init__(self, root: Path, environment: dict[str, str], *, nodelay: bool = True) -> None:
        self.root = root
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        config = root.parent / "jupyter"
        command = [
            sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", f"--port={self.port}", "--allow-root",
            "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={root}",
            f"--ServerApp.jpserver_extensions={{'gunj_widgets.nodelay': {nodelay}}}",
            "--LabApp.expose_app_in_browser=True", "--LabApp.news_url=",
            "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        ]  # fmt: skip
        directories = {f"JUPYTER_{name}_DIR": str(config / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")}
        workspaces = {
            "JUPYTERLAB_WORKSPACES_DIR": str(config / "workspaces"),
            "JUPYTERLAB_SETTINGS_DIR": str(config / "settings"),
        }
        notices = config / "settings" / "@jupyterlab" / "apputils-extension"
        notices.mkdir(parents=True)
        (notices / "notification.jupyterlab-settings").write_text('{"fetchNews": "false"}')
        self._log = (root.parent / "jupyterlab.log").open("wb")
        self._process = subprocess.Popen(
            command,
            env={**os.environ, "JUPYTER_PREFER_ENV_PATH": "1", **directories, **workspaces, **environment},
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )
        until(self._answers, 60, "JupyterLab answers")

    def write(self, name: str, *cells: str) -> str:
        """Put a notebook with these code cells into its root; return its name, for `open_notebook`."""
        made = [
            {"cell_type": "code", "id": f"c{n}", "metadata": {}, "outputs": [], "execution_count": None, "source": code}
            for n, code in enumerate(cells)
        ]
        kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
        book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": made}
        (self.root / f"{name}.ipynb").write_text(json.dumps(book), encoding="utf-8")
        return f"{name}.ipynb"

    def stop(self) -> None:
        self._process.terminate()
        try:
            self._process.wait(15)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(5)
        self._log.close()

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.url + "/api/status", timeout=2):
                return True
        except OSError:
            return False


class Notebook:
    """One notebook, open in one page."""

    def __init__(self, page: Page, lab: Lab, name: str) -> None:
        self.page = page
        self.lab = lab
        self.name = name
        self.errors = errors_of(page)

    def open(self, theme: str = "light") -> None:
        self.page.goto(f"{self.lab.url}/lab/tree/{self.name}?reset", wait_until="domcontentloaded", timeout=60_000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60_000)
        self.page.wait_for_function(KERNEL_IDLE, timeout=60_000)
        self.theme(theme)

    def theme(self, theme: str) -> None:
        name = "JupyterLab Dark" if theme == "dark" else "JupyterLab Light"
        self.page.evaluate(f"() => window.jupyterapp.commands.execute('apputils:change-theme', {{theme: '{name}'}})")

    def run_all(self) -> None:
        """Start all cells; return once the first has begun. JupyterLab ignores the command while it still sets up."""
        before = self._runs()

        def begun() -> bool:
            self.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:run-all-cells'); }")
            with contextlib.suppress(AssertionError):
                until(lambda: self._runs() != before, 3, "a cell begins")
            return self._runs() != before

        until(begun, 30, "JupyterLab runs cells")

    def run_cell(self, index: int, timeout: float = 60) -> None:
        """Run one cell, whatever those before it came to, and wait for its end."""
        script = """async index => {
            window.jupyterapp.shell.currentWidget.content.activeCellIndex = index;
            await window.jupyterapp.commands.execute('notebook:run-cell');
        }"""
        self.page.set_default_timeout(timeout * 1000)
        self.page.evaluate(script, index)

    def _runs(self) -> list[str]:
        """The prompts of all code cells: `[ ]:`, `[*]:`, `[3]:`."""
        return self.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()

    def wait_idle(self, timeout: float = 60) -> None:
        """Wait until no cell runs or waits. The kernel's status alone flickers: each comm message makes it busy, then idle."""
        until(lambda: not any("*" in prompt for prompt in self._runs()), timeout, "all cells have run")
        self.page.wait_for_function(KERNEL_IDLE, timeout=timeout * 1000)

    def execute(self, code: str, *, wait: bool = True) -> str:
        """Run `code` in the notebook's kernel, beside its cells; return what it printed."""
        script = """async ([code, wait]) => {
            const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
            const future = kernel.requestExecute({code, store_history: false});
            const said = [];
            future.onIOPub = m => {
                if (m.header.msg_type === 'stream') said.push(m.content.text);
                if (m.header.msg_type === 'error') said.push(m.content.evalue);
            };
            window.gunjTestRunning = true;
            future.done.then(() => { window.gunjTestRunning = false; });
            if (wait) await future.done;
            return said.join('');
        }"""
        return str(self.page.evaluate(script, [code, wait]))

    def running(self) -> bool:
        """Whether what `execute` started last is still under way."""
        return bool(self.page.evaluate("() => window.gunjTestRunning"))

    def widget(self, kind: str) -> Any:
        return self.page.locator(f".gunj[data-kind={kind}]").first

    def attribute(self, kind: str, name: str) -> str:
        return self.widget(kind).get_attribute(f"data-{name}") or ""

    def number(self, kind: str, name: str) -> float:
        return float(self.attribute(kind, name) or 0)

    def text(self, kind: str) -> str:
        """All text of a widget in lower case, also while it is scrolled out of sight."""
        return (self.widget(kind).text_content() or "").lower()

    def show(self, kind: str) -> None:
        self.widget(kind).evaluate("e => e.scrollIntoView({block: 'center'})")

    def cell_errors(self) -> list[str]:
        return self.page.locator(
            ".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr'], "
            ".jp-RenderedText[data-mime-type*='error']"
        ).all_inner_texts()

    def outputs(self) -> list[list[dict[str, Any]]]:
        """The outputs of each cell as nbformat has them, also of cells that are out of sight, which JupyterLab does not render."""
        script = """() => {
            const cells = window.jupyterapp.shell.currentWidget.content.model.cells;
            return Array.from(cells, cell => cell.outputs ? cell.outputs.toJSON() : []);
        }"""
        found: list[list[dict[str, Any]]] = self.page.evaluate(script)
        return found

    def shut(self) -> None:
        self.page.evaluate("() => window.jupyterapp.serviceManager.sessions.shutdownAll()")
