"""`%gunj`: each line does what it says, the tab key knows what there is, and what is wrong is said in words."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import gunj_widgets as gunj
from gunj_widgets.errors import SetupError, UnknownPlatformError
from gunj_widgets.session.handles import LiveLogs, LiveMetrics, PlatformHandle
from gunj_widgets.widgets import magic
from gunj_widgets.widgets.magic import completions, run
from tests.session.conftest import Rig, until


@pytest.fixture
def names() -> Iterator[dict[str, Any]]:
    rig = Rig()
    rig.do(rig.operator.platform, "production", namespace="observability", phase="Ready")
    rt = rig.session.wait_ready(5)
    rt.metrics("production")
    rows = [{"time": 1_750_000_000.0, "value": 1.0, "labels": {}}]
    rig.publish("platform.production.metrics.cpu_usage", {"metric": "cpu_usage", "samples": rows})
    until(lambda: rt.store.frame("production").series)
    yield {"rt": rt}
    rt.shut()


def test_each_line_gives_what_it_says(names: dict[str, Any]) -> None:
    rt = names["rt"]
    assert run("", names) is rt
    assert run("alerts", names) is rt.alerts
    assert run("events", names) is rt.events
    assert rt.events.view().kind == "events"
    assert run("timeline", names) is rt.timeline
    card, chart, logs = (
        run(line, names) for line in ("production", "production cpu_usage", "logs production 'disk full'")
    )
    assert (type(card), type(chart), type(logs)) == (PlatformHandle, LiveMetrics, LiveLogs)
    assert chart.names == ("cpu_usage",)
    assert "disk full" in logs.title


def test_connect_gives_the_session_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, ...]] = []
    monkeypatch.setattr(magic, "connect", lambda *target: asked.append(target) or "session")
    space: dict[str, Any] = {}
    assert run("connect demo", space) == "session"
    assert run("connect", space) == "session"
    assert (asked, space) == ([("demo",), ()], {"rt": "session"})


def test_the_tab_key_knows_what_there_is(names: dict[str, Any]) -> None:
    assert completions("%gunj pro", names) == ["production"]
    assert completions("%gunj production ", names) == ["cpu_usage"]
    assert completions("%gunj logs ", names) == ["production"]
    assert completions("%gunj connect d", names) == ["demo"]
    assert {"alerts", "connect", "production"} <= set(completions("%gunj ", names))
    assert completions("%gunj ", {}) == ["connect", "help"]
    assert names["rt"].metrics("production")._ipython_key_completions_() == ["cpu_usage"]


def test_what_is_wrong_is_said(names: dict[str, Any]) -> None:
    with pytest.raises(SetupError, match="no open session"):
        run("alerts", {})
    with pytest.raises(SetupError, match="needs a platform"):
        run("logs", names)
    with pytest.raises(SetupError, match="shows them all"):
        run("alerts critical", names)
    with pytest.raises(SetupError, match="takes an address"):
        run("connect demo token", names)
    with pytest.raises(UnknownPlatformError):
        run("nowhere", names)


def test_ipython_knows_it_after_load_ext(names: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    shell = InteractiveShell()
    shell.user_ns.update(names)
    gunj.load_ipython_extension(shell)
    assert shell.run_line_magic("gunj", "alerts") is names["rt"].alerts
    shell.run_line_magic("gunj", "help")
    assert "%gunj logs PLATFORM" in capsys.readouterr().out
    with pytest.raises(SetupError, match="cannot be read"):
        shell.run_line_magic("gunj", "logs 'unclosed")
