"""The last resort, and the legacy dialect's snapshot: the same facts by plain REST."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.intake import Intake
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.transport import Network, Refused
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.events.values import mapping, moment, sequence, text
from gunj_widgets.settings import ConnectionSettings

__all__ = ["PollingTransport", "fetch"]

API = "/api/v1"
LOOK_AGAIN = 300.0
"""Seconds of polling after which a stream is tried again."""
LOG_LIMIT = 500
"""Log lines asked for at once."""


class PollingTransport:
    """Asks for one interest's state again and again. Between two looks only logs and samples are not missed."""

    def __init__(
        self,
        interest: Interest,
        network: Network,
        *,
        auth: Auth,
        intake: Intake,
        clock: Clock,
        settings: ConnectionSettings,
    ) -> None:
        self.interest = interest
        self._network = network
        self._auth = auth
        self._intake = intake
        self._clock = clock
        self._settings = settings
        self._since: float | None = None
        self._firing: dict[str, Event] = {}
        self.over = False
        """Whether it ended because it is time to look for a better way again."""

    async def attempt(self, supervisor: Supervisor) -> None:
        """Poll until something goes wrong or LOOK_AGAIN is over; raises Refused."""
        opened = False
        until = self._clock.monotonic() + LOOK_AGAIN
        while True:
            now = self._clock.time()
            headers = await self._auth.headers()
            events = await fetch(self._network, headers, self.interest, since=self._since, now=now)
            supervisor.heard(self._clock.time())
            if not opened:
                opened = True
                supervisor.reached()
                supervisor.opened()
            if self.interest.target == "alerts":
                events = self._ended(events, now)
            self._since = now
            self._intake.facts(events, self._intake.track(self.interest))
            self._intake.flush()
            await self._clock.sleep(self._settings.poll_interval)
            if self._clock.monotonic() >= until:
                self.over = True
                raise Refused("protocol", "time to look for a stream again")

    def _ended(self, events: list[Event], now: float) -> list[Event]:
        """Add a `resolved` for every alert that is no longer among the active ones."""
        firing = {event.topic.split(".")[1]: event for event in events}
        gone = [event for name, event in self._firing.items() if name not in firing]
        self._firing = firing
        resolved = [
            Event(
                topic=f"alert.{event.topic.split('.')[1]}.resolved",
                data={**event.data, "status": "resolved", "endsAt": now},
                time=now,
                arrived=now,
                source="poll",
            )
            for event in gone
        ]
        return events + resolved


async def fetch(
    network: Network, headers: Mapping[str, str], interest: Interest, *, since: float | None, now: float
) -> list[Event]:
    """Return an interest's present state as events; `since` (epoch seconds) bounds logs and samples. Raises Refused."""
    base = f"{API}/platforms/{quote(interest.platform or '', safe='')}"
    platform = interest.platform or ""
    if interest.target == "platforms":
        items = await _items(network, headers, f"{API}/platforms")
        return [_event(now, item, "platform", text(item, "id", "name"), "status") for item in items]
    if interest.target == "alerts":
        items = await _items(network, headers, f"{API}/alerts/active")
        return [_event(now, item, "alert", text(item, "fingerprint", "id", "name"), "firing") for item in items]
    if interest.target == "metrics":
        query = {"names": ",".join(interest.metrics), "since": "" if since is None else repr(since)}
        items = await _items(network, headers, f"{base}/metrics{_query(query)}")
        return [_event(now, item, "platform", platform, "metrics", text(item, "metric", "name")) for item in items]
    if interest.target == "logs":
        query = {
            "since": "" if since is None else repr(since),
            "limit": str(LOG_LIMIT),
            "component": interest.component or "",
        }
        items = await _items(network, headers, f"{base}/logs{_query(query)}")
        return [
            _event(now, item, "platform", platform, "logs", text(item, "component") or "platform") for item in items
        ]
    status = await _get(network, headers, base)
    events = await _items(network, headers, f"{base}/events")
    return [
        _event(now, mapping(status, "a platform"), "platform", platform, "status"),
        *(_event(now, item, "platform", platform, "events") for item in events),
    ]


async def _get(network: Network, headers: Mapping[str, str], path: str) -> Any:
    reply = await network.request("GET", path, headers)
    if reply.status != 200:
        raise Refused(
            "status", f"{path.partition('?')[0]} answered {reply.status}", status=reply.status, headers=reply.headers
        )
    kind = reply.headers.get("content-type", "")
    if kind.startswith("text/html"):
        raise Refused("content", f"{path.partition('?')[0]} answered with a web page", headers=reply.headers)
    return codec.parse(reply.body)


async def _items(network: Network, headers: Mapping[str, str], path: str) -> list[dict[str, Any]]:
    """Return the list in an answer: `{items}`, `{data: {items}}` or the list itself."""
    answer = await _get(network, headers, path)
    if isinstance(answer, dict):
        inner = answer.get("items", answer.get("data"))
        answer = inner.get("items") if isinstance(inner, dict) else inner
    return [mapping(item, "an item") for item in sequence(answer, "items")]


def _event(now: float, item: dict[str, Any], *names: str) -> Event:
    if not all(names):
        raise RemoteProtocolError("an item in an answer has no name")
    time = moment(item.get("timestamp"))
    return Event(topic=topic(*names), data=item, time=time, arrived=now, source="poll")


def _query(fields: dict[str, str]) -> str:
    given = {name: value for name, value in fields.items() if value}
    return f"?{urlencode(given)}" if given else ""
