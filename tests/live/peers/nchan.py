"""nginx with nchan: a message bus with SSE and WebSocket subscribers and ids of its own, which we did not write."""

from __future__ import annotations

import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests.live.client import wait_for

ROOT = Path(__file__).parents[3]
MODULES = [Path("/usr/lib/nginx/modules"), Path("/usr/share/nginx/modules")]
CONFIG = """
load_module {module};
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    nchan_message_buffer_length 1000;
    server {{
        listen 127.0.0.1:{port};
        location = /pub {{ nchan_publisher; nchan_channel_id logs; }}
        location = /sse/platforms/production/logs {{ nchan_subscriber eventsource; nchan_channel_id logs;
            nchan_subscriber_first_message newest; nchan_eventsource_ping_interval 5; }}
        location = /meta {{ nchan_subscriber websocket; nchan_channel_id logs; nchan_subscriber_first_message oldest; }}
    }}
}}
"""


def nchan_module() -> Path | None:
    return next((m for folder in MODULES for m in folder.glob("ngx_nchan_module.so")), None)


class Nchan:
    """nginx on a free port of loopback. Its buffer lives in memory: `stop()` loses it."""

    def __init__(self, folder: Path, port: int) -> None:
        if shutil.which("nginx", path="/usr/sbin:/usr/bin") is None or nchan_module() is None:
            subprocess.run(
                [ROOT / "scripts" / "apt.sh", "nginx-light", "libnginx-mod-nchan"], check=False, capture_output=True
            )
        nginx, module = shutil.which("nginx", path="/usr/sbin:/usr/bin"), nchan_module()
        if nginx is None or module is None:
            pytest.skip("no nginx with nchan here, and none to be installed (Debian: nginx-light, libnginx-mod-nchan)")
        self.url = f"http://127.0.0.1:{port}"
        self._command = [nginx, "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]
        (folder / "nginx.conf").write_text(CONFIG.format(module=module, folder=folder, port=port))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._process = subprocess.Popen(self._command)
        try:
            wait_for(self._answers, 10.0, "nginx")
        except AssertionError:
            self.stop()
            raise

    def stop(self) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(10)
            self._process = None

    def publish(self, text: str) -> None:
        request = urllib.request.Request(f"{self.url}/pub", data=text.encode(), method="POST")
        urllib.request.urlopen(request, timeout=5).close()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"{self.url}/pub", timeout=5).close()
        except urllib.error.HTTPError:
            return True  # an empty channel is 404
        except OSError:
            return False
        return True
