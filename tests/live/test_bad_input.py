"""Bad input: each a one-line error that says what to do, in time, with no library's insides and no token in it."""

from __future__ import annotations

import http.server
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

import gunj_widgets as gunj
from gunj_widgets.demo.operator import Operator
from gunj_widgets.errors import AuthError, ConnectError, GunjError, SettingsError, SetupError, UnknownPlatformError
from gunj_widgets.session.connect import close_all

CANARY = "canary-7f3a9b2c-token"


@pytest.fixture(scope="module")
def operator() -> Iterator[Operator]:
    with Operator(seed=3) as running:
        yield running


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture
def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def web_page() -> Iterator[str]:
    """A server that is no operator: the single-page app that answers everything with its index.html."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = b"<!doctype html><title>an app</title>"
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join(5)


@pytest.fixture
def tarpit() -> Iterator[str]:
    """Accepts, and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=16) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


def refusal(call: Callable[[], object], kind: type[GunjError], *words: str) -> GunjError:
    """Run `call`; return the error it must raise, after checking what every error must be."""
    start = time.monotonic()
    with pytest.raises(kind) as caught:
        call()
    assert time.monotonic() - start < 10, "it took too long to say so"
    error = caught.value
    text = str(error)
    assert "\n" not in text
    assert CANARY not in text
    assert error.remedy, "it must say what to do"
    assert error._render_traceback_() == [f"{type(error).__name__}: {text}"]
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    for word in words:
        assert word.lower() in text.lower(), text
    return error


@pytest.mark.parametrize(
    "target", ["not a url", "ftp://example.com", "http://", "https://host:99999", "demo2", "http://user:pw@"]
)
def test_wrong_address(target: str) -> None:
    refusal(lambda: gunj.connect(target, token=CANARY), GunjError, "http")


def test_nothing_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUNJ_URL", raising=False)
    refusal(gunj.connect, SettingsError, "gunj.connect(")


def test_unknown_host() -> None:
    refusal(lambda: gunj.connect("https://no-such-host.invalid", token=CANARY), ConnectError, "no-such-host.invalid")


def test_closed_port(closed_port: int) -> None:
    refusal(lambda: gunj.connect(f"http://127.0.0.1:{closed_port}", token=CANARY), ConnectError, str(closed_port))


def test_wrong_token(operator: Operator) -> None:
    refusal(lambda: gunj.connect(operator.url, token=CANARY), AuthError, "token")


def test_no_token(operator: Operator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUNJ_TOKEN", raising=False)
    refusal(lambda: gunj.connect(operator.url), AuthError, "token")


def test_not_an_operator(web_page: str) -> None:
    refusal(lambda: gunj.connect(web_page, token=CANARY), ConnectError, "not", "operator")


def test_a_server_that_never_answers(tarpit: str) -> None:
    refusal(lambda: gunj.connect(tarpit, token=CANARY), GunjError)


def test_token_over_plain_http_to_another_machine() -> None:
    refusal(lambda: gunj.connect("http://gunj.example.com", token=CANARY), GunjError, "allow_insecure")


def test_unknown_platform(operator: Operator) -> None:
    rt = gunj.connect(operator.url, token=operator.token)
    refusal(lambda: rt.platform("prodution"), UnknownPlatformError, "production", "staging")
    refusal(lambda: rt.metrics("nope", ["cpu_usage"]), UnknownPlatformError, "production")
    refusal(lambda: rt.platform("production", namespace="elsewhere"), UnknownPlatformError, "observability")


def test_unknown_scenario_and_unknown_command(operator: Operator) -> None:
    rt = gunj.connect(operator.url, token=operator.token)
    refusal(lambda: rt.scenario("volcano"), GunjError, "loki-volume-full")
    refusal(lambda: rt.command("production", "explode"), GunjError, "backup")


def test_port_in_use(operator: Operator) -> None:
    port = int(operator.url.rpartition(":")[2])
    refusal(lambda: Operator(port=port).start(), GunjError, str(port))


def test_demo_command_with_a_port_in_use(operator: Operator, capsys: pytest.CaptureFixture[str]) -> None:
    from gunj_widgets.cli import main

    port = operator.url.rpartition(":")[2]
    assert main(["demo", "--port", port]) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert port in said
    assert "--port" in said


def test_closed_session_says_so(operator: Operator) -> None:
    rt = gunj.connect(operator.url, token=operator.token)
    rt.close()
    refusal(rt.wait_ready, GunjError, "connect")


def test_browser_code_not_built(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    from gunj_widgets.widgets import bundle

    bundle.source.cache_clear()
    monkeypatch.setattr(bundle, "files", lambda _package: tmp_path)
    refusal(lambda: bundle.source("hub"), SetupError, "built")
    bundle.source.cache_clear()


def test_unknown_options_of_a_widget(operator: Operator) -> None:
    rt = gunj.connect(operator.url, token=operator.token)
    with pytest.raises(TypeError, match="hieght"):
        gunj.MetricChart(rt, "production", ["cpu_usage"], hieght=300)
