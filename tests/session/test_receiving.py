"""What a session says of what is pushed. With real servers: tests/live/sources/test_push.py."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.session.receiving import FRAME
from tests.session.conftest import Rig
from tests.sources.prometheus.test_remote_write import request


def test_nothing_is_pushed_before_somebody_listens(rig: Rig) -> None:
    with pytest.raises(SetupError, match="receive_samples"):
        rig.session.pushed("up")


def test_only_what_was_asked_for_is_kept_and_the_rest_counted(rig: Rig, tmp_path: Path) -> None:
    rt = rig.session
    receiver = rt.receive_samples()
    assert rt.receive_samples() is receiver
    assert receiver.is_open
    body = request(
        ({"__name__": "up", "job": "a"}, [(1_000, 1.0), (2_000, 1.0)]), ({"__name__": "other"}, [(1_000, 5.0)])
    )
    receiver._take(body, "")
    assert (receiver.samples, receiver.unasked, receiver.names) == (0, 3, {"up", "other"})
    frame = rt.pushed("up", window="1m")
    assert rt.pushed(["up"], window=60) is frame
    assert frame.code == "rt.pushed(['up'], window=60)"
    again = rt.pushed("up", window="5m")
    receiver._take(body, "")
    assert frame["up"].tolist() == [1.0, 1.0]
    frame.close()
    receiver._take(body, "")
    assert (receiver.samples, receiver.unasked) == (4, 5)
    again.close()
    receiver._take(body, "")
    assert receiver.samples == 4
    assert "other" not in str(rt.store.frame(FRAME).df.columns)
    assert str(receiver.token) not in receiver.config(tmp_path / "token", "up")
    rt.shut()
    assert not receiver.is_open


def test_a_receiver_that_is_open_has_no_other_port_nor_token(rig: Rig) -> None:
    rt = rig.session
    for receive in (rt.receive_samples, rt.receive_alerts):
        receiver = receive()
        assert receive(port=receiver.port, token=str(receiver.token)) is receiver
        with pytest.raises(SettingsError, match=f"port {receiver.port}, not {receiver.port + 1}"):
            receive(port=receiver.port + 1)
        with pytest.raises(SettingsError, match="another token") as caught:
            receive(token="0123456789abcdef")
        assert "0123456789abcdef" not in str(caught.value)


def test_a_server_whose_clock_is_hours_ahead_expires_nothing_of_the_others(rig: Rig) -> None:
    rt = rig.session
    receiver = rt.receive_samples()
    frame = rt.pushed("up")
    now = int(time.time())
    for job, moment in (("a", now - 500), ("evil", now + 7200), ("a", now)):
        receiver._take(request(({"__name__": "up", "job": job}, [(moment * 1000, 1.0)])), "")
    assert frame["up"].tolist() == [1.0, 1.0]
    assert "evil" in rt.stats().last_problem


def test_a_webhook_wakes_those_who_look(rig: Rig, tmp_path: Path) -> None:
    receiver = rig.session.receive_alerts()
    woken: list[int] = []
    receiver._wake = lambda: woken.append(1)
    receiver._take(b'{"version": "4", "alerts": [{}]}', "application/json")
    assert (receiver.alerts, woken) == (1, [1])
    assert str(receiver.token) not in receiver.config(tmp_path / "token")
