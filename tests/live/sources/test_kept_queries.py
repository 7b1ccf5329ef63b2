"""What a real Prometheus was asked, for others: in a recording, and in a shared history by way of a real nats-server."""

from __future__ import annotations

from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SetupError
from gunj_widgets.session.session import Session
from tests.live.client import wait_for
from tests.live.jetstream.servers import NatsServer
from tests.live.sources.loki import LokiServer

EXPRESSION = 'node_load1 or node_memory_MemFree_bytes{job="node"}'
RAW = "up"


def test_a_recording_has_what_was_asked(rt: Session, tmp_path: Path) -> None:
    before = rt.promql(RAW, window="2m")
    wait_for(lambda: len(before.df) > 3, 20)
    with rt.record(tmp_path / "a.gunj"):
        later = rt.promql(EXPRESSION, window="5m", step=1)
        rows = before.stats().rows
        wait_for(lambda: before.stats().rows > rows + 6 and len(later.df) > 3, 20)
        was = {name: frame.df for name, frame in ((RAW, before), (EXPRESSION, later))}
    back = gunj.replay(tmp_path / "a.gunj")
    back.player.seek(back.player.end_time)
    assert list(back.queries.df["expression"]) == [RAW, EXPRESSION]
    for expression, df in was.items():
        frame = back.promql(expression, window="2m")
        assert frame.status.phase == "told"
        found = frame.df.loc[df.index[0] : df.index[-1], df.columns]
        assert found.equals(df.loc[found.index[0] :])
        assert len(found) >= len(df) - 1
    with pytest.raises(SetupError, match="nobody asked") as caught:
        back.promql("down")
    assert RAW in caught.value.remedy
    back.shut()


def test_a_shared_history_has_what_relays_ask(rt: Session, tmp_path: Path) -> None:
    asked = rt.promql(RAW, window="2m")
    with NatsServer(tmp_path / "nats") as server, gunj.Relay([rt], server.url):
        reader = gunj.connect(server.url)
        reader.wait_ready()
        wait_for(lambda: len(reader.queries) == 1, 10)
        frame = reader.promql(RAW, window="2m")
        rows = asked.stats().rows
        wait_for(lambda: asked.stats().rows > rows + 6 and frame.stats().rows > rows, 20)
        wait_for(lambda: frame.df.index[-1] >= asked.df.index[-2], 10)
        mine, theirs = asked.df, frame.df
        shared = theirs.index.intersection(mine.index)
        assert len(shared) >= len(mine) - 3
        assert theirs.loc[shared, mine.columns].equals(mine.loc[shared])
        reader.shut()


def test_a_recording_has_the_lines_that_were_asked_for(tmp_path: Path) -> None:
    loki = LokiServer()
    try:
        live = gunj.connect(loki=loki.url)
        loki.push([f"old {n}" for n in range(2000)], app="api", level="info")
        with live.record(tmp_path / "a.gunj"):
            logs = live.logql('{app="api"}', rows=3000)
            wait_for(lambda: logs.status.tail)
            loki.push([f"new {n}" for n in range(1500)], app="api", level="error")
            wait_for(lambda: logs.total == 3500, 20)
        back = gunj.replay(tmp_path / "a.gunj")
        back.player.seek(back.player.end_time)
        found = back.logql('{app="api"}')
        assert (found.status.phase, found.notice) == ("told", "")
        assert found.df.drop(columns="platform").equals(logs.df.drop(columns="platform"))  # to the nanosecond
        assert back.logql('{app="api"}', level="info").filtered == 1500
    finally:
        gunj.close_all()
        loki.close()
