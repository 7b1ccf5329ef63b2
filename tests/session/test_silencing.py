"""Silencing beside an operator: matchers stand at the session's Alertmanager, and what was done is said."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from gunj_widgets.connection.loop import get_io
from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import CommandError, ConnectError, QueryError, SettingsError
from gunj_widgets.session import actions
from gunj_widgets.session.silencing import Silenced, who_and_why
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.source import Source
from tests.session.conftest import Rig, until
from tests.sources.fake import Answer, FakeNetwork, recorded

HOSTILE = "<img src=x onerror=alert(1)>\u202e"


class Alertmanager:
    """One with an alert, beside the operator of a rig."""

    def __init__(self, rig: Rig) -> None:
        labels = {"alertname": "DiskFull", "job": "node"}
        self.alerts = [{"fingerprint": "d", "labels": labels, "status": {"state": "active", "silencedBy": []}}]
        self.silences: Answer = (200, {"silenceID": "s1"})
        self.network = FakeNetwork(self.answer)
        assert rig.session.backends is not None
        rig.session.backends.close()
        rig.session.backends = SourceManager(
            {"alertmanager": Source.of("http://127.0.0.1:9093")},
            deliver=rig.session._memory.take,
            io=get_io(),
            networks={"alertmanager": self.network},
        )
        rig.session.backends.start()
        rig.session.wait_ready(5)
        told = {"fingerprint": "o", "name": "Own", "severity": "warning", "labels": {"job": "node"}}
        rig.publish("alert.o.firing", told)
        until(lambda: len(rig.session.alerts) == 2)

    def answer(self, path: str, asked: dict[str, list[str]]) -> Answer:
        if path == "/api/v2/alerts":
            return 200, self.alerts
        return recorded("alertmanager", "status") if path == "/api/v2/status" else self.silences

    @property
    def asked(self) -> list[Any]:
        return [one for one in self.network.asked if one[0] != "GET"]


@pytest.fixture
def beside(rig: Rig) -> Alertmanager:
    return Alertmanager(rig)


def test_matchers_are_one_silence_that_stands_and_says_so(rig: Rig, beside: Alertmanager) -> None:
    rt = rig.session
    done = rt.alerts.silence(matchers='job=~"node"', duration="2h", by="mira", comment=HOSTILE)
    [(method, path, _, body)] = beside.asked
    assert (method, path, body["createdBy"], body["comment"]) == ("POST", "/api/v2/silences", "mira", HOSTILE)
    assert body["matchers"] == [{"name": "job", "value": "node", "isRegex": True, "isEqual": True}]
    assert (done.id, done.matchers, done.by, done.comment) == ("s1", 'job=~"node"', "mira", HOSTILE)
    assert done.alerts == ["d"], "what the operator alone tells of is not the Alertmanager's to mute"
    assert 7190 < done.until - rt.now() <= 7200
    said = repr(done)
    for part in ("one standing silence at Alertmanager at 127.0.0.1:9093", "1 alert now, and later ones", "'s1'"):
        assert part in said
    rt.expire_silence(done.id)
    assert beside.asked[-1][:2] == ("DELETE", "/api/v2/silence/s1")


def test_it_goes_by_the_alertmanagers_own_labels_and_may_be_for_later_alerts_alone(
    rig: Rig, beside: Alertmanager
) -> None:
    done = rig.session.alerts.silence(matchers='severity="unknown", state="firing"')
    assert (done.alerts, done.id) == ([], "s1")
    assert len(beside.asked) == 1


def test_one_alert_is_silenced_by_itself_whoever_tells_it(rig: Rig, beside: Alertmanager) -> None:
    done = rig.session.alerts.silence("d")
    assert (done.alerts, done.id) == (["d"], "")
    assert [m["name"] for m in beside.asked[0][3]["matchers"]] == ["alertname", "job"]


def test_no_silence_is_asked_for_by_matchers_that_are_wrong(rig: Rig, beside: Alertmanager) -> None:
    for wrong in ("words", 'job=~"("', 'job="'):
        with pytest.raises(SettingsError):
            rig.session.alerts.silence(matchers=wrong)
    assert beside.asked == []


@pytest.mark.parametrize("written", ['team=""', 'team=~".*"', 'team="", job=~"(node)?"'])
def test_matchers_that_ask_for_nothing_mute_nothing(rig: Rig, written: str) -> None:
    rig.session.wait_ready(5)
    rig.publish("alert.o.firing", {"fingerprint": "o", "name": "Own", "severity": "warning"})
    until(lambda: len(rig.session.alerts) == 1)
    with pytest.raises(SettingsError, match="mutes every alert that does not have these labels"):
        rig.session.alerts.silence(matchers=written)
    assert rig.session.alerts.active


def test_a_refusal_and_one_that_is_away_are_told_with_what_to_do(rig: Rig, beside: Alertmanager) -> None:
    beside.silences = (400, "at least one matcher must not match the empty string")
    with pytest.raises(QueryError, match="must not match the empty string. Use labels that Alertmanager has"):
        rig.session.alerts.silence(matchers='job!="x"')
    beside.silences = Refused("network", "nothing listens on it")
    with pytest.raises(ConnectError, match="nothing listens on it. Check that Alertmanager runs there"):
        rig.session.alerts.silence(matchers='job="node"')


def test_one_that_hangs_is_told_before_a_view_gives_up(
    rig: Rig, beside: Alertmanager, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def never(*_: object, **__: object) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(actions, "STANDS_WITHIN", 0.01)
    monkeypatch.setattr(beside.network, "request", never)
    with pytest.raises(ConnectError, match=r"did not answer within 0.01 s. It may have done so .* rt.silences\(\)"):
        rig.session.alerts.silence(matchers='job="node"')


async def test_a_form_makes_one_and_ends_it(rig: Rig, beside: Alertmanager) -> None:
    def act(verb: str, **args: Any) -> Any:
        return rig.session.wait(rig.session.act(verb, args))

    assert await asyncio.to_thread(act, "silence", matchers='job="node"', duration=60) == ["s1"]
    assert beside.asked[-1][3]["createdBy"] == "notebook"
    assert await asyncio.to_thread(act, "expire", silence="s1") == []
    with pytest.raises(SettingsError):
        await asyncio.to_thread(act, "silence", matchers="words", duration=60)


async def test_none_stands_where_there_is_no_alertmanager(rig: Rig) -> None:
    assert rig.session.silencer() is None
    with pytest.raises(CommandError, match="Silence each alert by itself"):
        await rig.session.act("silence", {"matchers": 'job="node"'})


def test_what_was_said_is_bounded_and_hostile_words_remain_text() -> None:
    assert who_and_why("", None) == ("notebook", "from a notebook")
    assert [len(said) for said in who_and_why("x" * 999, "y" * 999)] == [200, 200]
    said = repr(Silenced(["a"], 0.0, HOSTILE, "", "s1", f'job="{HOSTILE}\n"', HOSTILE))
    assert "\u202e" not in said
    assert "\n" not in said
