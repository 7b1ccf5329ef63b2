"""Questions to an Alertmanager: alerts, groups, silences, and who is told."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec

from gunj_widgets.connection.transport import Reply
from gunj_widgets.errors import ConnectError, QueryError, RemoteProtocolError, SettingsError
from gunj_widgets.sources.alertmanager.replies import Fields, decode_list, refusal
from gunj_widgets.sources.backend import Backend

__all__ = ["AlertmanagerClient"]

MAX_DURATION = 10 * 366 * 86_400.0
"""Seconds of a silence: beyond that lies a mistake, and in the end no date."""
LABELS = "Use labels that Alertmanager has; at least one matcher must not accept a label that is missing."
"""What helps where it refuses matchers: it takes no silence that would mute everything."""


class AlertmanagerClient:
    """The API v2. `filters` are written as Alertmanager writes them: `severity="critical"`, `job=~"api.*"`."""

    def __init__(self, backend: Backend) -> None:
        self.backend = backend

    async def alerts(self, filters: Sequence[str] = ()) -> list[Fields]:
        """Return the active alerts, silenced and inhibited ones included; what is not among them is resolved."""
        return await self._list("/api/v2/alerts", filters)

    async def groups(self, filters: Sequence[str] = ()) -> list[Fields]:
        """Return the alerts as they are grouped for each receiver."""
        return await self._list("/api/v2/alerts/groups", filters)

    async def silences(self, filters: Sequence[str] = ()) -> list[Fields]:
        """Return all silences, expired ones included: `status.state` says."""
        return await self._list("/api/v2/silences", filters)

    async def silence(self, matchers: Sequence[Fields], duration: float, by: str, comment: str) -> str:
        """Silence what matches from now on, for `duration` seconds; return the silence's id.

        QueryError where it is refused, ConnectError where nobody answers, SettingsError for no duration of ten years at most.
        """
        if not 0 < duration <= MAX_DURATION:
            raise SettingsError(f"a silence of {duration:g} s", "Give at most ten years.")
        now = self.backend.now()
        body = {
            "matchers": list(matchers),
            "startsAt": _moment(now),
            "endsAt": _moment(now + duration),
            "createdBy": by,
            "comment": comment,
        }
        try:
            reply = await self._ok("POST", "/api/v2/silences", body)
        except QueryError as error:
            remedy = LABELS if error.status == 400 else error.remedy
            raise QueryError(error.problem, remedy, status=error.status) from None
        try:
            return str(msgspec.json.decode(reply.body)["silenceID"])
        except (msgspec.DecodeError, KeyError, TypeError):
            raise RemoteProtocolError(
                "Alertmanager took the silence, but did not tell its id", "rt.silences() tells it."
            ) from None

    async def expire(self, silence: str) -> None:
        """End a silence now; QueryError where there is none of that id."""
        await self._ok("DELETE", f"/api/v2/silence/{quote(silence, safe='')}")

    async def version(self) -> str:
        """Return the server's version; ConnectError where what answers is no Alertmanager."""
        reply = await self.backend.get("/api/v2/status")
        try:
            found: Any = msgspec.json.decode(reply.body)
            return str(found["versionInfo"]["version"])[:40]
        except (msgspec.DecodeError, KeyError, TypeError, RecursionError):
            raise ConnectError(
                f"{self.backend.url} answers, but is no Alertmanager ({reply.status})",
                "Give the address under which /api/v2/status is served, with its prefix if it has one.",
                status=reply.status,
            ) from None

    async def _list(self, path: str, filters: Sequence[str]) -> list[Fields]:
        reply = await self.backend.get(path, {"filter": list(filters)} if filters else None)
        if reply.status != 200:
            raise refusal(reply.status, reply.body)
        return decode_list(reply.body)

    async def _ok(self, method: str, path: str, body: Any = None) -> Reply:
        reply = await self.backend.ask(method, path, body)
        if not 200 <= reply.status < 300:
            error = refusal(reply.status, reply.body)
            # 0.25 answers 500 to an id that it does not know.
            if method == "DELETE" and (reply.status == 404 or "not found" in error.problem):
                unknown = f"there is no such silence: {path.rpartition('/')[2][:60]}"
                raise QueryError(unknown, "rt.silences() tells those that stand.", status=reply.status)
            raise error
        return reply


def _moment(time: float) -> str:
    """Return epoch seconds as RFC 3339, to the millisecond."""
    return datetime.fromtimestamp(time, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
