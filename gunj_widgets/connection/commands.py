"""Commands on their way to the operator: kept while it is away, sent again after a cut, done once whatever happens."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import quote

import msgspec

from gunj_widgets.connection.clock import Clock
from gunj_widgets.errors import CommandError, ConnectError, LimitError, NotReadyError
from gunj_widgets.events.shown import lasting
from gunj_widgets.settings import CommandSettings

__all__ = ["Command", "Commands"]

Message = dict[str, Any]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked for. `deadline` in epoch seconds: later it shall not begin. `key` makes any repetition harmless."""

    platform: str
    name: str
    args: dict[str, Any] = {}
    deadline: float | None = None
    key: str

    @staticmethod
    def new_key() -> str:
        """Return a key nobody else has."""
        return secrets.token_hex(12)

    def message(self, id: str) -> Message:
        """Return it as the WebSocket carries it."""
        asked = {"platform": self.platform, "name": self.name, "args": self.args, "idempotency_key": self.key}
        return {"type": "command", "id": id, **asked, **({} if self.deadline is None else {"deadline": self.deadline})}

    @property
    def path(self) -> str:
        """Return where REST takes it."""
        return f"/api/v1/platforms/{quote(self.platform, safe='')}/operations/{quote(self.name, safe='')}"


class Commands:
    """Those without an answer yet, oldest first. Lives on gunj-io.

    `send` puts a message on the open WebSocket; `rest` asks by REST. The manager says by which way they go: `opened`,
    `closed` (the WebSocket), `diverted` (another way serves). The outcome of each is known or said to be unknown.
    """

    def __init__(
        self,
        clock: Clock,
        settings: CommandSettings,
        *,
        send: Callable[[Message], object],
        rest: Callable[[str, str, Any], Coroutine[Any, Any, Any]],
    ) -> None:
        self.resent = 0
        self._clock = clock
        self._settings = settings
        self._send = send
        self._rest = rest
        self._pending: dict[str, tuple[Command, asyncio.Future[str]]] = {}
        self._sent: set[str] = set()
        self._open = False
        self._diverted = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._last = 0

    def __len__(self) -> int:
        return len(self._pending)

    async def run(self, command: Command, *, queue: bool = True) -> str:
        """Return the operation's id once the operator has taken the command.

        CommandError: refused, or expired before it was sent. ConnectError: offline, and it was not to be queued.
        LimitError: too many wait. NotReadyError: sent, and no answer came; the error says how to find out.
        """
        self._check(command, queue)
        self._last += 1
        id = f"c{self._last}"
        answer: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._pending[id] = (command, answer)
        try:
            self._go(id)
            return await self._answered(id, command, answer)
        finally:
            self._pending.pop(id, None)
            self._sent.discard(id)

    # -- what the connection tells ------------------------------------------------------------------------------------

    def opened(self) -> None:
        """A WebSocket that takes commands is open: send what waits, and again what was sent and not answered."""
        self._open = True
        self._diverted = False
        for id in list(self._pending):
            self._go(id)

    def closed(self) -> None:
        self._open = False

    def diverted(self) -> None:
        """No WebSocket that takes commands: REST does from here on."""
        self._open = False
        self._diverted = True
        for id in list(self._pending):
            self._go(id)

    def acknowledged(self, id: str, operation: object) -> None:
        """The operator has taken it; an answer to nothing is an old one, and ignored."""
        if id in self._pending and not self._pending[id][1].done():
            self._pending[id][1].set_result(str(operation or ""))

    def refused(self, id: str, problem: str) -> bool:
        """The operator will not do it; say whether `id` was one of these."""
        if id not in self._pending:
            return False
        command, answer = self._pending[id]
        if not answer.done():
            answer.set_exception(_refused(command, problem))
        return True

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        for _, answer in self._pending.values():
            if not answer.done():
                answer.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- inside -------------------------------------------------------------------------------------------------------

    def _check(self, command: Command, queue: bool) -> None:
        self._need_time(command)
        if self._open or self._diverted:
            return
        if not queue or not self._settings.queue:
            raise ConnectError(
                f"not connected: {command.name} of {command.platform} was not sent", "Run it again once it is."
            )
        if len(self._pending) >= self._settings.queue:
            raise LimitError(
                f"{len(self._pending)} commands wait for the connection already",
                "Wait until they are sent, or raise Settings.load(commands={'queue': …}).",
                limit="queue",
                value=self._settings.queue,
            )

    def _need_time(self, command: Command) -> None:
        if command.deadline is not None and command.deadline <= self._clock.time():
            raise CommandError(
                f"{command.name} of {command.platform} expired before it was sent", "Give it a later deadline."
            )

    def _go(self, id: str) -> None:
        command, answer = self._pending[id]
        if answer.done() or not (self._open or self._diverted):
            return
        if id in self._sent:
            self.resent += 1
        self._sent.add(id)
        if self._open:
            self._send(command.message(id))
            return
        task = asyncio.get_running_loop().create_task(self._ask(command, answer), name=f"gunj-command-{id}")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _ask(self, command: Command, answer: asyncio.Future[str]) -> None:
        """Ask by REST; where no answer comes, once more: the key sees to it that it is done once."""
        body = {**command.args, "idempotency_key": command.key}
        for last in (False, True):
            try:
                found = await self._rest("POST", command.path, body)
            except ConnectError as error:
                if not last and error.status is None:
                    self.resent += 1
                    continue
                if not answer.done():
                    answer.set_exception(error)
                return
            except CommandError as error:
                if not answer.done():
                    answer.set_exception(error)
                return
            id = found.get("id") if isinstance(found, dict) else None
            if not answer.done():
                answer.set_result(str(id or ""))
            return

    async def _answered(self, id: str, command: Command, answer: asyncio.Future[str]) -> str:
        """Await the answer; as long as it was not sent, for as long as it may wait, and then for the operator's answer."""
        began = self._clock.time()
        waits = asyncio.ensure_future(self._expiry(id, command, began))
        try:
            both: set[asyncio.Future[Any]] = {answer, waits}
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                raise waits.exception() or AssertionError("an expiry ends with an error")
            operation = answer.result()
        finally:
            waits.cancel()
            await asyncio.gather(waits, return_exceptions=True)
        if not operation:
            raise CommandError(
                f"the operator took {command.name} and named no operation", "See the platform's operations."
            )
        return operation

    async def _expiry(self, id: str, command: Command, began: float) -> None:
        """Raise once it has waited too long: unsent, the queue's expiry or its deadline; sent, the time-out of an answer."""
        until = began + self._settings.expiry
        if command.deadline is not None:
            until = min(until, command.deadline)
        while id not in self._sent:
            left = until - self._clock.time()
            if left <= 0:
                raise CommandError(
                    f"{command.name} of {command.platform} expired: the operator was away for {lasting(self._clock.time() - began)}",
                    "It was never sent. Run it again, with a later deadline if it may wait.",
                )
            await self._clock.sleep(min(left, 0.5))
        await self._clock.sleep(self._settings.timeout)
        raise NotReadyError(
            f"no answer to {command.name} of {command.platform} within {self._settings.timeout:g} s: it may have begun",
            f"See the platform's operations; asking again with key={command.key!r} does it at most once.",
        )


def _refused(command: Command, problem: str) -> CommandError:
    return CommandError(
        f"the operator refused {command.name} of {command.platform}: {problem}", "Nothing was changed by it."
    )
