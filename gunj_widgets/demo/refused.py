"""A request that the demo operator refuses: said once, and told alike over REST, WebSocket and Python."""

from __future__ import annotations

from typing import Any

from gunj_widgets.errors import CommandError

__all__ = ["RefusedError"]


class RefusedError(CommandError):
    """`code` is the wire's word for it, `status` the HTTP status that goes with it."""

    def __init__(self, problem: str, remedy: str = "", *, code: str = "bad_request", status: int = 400) -> None:
        super().__init__(problem, remedy)
        self.code, self.status = code, status

    @property
    def body(self) -> dict[str, Any]:
        """The error as REST answers have it."""
        return {"error": {"code": self.code, "message": str(self)}}
