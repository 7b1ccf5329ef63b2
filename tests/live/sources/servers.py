"""Real servers on free ports of this machine, each in a folder of its own."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette

ROOT = Path(__file__).parents[3]
PACKAGES = ("prometheus", "prometheus-node-exporter", "prometheus-alertmanager", "victoria-metrics")
READY = 20.0

RULES = """
groups:
  - name: gunj
    rules:
      - {alert: TargetDown, expr: up == 0, for: HOLD, labels: {severity: critical}, annotations: {summary: "{{ $labels.job }} is down"}}
"""


PATH = "/usr/bin:/usr/sbin"
"""Where Debian puts servers, also where only root looks."""


def need_packages(*names: str) -> None:
    """Install what is missing of Debian's packages; skip with the reason where that cannot be done."""
    missing = [name for name in names if shutil.which(name, path=PATH) is None]
    if missing:
        subprocess.run([ROOT / "scripts" / "apt.sh", *missing], check=False, capture_output=True)
    missing = [name for name in missing if shutil.which(name, path=PATH) is None]
    if missing:
        pytest.skip(f"not here, and not to be installed: Debian's {', '.join(missing)}")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class AppServer:
    """An ASGI application of ours on a free port, on a thread of its own, for what no Debian package serves."""

    def __init__(self, app: Starlette, **options: Any) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        config = uvicorn.Config(app, port=port, log_level="critical", lifespan="off", **options)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, name="app", daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)

    def close(self) -> None:
        self._server.should_exit = True
        self._server.force_exit = True
        self._thread.join(5)


class Server:
    """One program. `kill` and `start` again is a crash; `stop` is final."""

    def __init__(self, folder: Path, command: list[str], url: str, ready: str) -> None:
        self.url = url
        self._folder, self._command, self._ready = folder, command, ready
        self._process: subprocess.Popen[bytes] | None = None
        self.start()

    def start(self) -> None:
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(self._command, cwd=self._folder, stdout=log, stderr=log)
        end = time.monotonic() + READY
        while True:
            try:
                urllib.request.urlopen(self.url + self._ready, timeout=1).close()
                return
            except (urllib.error.URLError, OSError):
                assert time.monotonic() < end, (self._folder / "log").read_text(errors="replace")[-2000:]
                assert self._process.poll() is None, (self._folder / "log").read_text(errors="replace")[-2000:]
                time.sleep(0.05)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(5)
            self._process = None

    def get(self, path: str) -> Any:
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:
            return json.loads(answer.read())


class Stack:
    """A Prometheus that scrapes an exporter, itself and nobody each second, and tells an Alertmanager and a VictoriaMetrics.

    `hold` is how long its alert is pending; `external` are labels that it adds to what it tells; `receiver` is whom
    Alertmanager tells, and `push` one more place of remote_write.
    """

    def __init__(
        self, folder: Path, *, hold: str = "1s", external: str = "{}", receiver: str = "{name: none}", push: str = ""
    ) -> None:
        need_packages(*PACKAGES)
        self._folder = folder
        node, alerts, prometheus, victoria = (free_port() for _ in range(4))
        self._servers: list[Server] = []
        self.node_port = node
        try:
            listen = f"127.0.0.1:{node}"
            self.node = self._serve(
                "prometheus-node-exporter",
                [f"--web.listen-address={listen}", "--collector.disable-defaults"]
                + [f"--collector.{name}" for name in ("cpu", "meminfo", "loadavg", "netdev")],
                node,
                "/metrics",
            )
            self.victoria = self._serve(
                "victoria-metrics",
                [
                    f"-httpListenAddr=127.0.0.1:{victoria}",
                    "-storageDataPath=data",
                    "-retentionPeriod=1",
                    "-search.latencyOffset=0s",
                ],
                victoria,
                "/health",
            )
            config = f"route: {{receiver: none, group_wait: 1s, group_interval: 1s}}\nreceivers: [{receiver}]\n"
            self.alertmanager = self._serve(
                "prometheus-alertmanager",
                [
                    "--config.file=config.yml",
                    "--storage.path=data",
                    f"--web.listen-address=127.0.0.1:{alerts}",
                    "--cluster.listen-address=",
                ],
                alerts,
                "/-/ready",
                {"config.yml": config},
            )
            config = f"""
global: {{scrape_interval: 1s, scrape_timeout: 900ms, evaluation_interval: 1s, external_labels: {external}}}
rule_files: [rules.yml]
alerting: {{alertmanagers: [{{static_configs: [{{targets: ["127.0.0.1:{alerts}"]}}]}}]}}
remote_write:
  - url: http://127.0.0.1:{victoria}/api/v1/write
    queue_config: {{batch_send_deadline: 200ms, max_samples_per_send: 2000}}
{push}
scrape_configs:
  - {{job_name: node, static_configs: [{{targets: ["{listen}"]}}]}}
  - {{job_name: self, static_configs: [{{targets: ["127.0.0.1:{prometheus}"]}}]}}
"""
            self.prometheus = self._serve(
                "prometheus",
                [
                    "--config.file=config.yml",
                    "--storage.tsdb.path=data",
                    f"--web.listen-address=127.0.0.1:{prometheus}",
                    "--web.enable-lifecycle",
                ],
                prometheus,
                "/-/ready",
                {"config.yml": config, "rules.yml": RULES.replace("HOLD", hold)},
            )
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        for server in reversed(self._servers):
            server.kill()

    def _serve(
        self, name: str, options: list[str], port: int, ready: str, files: dict[str, str] | None = None
    ) -> Server:
        folder = self._folder / name
        folder.mkdir()
        for file, text in (files or {}).items():
            (folder / file).write_text(text, encoding="utf-8")
        program = shutil.which(name, path="/usr/bin:/usr/sbin")
        assert program is not None
        server = Server(folder, [program, *options], f"http://127.0.0.1:{port}", ready)
        self._servers.append(server)
        return server
