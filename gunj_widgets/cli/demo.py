"""`gunj-widgets demo`: the embedded operator beside JupyterLab, or (with --check) beside a headless front-end."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

from gunj_widgets.errors import SetupError

__all__ = ["run"]

FIRST = "01_first_look.ipynb"
NEEDED = ("jupyterlab", "starlette", "uvicorn")
START = 60.0
"""Seconds that JupyterLab may take to answer."""
LAB = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
"""Settings of JupyterLab, unless you have others: it asks everybody anew whether it may fetch news, over what is shown."""


def run(*, check: bool, port: int | None, seed: int, folder: str | None) -> int:
    """Run the demo until Ctrl-C, or check it; return the exit code."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        raise SetupError(f"the demo needs {', '.join(missing)}, not installed", "Run: pip install 'gunj-widgets[demo]'")
    from gunj_widgets.demo.operator import Operator
    from gunj_widgets.widgets import bundle

    bundle.source("hub")  # says at once, and with the remedy, when the browser code was not built
    if port is not None:
        _need_free(port)
    with tempfile.TemporaryDirectory(prefix="gunj-demo-") as scratch, Operator(seed=seed) as operator:
        place = Path(folder) if folder else _copy(Path(scratch))
        os.environ["GUNJ_DEMO_URL"], os.environ["GUNJ_DEMO_TOKEN"] = operator.url, operator.token
        if check:
            from gunj_widgets.cli.headless import check as check_notebook

            return check_notebook(place / FIRST)
        return _lab(place, port, _settings(Path(scratch)))


def _settings(scratch: Path) -> str:
    """Write LAB down; return the JUPYTER_CONFIG_PATH by which JupyterLab finds it, after what it found already."""
    config = scratch / "config"
    (config / "labconfig").mkdir(parents=True)
    (config / "labconfig" / "default_setting_overrides.json").write_text(json.dumps(LAB), encoding="utf-8")
    return os.pathsep.join(filter(None, (os.environ.get("JUPYTER_CONFIG_PATH"), str(config))))


def _lab(place: Path, port: int | None, config: str) -> int:
    token = secrets.token_urlsafe(24)
    port = port or _free_port(8888)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--ip=127.0.0.1",
        f"--port={port}",
        "--ServerApp.port_retries=0",
        f"--ServerApp.root_dir={place}",
        f"--LabApp.default_url=/lab/tree/{FIRST}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    # The token goes by the environment: arguments are visible to every user of the machine.
    lab = subprocess.Popen(command, env={**os.environ, "JUPYTER_TOKEN": token, "JUPYTER_CONFIG_PATH": config})
    try:
        _wait_for(lab, port)
        print(f"\n  Open  http://127.0.0.1:{port}/lab/tree/{FIRST}?token={token}\n  Stop  Ctrl-C\n", flush=True)
        return lab.wait()
    finally:
        lab.terminate()
        try:
            lab.wait(10)
        except subprocess.TimeoutExpired:
            lab.kill()


def _wait_for(lab: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START
    while time.monotonic() < deadline:
        if lab.poll() is not None:
            raise SetupError(f"JupyterLab stopped with code {lab.returncode}", "Its own message is above.")
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/api", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
    raise SetupError(f"JupyterLab did not answer within {START:g} s", "Try again, or run: jupyter lab --debug")


def _copy(scratch: Path) -> Path:
    """Copy the shipped notebooks, so that what you try there changes nothing here."""
    shipped = files("gunj_widgets").joinpath("demo", "notebooks")
    here = Path(str(shipped)) if shipped.is_dir() else Path(__file__).parents[2] / "notebooks"
    if not (here / FIRST).is_file():
        raise SetupError(f"the notebook {FIRST} is not where it was installed", "Reinstall gunj-widgets.")
    return Path(shutil.copytree(here, scratch / "notebooks"))


def _need_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            raise SetupError(
                f"port {port} is in use or not allowed", f"Choose another, e.g. --port {_free_port(0)}"
            ) from None


def _free_port(first: int) -> int:
    tries = range(first, first + 50) if first else range(0)
    for port in tries:
        try:
            _need_free(port)
            return port
        except SetupError:
            continue
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
