"""A silence that stands at a real Alertmanager: it mutes what fires now and later, until it ends."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, QueryError
from gunj_widgets.session.session import Session
from gunj_widgets.store.matchers import Matcher
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until

HOSTILE = '<img src=x onerror=alert(1)> "\\ \n'


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    made = Stack(tmp_path)
    yield made
    made.close()


@pytest.fixture
def rt(stack: Stack) -> Iterator[Session]:
    yield gunj.connect(alertmanager=stack.alertmanager.url)
    gunj.close_all()


def fire(stack: Stack, name: str, **labels: str) -> None:
    told = json.dumps([{"labels": {"alertname": name, **labels}}]).encode()
    url = f"{stack.alertmanager.url}/api/v2/alerts"
    asked = urllib.request.Request(url, told, {"Content-Type": "application/json"})
    urllib.request.urlopen(asked, timeout=5).close()


def muted(rt: Session) -> set[str]:
    return {a.name for a in rt.alerts.active if (a.silenced_until or 0) > time.time()}


def test_a_later_alert_is_muted_too_until_the_silence_ends(stack: Stack, rt: Session) -> None:
    fire(stack, "Early", team=HOSTILE, severity="critical")
    fire(stack, "Other", team="b")
    until(lambda: len(rt.alerts) == 2)
    written = f'{Matcher("team", "=", HOSTILE)}, alertname=~"(Early|La.*)", severity!="b"'
    done = rt.alerts.silence(matchers=written, duration="10m", by="mira", comment=HOSTILE)
    assert [a.name for a in rt.alerts.active if a.fingerprint in done.alerts] == ["Early"]
    until(lambda: muted(rt) == {"Early"})
    fire(stack, "Later", team=HOSTILE)
    until(lambda: muted(rt) == {"Early", "Later"})
    states = {a["labels"]["alertname"]: a["status"] for a in stack.alertmanager.get("/api/v2/alerts")}
    assert states["Later"]["state"] == "suppressed"
    assert states["Later"]["silencedBy"] == [done.id]
    assert states["Other"]["silencedBy"] == []
    listed = rt.silences().loc[done.id]
    assert (listed["state"], listed["by"], listed["comment"]) == ("active", "mira", HOSTILE)
    assert listed["matchers"] == done.matchers
    assert abs(listed["ends"].timestamp() - done.until) < 5
    rt.expire_silence(done.id)
    until(lambda: muted(rt) == set())
    assert len(rt.silences()) == 0
    with pytest.raises(QueryError, match="no such silence"):
        rt.expire_silence("00000000-0000-0000-0000-000000000000")


def test_it_may_be_made_before_anything_fires_and_one_silence_is_all(stack: Stack, rt: Session) -> None:
    done = rt.alerts.silence(matchers='job="backup"', duration=600)
    assert done.alerts == []
    for name in ("A", "B", "C"):
        fire(stack, name, job="backup")
    until(lambda: muted(rt) == {"A", "B", "C"})
    assert rt.silences().index.tolist() == [done.id]


def test_a_refusal_and_one_that_is_gone_say_what_to_do(stack: Stack, rt: Session) -> None:
    with pytest.raises(QueryError, match="Alertmanager answered 400: .* Use labels that Alertmanager has"):
        rt.alerts.silence(matchers='job=~".*"')  # it would mute everything
    with pytest.raises(QueryError, match="Alertmanager answered 400"):
        rt.alerts.silence(matchers='a.b="x"')
    assert len(rt.silences()) == 0
    stack.alertmanager.kill()
    with pytest.raises(ConnectError, match=r"nothing listens on 127.* Check that Alertmanager runs there"):
        rt.alerts.silence(matchers='job="x"')
    stack.alertmanager.start()
    assert rt.alerts.silence(matchers='job="x"').id
