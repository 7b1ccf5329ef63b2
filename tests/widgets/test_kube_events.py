"""What the events channel tells the browser."""

from __future__ import annotations

from gunj_widgets.events.records import KubeEvent, Platform
from gunj_widgets.widgets.channel import Buffers
from gunj_widgets.widgets.kube_events import NEWEST, EventsChannel
from tests.widgets.stub import StubFeed, StubSession


def test_newest_first_counted_and_bounded() -> None:
    session = StubSession()
    channel = EventsChannel("events:1:", StubFeed(), session, None)  # type: ignore[arg-type]
    session.store.events.append(KubeEvent(reason="BackOff", message="m" * 9_000, count=1, first=1.0, last=1.0))
    session.store.events.append(KubeEvent(reason="Pulled", last=2.0, platform="p1"))
    session.store.events.append(KubeEvent(reason="BackOff", message="m" * 9_000, count=4, first=1.0, last=3.0))
    body = channel.snap(Buffers(), 5.0)
    assert [(e["reason"], e["count"], e["firstMs"], e["tMs"]) for e in body["events"]] == [
        ("BackOff", 4, 1000.0, 3000.0),
        ("Pulled", 1, None, 2000.0),
    ]
    assert len(body["events"][0]["message"]) == 2_000
    assert body["total"] == 2


def test_one_platform_and_the_newest_of_many() -> None:
    session = StubSession()
    session.store.platforms.put(Platform(id="p1", name="production"))
    handle = session.handle("p1")
    for n in range(NEWEST + 50):
        session.store.events.append(KubeEvent(reason=f"r{n}", last=float(n), platform="p1"))
    session.store.events.append(KubeEvent(reason="other", last=999.0, platform="p2"))
    body = EventsChannel("events:1:p1", StubFeed(), session, handle).snap(Buffers(), 5.0)  # type: ignore[arg-type]
    assert body["total"] == len(handle.events)
    assert body["events"][0]["reason"] == f"r{NEWEST + 49}"
    assert len(body["events"]) <= NEWEST
