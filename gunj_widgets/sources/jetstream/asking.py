"""What notebooks ask of relays, by request and reply: both ends of it, as JSON. Pure but for the link."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.connection.commands import Command
from gunj_widgets.errors import CommandError, GunjError, RemoteProtocolError
from gunj_widgets.events.topics import escape
from gunj_widgets.sources.jetstream.link import Link
from gunj_widgets.sources.jetstream.subjects import ASK

__all__ = ["Answer", "command", "refused", "request"]

PATIENCE = 35.0
"""Seconds until an answer: a relay waits for its operator as long as a notebook would."""


class Answer(msgspec.Struct):
    """What a relay says: a value, or a problem and its remedy."""

    value: Any = None
    problem: str = ""
    remedy: str = ""


async def command(link: Link, command: Command) -> str:
    """Give a command by way of a relay; return the operation's id."""
    subject = f"{ASK}command.{escape(command.platform)}.{escape(command.name)}"
    return str(await _ask(link, subject, msgspec.json.encode(command)))


async def request(link: Link, method: str, path: str, json: Any) -> Any:
    """Ask an operator's REST by way of a relay."""
    return await _ask(link, f"{ASK}request.{method}", msgspec.json.encode({"path": path, "json": json}))


def refused(error: GunjError) -> bytes:
    """Return an error as a relay says it."""
    return msgspec.json.encode(Answer(problem=error.problem, remedy=error.remedy))


async def _ask(link: Link, subject: str, data: bytes) -> Any:
    reply = await link.ask(subject, data, PATIENCE)
    try:
        answer = msgspec.json.decode(reply, type=Answer)
    except (msgspec.MsgspecError, RecursionError) as error:
        raise RemoteProtocolError(f"what answers on {subject} is no relay: {error}") from None
    if answer.problem:
        raise CommandError(answer.problem[:500], answer.remedy[:500])
    return answer.value
