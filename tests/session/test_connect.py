"""connect(): one session per address and identity; a cell run again is not one more holder."""

from __future__ import annotations

import os
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import GunjError, SettingsError
from gunj_widgets.session import connect as module
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import MemoryOperator

connect = module.connect


@pytest.fixture(autouse=True)
def _operator(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    module.close_all()  # what other tests of this process have left
    operator = MemoryOperator()
    monkeypatch.setattr(module, "Session", lambda url, **named: Session(url, network=operator, **named))  # type: ignore[arg-type]
    yield
    module.close_all()


def test_same_address_and_identity_is_the_same_session() -> None:
    first = connect("http://127.0.0.1:1", token="a")
    assert connect("http://127.0.0.1:1/", token="a") is first
    assert connect("http://127.0.0.1:1", token="b") is not first
    assert connect("http://127.0.0.1:2", token="a") is not first


def test_running_a_cell_again_holds_no_more_than_once() -> None:
    for _ in range(3):
        session = connect("http://127.0.0.1:1")
    session.close()
    assert session.closed


def test_two_places_hold_it_until_both_let_go() -> None:
    session = connect("http://127.0.0.1:1")
    again = connect("http://127.0.0.1:1")
    session.close()
    assert not session.closed
    again.close()
    assert session.closed


def test_after_it_was_closed_a_fresh_one_is_made() -> None:
    session = connect("http://127.0.0.1:1")
    session.close()
    assert connect("http://127.0.0.1:1") is not session


def test_one_that_was_shut_is_kept_by_nobody(tmp_path: Path) -> None:
    live = connect("http://127.0.0.1:1")
    live.record(tmp_path / "a.gunj").stop()
    for session in (live, gunj.replay(tmp_path / "a.gunj")):
        assert session in module._sessions.values()
        session.shut()
        assert session not in module._sessions.values()
        assert session not in module._claims


def test_the_context_manager_lets_go() -> None:
    with connect("http://127.0.0.1:1") as session:
        assert session.is_connected
    assert session.closed
    session = connect("http://127.0.0.1:1")
    with session:
        assert not session.closed
    assert session.closed


def test_closing_within_a_with_takes_nothing_from_another_line() -> None:
    a = connect("http://127.0.0.1:1")
    b = connect("http://127.0.0.1:1")
    with a:
        a.close()
    assert not b.closed
    b.close()
    assert b.closed


def test_two_threads_on_one_line_hold_it_each() -> None:
    inside = threading.Barrier(3)
    leaves = [threading.Event(), threading.Event()]
    seen: list[Session] = []

    def work(leave: threading.Event) -> None:
        with connect("http://127.0.0.1:1") as session:
            seen.append(session)
            inside.wait(5)
            leave.wait(5)

    threads = [threading.Thread(target=work, args=(leave,)) for leave in leaves]
    for thread in threads:
        thread.start()
    inside.wait(5)
    for thread, leave, closed in zip(threads, leaves, (False, True), strict=True):
        leave.set()
        thread.join(5)
        assert [session.closed for session in seen] == [closed, closed]


async def test_async_with_lets_go_of_its_own_also_where_it_never_began(monkeypatch: pytest.MonkeyPatch) -> None:
    async with connect("http://127.0.0.1:1") as session:
        async with session:
            pass
        assert not session.closed
    assert session.closed

    async def fail(_self: Session, _timeout: float = 0) -> None:
        raise GunjError("not ready")

    monkeypatch.setattr(Session, "ready", fail)
    kept = connect("http://127.0.0.1:1")
    with pytest.raises(GunjError, match="not ready"):
        async with connect("http://127.0.0.1:1"):
            pass
    assert not kept.closed
    kept.close()
    assert kept.closed


def test_address_and_token_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_URL", "http://127.0.0.1:7")
    monkeypatch.setenv("GUNJ_TOKEN", "t")
    session = connect()
    assert session.address == "127.0.0.1:7"
    assert connect("http://127.0.0.1:7", token="t") is session


def test_a_demo_that_runs_beside_us_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_DEMO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GUNJ_DEMO_TOKEN", "t")
    session = connect("demo")
    assert session.address == "127.0.0.1:9"
    assert session.is_demo


def test_the_demo_takes_no_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_DEMO_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("GUNJ_DEMO_TOKEN", "t")
    monkeypatch.setenv("GUNJ_TOKEN", "that of another")
    assert connect("demo").is_demo
    monkeypatch.setenv("GUNJ_URL", "demo")
    for target in ("demo", None):
        with pytest.raises(SettingsError, match="its own"):
            connect(target, token="t")


def test_no_wait_returns_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: Any) -> None:
        raise AssertionError("it waited")

    monkeypatch.setattr(Session, "wait", never)
    assert connect("http://127.0.0.1:1", wait=None).url


def test_nothing_to_connect_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GUNJ_URL", raising=False)
    with pytest.raises(SettingsError, match=r"gunj\.connect"):
        connect()


def test_a_failed_first_attempt_leaves_no_session_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_self: Session, work: Any, _timeout: float = 0) -> None:
        work.close()
        raise GunjError("refused")

    monkeypatch.setattr(Session, "wait", fail)
    with pytest.raises(GunjError, match="refused"):
        connect("http://127.0.0.1:1")
    assert module._sessions == {}


def test_the_token_is_nowhere_in_the_registry() -> None:
    connect("http://127.0.0.1:1", token="canary-token")
    assert "canary-token" not in repr(module._sessions)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_is_told_that_it_has_no_connection_and_may_make_its_own() -> None:
    session = connect("http://127.0.0.1:1")
    read, write = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # forking with threads is what is tested
        pid = os.fork()
    if pid == 0:
        answer: object = "nothing"
        try:
            inherited = session.state, "forked" in session.reason
            own = connect("http://127.0.0.1:1")
            session.manager.reconnect()
            session.close()
            answer = inherited, own is not session, own.state
            own.close()
        except BaseException as error:
            answer = repr(error)
        finally:
            os.write(write, repr(answer).encode())
            os._exit(0)
    os.close(write)
    with open(read, "rb") as answers:  # noqa: PTH123  a file descriptor
        assert answers.read().decode() == repr((("closed", True), True, "open"))
    os.waitpid(pid, 0)
    assert session.state == "open"
    assert connect("http://127.0.0.1:1") is session


def test_beside_an_operator_a_plain_address_gets_no_token_and_a_source_its_own() -> None:
    named = {
        "prometheus": "http://127.0.0.1:1",
        "loki": Source(url="http://127.0.0.1:2", token="loki's"),
        "alertmanager": None,
    }
    found = module._sources("https://gunj.example.com", "operator's", True, False, named)
    assert found["prometheus"].token is None
    assert str(found["loki"].token) == "loki's"
    alone = module._sources(None, "prometheus'", True, False, named)
    assert str(alone["prometheus"].token) == "prometheus'"


def test_other_trusted_hosts_are_another_session() -> None:
    first = connect("http://127.0.0.1:1", token="a")
    assert connect("http://127.0.0.1:1", token="a", trust=()) is first
    assert connect("http://127.0.0.1:1", token="a", trust="prom.example.com") is not first
    assert connect("http://127.0.0.1:1", token="a", discover=False) is not first


WITH_A_SECRET = "https://me:canary@127.0.0.1:1"
REFUSED: dict[str, Callable[[str], object]] = {
    "target": connect,
    "target, no such port": lambda url: connect(url + ":x"),
    "target and query": lambda url: connect("https://127.0.0.1:1?token=canary"),
    "nats": lambda url: connect(url.replace("https", "nats")),
    "prometheus": lambda url: connect(prometheus=url, token="canary"),
    "a source": lambda url: connect("demo", loki=Source(url=url, token="canary")),
    "settings twice": lambda url: connect(url, settings=Settings(), connection={}),
    "environment": lambda url: connect(),
    "login": lambda url: gunj.login(url, password="canary"),
    "a relay": lambda url: gunj.Relay([], url.replace("https", "nats")),
    "a manager": lambda url: gunj.ConnectionManager(url, deliver=lambda _events: None),
}


@pytest.mark.parametrize("way", REFUSED)
def test_an_address_with_a_password_is_refused_and_shown_nowhere(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_URL", WITH_A_SECRET)
    with pytest.raises(GunjError) as caught:
        REFUSED[way](WITH_A_SECRET)
    frames = [
        frame for frame, _ in traceback.walk_tb(caught.value.__traceback__) if frame.f_code.co_filename != __file__
    ]
    assert frames
    shown = [{name: value for name, value in frame.f_locals.items() if name != "self"} for frame in frames]
    assert "canary" not in repr(shown)
    assert "canary" not in f"{caught.value}{caught.value!r}"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("given", [{"target": 5}, {"prometheus": 5}, {"loki": ["http://h"]}])
def test_an_address_that_is_no_text_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(SettingsError, match="an address is text, not"):
        connect(**given)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": 5}, "a token is text or a function that returns one, not of type int"),
        ({"token": b"canary"}, "a token is text or a function that returns one, not of type bytes"),
        ({"verify": "/etc/ca.pem"}, "verify is True, False or an ssl.SSLContext, not '/etc/ca.pem'. A CA of your own"),
        ({"verify": None}, "verify is True, False or an ssl.SSLContext, not None"),
        ({"settings": 5}, "settings are a Settings, not 5"),
        ({"settings": {"connection": {}}}, "settings are a Settings, not dict"),
    ],
)
@pytest.mark.parametrize("target", [{}, {"target": "http://127.0.0.1:1"}, {"prometheus": "http://127.0.0.1:1"}])
def test_what_it_cannot_connect_with_is_refused(
    given: dict[str, Any], words: str, target: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("GUNJ_URL", raising=False)
    with pytest.raises(SettingsError, match=words) as caught:
        connect(**target, **given)
    assert "canary" not in str(caught.value)


def test_hosts_and_a_wait_that_are_none_are_refused() -> None:
    with pytest.raises(SettingsError, match="trusted hosts are names, not 5"):
        connect("http://127.0.0.1:1", trust=5)  # type: ignore[arg-type]  on purpose
    with pytest.raises(SettingsError, match="'soon' is not a duration"):
        connect("http://127.0.0.1:1", wait="soon")
    assert connect("http://127.0.0.1:1", wait="5s").url == "http://127.0.0.1:1"
