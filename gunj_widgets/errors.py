"""The one error tree: what went wrong, whose fault it is, and what to do next."""

from __future__ import annotations

__all__ = [
    "AuthError",
    "CallbackError",
    "CommandError",
    "ConnectError",
    "GunjError",
    "LimitError",
    "LocalProtocolError",
    "NotReadyError",
    "PatternError",
    "ProtocolError",
    "QueryError",
    "RemoteProtocolError",
    "SessionClosedError",
    "SettingsError",
    "SetupError",
    "TopicError",
    "UnknownMetricError",
    "UnknownPlatformError",
]


class GunjError(Exception):
    """Root of every error this package raises on purpose.

    `problem` says what happened, `remedy` what the reader can do about it; `str()` is both, on one line.
    In a notebook the error shows as that one line, because the frames inside this package help nobody at 3 a.m.
    """

    def __init__(self, problem: str, remedy: str = "") -> None:
        super().__init__(problem, remedy)
        self.problem = problem
        self.remedy = remedy

    def __str__(self) -> str:
        text = f"{self.problem.strip().rstrip('.')}. {self.remedy}" if self.remedy else self.problem
        return " ".join(text.split())

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class SettingsError(GunjError, ValueError):
    """A setting is unknown, has the wrong type or is out of range (local blame)."""


class SetupError(GunjError):
    """The installation lacks something: an extra, the built JavaScript, node, a browser (local blame)."""


class PatternError(GunjError, ValueError):
    """A subscription pattern does not follow the grammar (local blame)."""


class TopicError(GunjError, ValueError):
    """A topic does not follow the grammar or is over its bounds."""


class LimitError(GunjError):
    """A bound was reached; `limit` names it and `value` is its setting."""

    def __init__(self, problem: str, remedy: str = "", *, limit: str = "", value: float | None = None) -> None:
        super().__init__(problem, remedy)
        self.limit = limit
        self.value = value


class ProtocolError(GunjError):
    """A message breaks the wire's rules."""


class LocalProtocolError(ProtocolError):
    """We were about to send something wrong (local blame)."""


class RemoteProtocolError(ProtocolError):
    """The peer sent something wrong (remote blame)."""


class ConnectError(GunjError):
    """No connection: wrong address, refused, not an operator, TLS. `status` is the HTTP status or close code, if any."""

    def __init__(self, problem: str, remedy: str = "", *, status: int | None = None) -> None:
        super().__init__(problem, remedy)
        self.status = status


class AuthError(ConnectError):
    """The server refused the token (401, 4401) or what it may do (403, 4403)."""


class QueryError(GunjError):
    """A back end refused a query or its answer is too large. `status`: HTTP; `position`: character in the query, if told."""

    def __init__(
        self, problem: str, remedy: str = "", *, status: int | None = None, position: int | None = None
    ) -> None:
        super().__init__(problem, remedy)
        self.status = status
        self.position = position


class NotReadyError(GunjError, TimeoutError):
    """Something was waited for and did not come in time; the message carries the last known state and reason."""


class SessionClosedError(GunjError):
    """The session was closed; connect again to go on."""


class UnknownPlatformError(GunjError, LookupError):
    """No such platform, or several of that name; the message lists what there is."""


class UnknownMetricError(GunjError, KeyError):
    """No samples of that metric; the message lists what there is."""


class CommandError(GunjError):
    """The operator refused a command or it failed; `operation_id` tells which, where there is one."""

    def __init__(self, problem: str, remedy: str = "", *, operation_id: str | None = None) -> None:
        super().__init__(problem, remedy)
        self.operation_id = operation_id


class CallbackError(GunjError):
    """A user's handler raised or was too slow; `__cause__` is the original error."""
