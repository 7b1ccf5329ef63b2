"""Questions to an Alertmanager, as a recorded one answers them."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError, SettingsError
from gunj_widgets.sources.alertmanager.client import AlertmanagerClient
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, FakeNetwork, backend, recorded


def client(answer: Answer) -> tuple[AlertmanagerClient, FakeNetwork]:
    network = FakeNetwork(lambda path, asked: answer)
    return AlertmanagerClient(backend(network, FakeClock(1_750_000_000.0))), network


async def test_alerts_by_filter() -> None:
    one, network = client(recorded("alertmanager", "alerts"))
    assert len(await one.alerts(['severity="critical"', 'job=~"a.*"'])) == len(recorded("alertmanager", "alerts")[1])
    assert network.asked == [("GET", "/api/v2/alerts", {"filter": ['severity="critical"', 'job=~"a.*"']}, None)]


async def test_groups_and_silences() -> None:
    assert (await client(recorded("alertmanager", "alerts_groups"))[0].groups())[0]["alerts"]
    assert (await client(recorded("alertmanager", "silences"))[0].silences())[0]["status"]["state"] == "expired"


async def test_a_silence_says_who_why_and_until_when() -> None:
    one, network = client((200, {"silenceID": "s1"}))
    assert await one.silence([{"name": "a"}], 60.0, "me", "because") == "s1"
    method, path, _, body = network.asked[0]
    assert (method, path) == ("POST", "/api/v2/silences")
    assert body == {
        "matchers": [{"name": "a"}],
        "startsAt": "2025-06-15T15:06:40.000Z",
        "endsAt": "2025-06-15T15:07:40.000Z",
        "createdBy": "me",
        "comment": "because",
    }
    with pytest.raises(RemoteProtocolError, match="did not tell its id"):
        await client((200, {}))[0].silence([], 1.0, "", "")
    with pytest.raises(QueryError, match="bad matcher. Use labels that Alertmanager has"):
        await client((400, "bad matcher"))[0].silence([], 1.0, "", "")
    with pytest.raises(QueryError, match="answered 500") as broken:
        await client((500, None))[0].silence([], 1.0, "", "")
    assert "labels" not in broken.value.remedy
    for never in (0.0, -1.0, 1e12, float("nan"), float("inf")):
        with pytest.raises(SettingsError, match="ten years"):
            await one.silence([], never, "", "")


async def test_an_unknown_silence_cannot_be_ended() -> None:
    one, network = client((200, None))
    await one.expire("a/b")
    assert network.asked[0][:2] == ("DELETE", "/api/v2/silence/a%2Fb")
    for unknown in ((404, None), (500, "silence not found")):
        with pytest.raises(QueryError, match="no such silence: s1. rt.silences"):
            await client(unknown)[0].expire("s1")
    with pytest.raises(QueryError, match="answered 500: disk full"):
        await client((500, "disk full"))[0].expire("s1")


async def test_what_answers_is_an_alertmanager_or_not() -> None:
    assert (await client(recorded("alertmanager", "status"))[0].version()).startswith("0.25")
    with pytest.raises(ConnectError, match="is no Alertmanager"):
        await client((404, b"404 page not found"))[0].version()
