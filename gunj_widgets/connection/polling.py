"""The last resort, and the legacy dialect's snapshot: the same facts by plain REST."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import quote, urlencode

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.clock import Clock
from gunj_widgets.connection.intake import Intake
from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.lifecycle import State
from gunj_widgets.connection.supervisor import Supervisor
from gunj_widgets.connection.transport import Network, Refused
from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events import codec
from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import topic
from gunj_widgets.events.values import mapping, moment, sequence, text
from gunj_widgets.settings import ConnectionSettings

__all__ = ["Known", "PollingTransport", "fetch"]

API = "/api/v1"
LOOK_AGAIN, LOOK_SOON = 300.0, 30.0
"""Seconds of polling after which a stream is tried again; soon, where one has passed before."""
LOG_LIMIT = 500
"""Log lines asked for at once."""
UNCHANGED = object()
MAX_TAGS = 8
TAG = re.compile(r'(W/)?"[!#-~]{1,200}"')
"""What an entity tag looks like; anything else a server says is not sent back to it."""


class PollingTransport:
    """Asks for one interest's state again and again, every `poll_interval`; what did not change is not sent again.

    Between two looks only logs and samples are not missed. Its state is `polling`, never `open`.
    """

    def __init__(
        self,
        interest: Interest,
        network: Network,
        *,
        auth: Auth,
        intake: Intake,
        clock: Clock,
        settings: ConnectionSettings,
        soon: bool = False,
    ) -> None:
        self.interest = interest
        self._network = network
        self._auth = auth
        self._intake = intake
        self._clock = clock
        self._settings = settings
        self._look_again = LOOK_SOON if soon else LOOK_AGAIN
        self._since: float | None = None
        """The newest time the server told of, by its own clock."""
        self._known = Known()
        self._firing: dict[str, Event] = {}
        self.over = False
        """Whether it ended because it is time to look for a better way again."""

    async def attempt(self, supervisor: Supervisor) -> None:
        """Poll until something goes wrong or it is time to look for a stream; raises Refused."""
        until = self._clock.monotonic() + self._look_again
        while True:
            now = self._clock.time()
            headers = await self._auth.headers()
            events = await fetch(self._network, headers, self.interest, since=self._since, now=now, known=self._known)
            supervisor.heard(self._clock.time())
            if supervisor.state is not State.POLLING:
                supervisor.reached()
                supervisor.polled()
            if self.interest.target == "alerts" and not self._known.unchanged:
                events = self._ended(events, now)
            self._since = _newest(events, self._since)
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


class Known:
    """Entity tags by path: an answer that has not changed since is not sent again (304), and tells nothing new."""

    def __init__(self) -> None:
        self.tags: dict[str, str] = {}
        self.unchanged = False
        """Whether the last fetch told nothing new at all."""


async def fetch(
    network: Network,
    headers: Mapping[str, str],
    interest: Interest,
    *,
    since: float | None,
    now: float,
    known: Known | None = None,
) -> list[Event]:
    """Return an interest's present state as events; `since` (epoch seconds) bounds logs and samples. Raises Refused.

    With `known`, what has not changed since the last fetch is left out.
    """
    known = known or Known()
    known.unchanged = True
    ask = partial(_get, network, headers, known)
    base = f"{API}/platforms/{quote(interest.platform or '', safe='')}"
    platform = interest.platform or ""
    if interest.target == "platforms":
        items = _items(await ask(f"{API}/platforms"))
        return [_event(now, item, "platform", _id_of(item), "status") for item in items]
    if interest.target == "alerts":
        items = _items(await ask(f"{API}/alerts/active"))
        return [_event(now, item, "alert", text(item, "fingerprint", "id", "name"), "firing") for item in items]
    if interest.target == "metrics":
        query = {"names": ",".join(interest.metrics), "since": "" if since is None else repr(since)}
        items = _items(await ask(f"{base}/metrics{_query(query)}"))
        return [_event(now, item, "platform", platform, "metrics", text(item, "metric", "name")) for item in items]
    if interest.target == "logs":
        query = {
            "since": "" if since is None else repr(since),
            "limit": str(LOG_LIMIT),
            "component": interest.component or "",
        }
        items = _items(await ask(f"{base}/logs{_query(query)}"))
        return [
            _event(now, item, "platform", platform, "logs", text(item, "component") or "platform") for item in items
        ]
    status = await ask(base)
    events = _items(await ask(f"{base}/events"))
    found = [] if status is UNCHANGED else [mapping(status, "a platform")]
    return [
        *(_event(now, item, "platform", platform, "status") for item in found),
        *(_event(now, item, "platform", platform, "events") for item in events),
    ]


async def _get(network: Network, headers: Mapping[str, str], known: Known, path: str) -> Any:
    """Return the JSON of an answer, UNCHANGED where the server says that we have it already."""
    tag = known.tags.get(path)
    reply = await network.request("GET", path, {**headers, "If-None-Match": tag} if tag else headers)
    if reply.status == 304 and tag:
        return UNCHANGED
    known.unchanged = False
    if reply.status != 200:
        raise Refused(
            "status", f"{path.partition('?')[0]} answered {reply.status}", status=reply.status, headers=reply.headers
        )
    kind = reply.headers.get("content-type", "")
    if kind.startswith("text/html"):
        raise Refused("content", f"{path.partition('?')[0]} answered with a web page", headers=reply.headers)
    answer = codec.parse(reply.body)
    known.tags.pop(path, None)
    tag = reply.headers.get("etag", "")
    if TAG.fullmatch(tag):
        known.tags[path] = tag
        while len(known.tags) > MAX_TAGS:
            del known.tags[next(iter(known.tags))]
    return answer


def _items(answer: Any) -> list[dict[str, Any]]:
    """Return the list in an answer: `{items}`, `{data: {items}}` or the list itself."""
    if answer is UNCHANGED:
        return []
    if isinstance(answer, dict):
        inner = answer.get("items", answer.get("data"))
        answer = inner.get("items") if isinstance(inner, dict) else inner
    return [mapping(item, "an item") for item in sequence(answer, "items")]


def _id_of(item: dict[str, Any]) -> str:
    """Return a platform's handle; the public operator lists Kubernetes objects, and knows them by their names."""
    about = item.get("metadata")
    return text(item, "id", "name") or (text(about, "name") if isinstance(about, dict) else "")


def _event(now: float, item: dict[str, Any], *names: str) -> Event:
    if not all(names):
        raise RemoteProtocolError("an item in an answer has no name")
    time = moment(item.get("timestamp"))
    return Event(topic=topic(*names), data=item, time=time, arrived=now, source="poll")


def _newest(events: list[Event], before: float | None) -> float | None:
    """Return the latest time in what was polled, by the server's clock, which may be wrong but is the one it compares."""
    times = [event.time for event in events]
    for event in events:
        series = event.data.get("series")
        columns = [s.get("times") for s in series if isinstance(s, dict)] if isinstance(series, list) else []
        times += [moment(column[-1]) for column in columns if isinstance(column, list) and column]
    return max((time for time in [*times, before] if time is not None), default=None)


def _query(fields: dict[str, str]) -> str:
    given = {name: value for name, value in fields.items() if value}
    return f"?{urlencode(given)}" if given else ""
