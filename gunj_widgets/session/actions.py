"""Actions: what a session can ask its operator to do: commands, acknowledgements, silences, staged incidents."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine
from functools import cached_property
from typing import Any
from urllib.parse import quote

import msgspec

from gunj_widgets.connection.commands import Command
from gunj_widgets.errors import CommandError, ConnectError, SettingsError, SetupError
from gunj_widgets.session.doors import Displayable
from gunj_widgets.session.handles import PlatformHandle
from gunj_widgets.session.memory import Manager
from gunj_widgets.session.operations import LiveOperations, OperationHandle
from gunj_widgets.session.replaying import ReplayManager
from gunj_widgets.session.silencing import STANDS_WITHIN, who_and_why
from gunj_widgets.session.time_range import SessionRange
from gunj_widgets.settings import Settings
from gunj_widgets.sources.manager import SourceManager
from gunj_widgets.sources.opened import Opened
from gunj_widgets.store.matchers import matchers
from gunj_widgets.store.retention import Duration, seconds
from gunj_widgets.store.store import Store

__all__ = ["Actions"]


class Actions(Displayable):
    """The half of a Session that asks; the other half, in session.py, has the connection and what it brought."""

    manager: Manager
    settings: Settings
    range: SessionRange
    store: Store
    backends: SourceManager | None

    @property
    def address(self) -> str:
        raise NotImplementedError

    def now(self) -> float:
        raise NotImplementedError

    async def mark(self, at: float, text: str) -> None:
        raise NotImplementedError

    @property
    def is_demo(self) -> bool:
        raise NotImplementedError

    def platform(self, name: str, namespace: str | None = None) -> PlatformHandle:
        raise NotImplementedError

    def wait(self, work: Coroutine[Any, Any, Any], timeout: float = 10.0) -> Any:
        raise NotImplementedError

    @property
    def closed(self) -> bool:
        raise NotImplementedError

    def _need_open(self) -> None:
        raise NotImplementedError

    @cached_property
    def operations(self) -> LiveOperations:
        """Backups, restores, upgrades, scalings and restarts: `.running`, `.df`; displays as the OperationProgress."""
        return LiveOperations(self)

    def command(
        self,
        platform: str,
        name: str,
        *,
        namespace: str | None = None,
        deadline: Duration | None = None,
        key: str | None = None,
        queue: bool = True,
        **arguments: Any,
    ) -> OperationHandle:
        """Start an operation (backup, restore, upgrade, scale, restart) and return its live handle once it was taken.

        After `deadline` (seconds, or "60s") it shall not begin any more. `key` names this very wish: asked for again with the same key,
        it is done once. While the operator is away the command waits, `Settings.commands` says how many and how long;
        `queue=False` refuses at once. SettingsError for an argument that JSON cannot tell. Raises CommandError, ConnectError,
        LimitError, or NotReadyError where the outcome is not known.
        """
        try:
            msgspec.json.encode(arguments)
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"{name!r:.40} has an argument that JSON cannot tell: {error}",
                "Give text, numbers or lists of them; of numpy's numbers that is int(n).",
            ) from None
        handle = self.platform(platform, namespace)
        command = Command(
            platform=handle.id,
            name=name,
            args=arguments,
            deadline=None if deadline is None else time.time() + seconds(deadline),
            key=key or Command.new_key(),
        )
        patience = self.settings.commands.expiry + 2 * self.settings.commands.timeout
        operation = self.wait(self.manager.command(command, queue=queue), patience)
        return OperationHandle(self, operation, name, handle.id)

    async def act(self, verb: str, args: dict[str, Any]) -> Any:
        """What a widget's button does: `reconnect`, `range`, `replay`, `mark`, `ack`, `silence`, `expire`, `cancel`.

        `silence` of `matchers` makes one that stands, and answers with its id; `expire` ends that.
        """
        fingerprint = quote(str(args.get("fingerprint", "")), safe="")
        by, comment = who_and_why(args.get("by"), args.get("comment"))
        if verb == "reconnect":
            self.manager.reconnect()
            return None
        if verb == "range":
            return self.range.act(args)
        if verb == "replay":
            return await self._replay(args)
        if verb == "mark":
            return await self.mark(float(args.get("atMs") or 1000 * self.now()) / 1000, str(args.get("text", "")))
        if verb == "expire" or (verb == "silence" and args.get("matchers")):
            return await self._stand(verb, args, by, comment)
        sources = self._theirs(verb, str(args.get("fingerprint", "")))
        if sources is not None:
            labels = {a.fingerprint: a.labels for a in self.store.alerts.active}.get(str(args.get("fingerprint")))
            return await _silenced(sources, verb, args, by, comment, labels)
        if verb == "ack":
            return await self.manager.request("POST", f"/api/v1/alerts/{fingerprint}/ack", {"by": by})
        if verb == "silence":
            body = {"duration": float(args.get("duration", 3600)), "by": by, "comment": comment}
            return await self.manager.request("POST", f"/api/v1/alerts/{fingerprint}/silence", body)
        if verb == "cancel":
            operation = quote(str(args.get("operation", "")), safe="")
            return await self.manager.request("DELETE", f"/api/v1/operations/{operation}", None)
        if verb in ("command", "dryrun"):
            return await self._form(args, dry=verb == "dryrun")
        known = "reconnect, range, mark, ack, silence, expire, cancel, command, dryrun, replay"
        raise CommandError(f"there is no action {verb!r}", f"Known: {known}.")

    def may_acknowledge(self, fingerprint: str) -> bool:
        """Whether an operator that we reach knows this alert: Alertmanager has no word for looking after one."""
        return not self.closed and self._theirs("ack", fingerprint) is None

    def silencer(self) -> Opened | None:
        """Return the Alertmanager where matchers are one silence that stands; None where each alert is silenced by itself."""
        return None if self.backends is None else self.backends.silencer()

    async def _stand(self, verb: str, args: dict[str, Any], by: str, comment: str) -> list[str]:
        """Make a silence that stands, and return its id, or end one."""
        at = self.silencer()
        if at is None or at.alerts is None:
            raise CommandError("no Alertmanager is there for a silence to stand at", "Silence each alert by itself.")
        try:
            async with asyncio.timeout(STANDS_WITHIN):
                if verb == "expire":
                    await at.alerts.expire(str(args.get("silence", "")))
                    return []
                read = matchers(str(args["matchers"]))
                return [await at.alerts.silence_all(read, float(args.get("duration", 3600)), by, comment)]
        except TimeoutError:
            raise ConnectError(
                f"{at.place} did not answer within {STANDS_WITHIN:g} s",
                "It may have done so all the same: rt.silences() tells which silences stand.",
            ) from None

    def _theirs(self, verb: str, fingerprint: str) -> SourceManager | None:
        """Return the systems an action is for: those without an operator, or beside one, which knows nothing of what they told."""
        sources = self.backends
        if sources is None or sources is self.manager:
            return sources
        return sources if verb in ("silence", "ack") and sources.alerting(fingerprint) is not None else None

    async def _replay(self, args: dict[str, Any]) -> None:
        """Do what the bar under a recording asks for."""
        if not isinstance(self.manager, ReplayManager):
            raise CommandError("this session is live", "gunj.replay(path) opens a recording.")
        await self.manager.act(args)

    async def _form(self, args: dict[str, Any], *, dry: bool) -> list[str]:
        """Do what a form was filled in with, or say what it would change."""
        platform, name, given = str(args.get("platform", "")), str(args.get("name", "")), args.get("args")
        command = Command(
            platform=platform,
            name=name,
            args=given if isinstance(given, dict) else {},
            deadline=None,
            key=Command.new_key(),
        )
        if not dry:
            return [await self.manager.command(command, queue=False)]
        answer = await self.manager.request("POST", command.path, {**command.args, "dry_run": True})
        changes = answer.get("changes") if isinstance(answer, dict) else None
        return [str(line)[:500] for line in changes[:100]] if isinstance(changes, list) else []

    def commands(self, platform: str, *, namespace: str | None = None) -> list[dict[str, Any]]:
        """Return what may be asked of a platform, as its operator describes it; none where it describes nothing."""
        handle = self.platform(platform, namespace)
        path = f"/api/v1/platforms/{quote(handle.id, safe='')}/commands"
        try:
            answer = self.wait(self.manager.request("GET", path, None))
        except CommandError:  # an older operator does not know the question
            return []
        items = answer.get("items") if isinstance(answer, dict) else None
        return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []

    def scenarios(self) -> dict[str, str]:
        """Incidents the demo operator can stage: name → title."""
        return {s["name"]: s["title"] for s in self.wait(self._scenario("GET", ""))["items"]}

    def scenario(self, name: str, platform: str = "production", *, speed: float = 1.0) -> dict[str, Any]:
        """Start an incident on the demo operator; the answer tells its cause and what it affects."""
        return dict(
            self.wait(self._scenario("POST", f"/{quote(name, safe='')}", {"platform": platform, "speed": speed}))
        )

    def end_scenario(self, name: str) -> None:
        """Let the demo operator recover."""
        self.wait(self._scenario("DELETE", f"/{quote(name, safe='')}"))

    async def _scenario(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        if not self.is_demo:
            raise SetupError(
                f"{self.address} is not a demo operator", "Incidents can be staged on gunj.connect('demo')."
            )
        return await self.manager.request(method, f"/api/v1/demo/scenarios{path}", body)

    def reconnect(self) -> None:
        """Try again now, without waiting for the countdown."""
        self._need_open()
        self.manager.reconnect()


async def _silenced(
    sources: SourceManager, verb: str, args: dict[str, Any], by: str, comment: str, labels: dict[str, str] | None
) -> str:
    """Do what can be done without an operator: silence an alert at its Alertmanager; return the silence's id."""
    if verb != "silence":
        raise CommandError(
            f"{verb} needs an operator, and this session has none",
            "Silence the alert instead: that is what Alertmanager knows.",
        )
    fingerprint, duration = str(args.get("fingerprint", "")), float(args.get("duration", 3600))
    alertmanager = sources.alerting(fingerprint) or sources.named("alertmanager").alerts
    assert alertmanager is not None  # noqa: S101  `named` raises where there is none
    return await alertmanager.silence(fingerprint, duration, by, comment, labels)
