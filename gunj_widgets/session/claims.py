"""Claims: who holds a session, so that nobody's `close()` takes it from another.

A session is one object for all who connect, so a claim is known by where the user's code asked for it: the same cell run again
is the same holder. A `with` is a holder of its own.
"""

from __future__ import annotations

import sys
import threading
from dataclasses import dataclass
from types import FrameType

__all__ = ["Claims"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A line of the user's code, on one of its threads."""

    space: int
    """Whose code: a module, or a notebook, all cells of which share their globals."""
    code: tuple[str, str]
    """File and function; a cell is a file of its own."""
    line: int
    thread: int


@dataclass(eq=False, slots=True)
class Entered:
    """A `with` that is under way, and the claim that goes with it at its end."""

    claim: Claim | None
    code: tuple[str, str]
    thread: int
    at: int
    """How many claims had been made by then."""


class Claims:
    """The claims on one session. Whoever calls holds the registry's lock."""

    def __init__(self) -> None:
        self._claims: dict[Claim, int] = {}  # and which they are of all that were made
        self._made = 0
        self._entered: list[Entered] = []

    @property
    def none(self) -> bool:
        """Nobody holds it any more."""
        return not self._claims and not self._entered

    def take(self) -> None:
        """Claim it for the line of the user's code that called us."""
        frame = _frames()[0]
        claim = Claim(id(frame.f_globals), _code(frame), frame.f_lineno, threading.get_ident())
        self._made += 1
        self._claims[claim] = self._made

    def release(self) -> None:
        """Let go of the caller's claim: of its own function, thread and `with` rather than of another.

        Code that has none lets go of the only one there is, as where a helper has connected and its caller closes; of several
        it lets go of none.
        """
        claim = self._mine(_frames())
        if claim is None and len(self._claims) == 1 and not self._entered:
            claim = next(iter(self._claims))
        if claim is not None:
            self._claims.pop(claim, None)

    def enter(self) -> None:
        """Hold it for a `with` that begins."""
        frames = _frames()
        self._entered.append(Entered(self._mine(frames), _code(frames[0]), threading.get_ident(), self._made))

    def leave(self) -> None:
        """Let go of what the `with` held that ends: this, and the claim it began with, if that is still there."""
        code, thread = _code(_frames()[0]), threading.get_ident()
        if self._entered:
            at, ended = max(enumerate(self._entered), key=lambda e: (e[1].thread == thread, e[1].code == code, e[0]))
            del self._entered[at]
            if ended.claim is not None:
                self._claims.pop(ended.claim, None)

    def _mine(self, frames: list[FrameType]) -> Claim | None:
        """Return the claim of the innermost code that has one. In a `with` it is one that was made there, or the one it began
        with, also where that is gone already."""
        thread = threading.get_ident()
        codes = [_code(frame) for frame in frames]
        for at, code in enumerate(codes):
            inside = [e for e in self._entered if (e.thread, e.code) == (thread, code)]
            since = inside[-1].at if inside else 0
            mine = {
                (claim.code == code, claim.code in codes[at:], claim.thread == thread, made): claim
                for claim, made in self._claims.items()
                if claim.space == id(frames[at].f_globals)
                and (not inside or (made > since and (claim.thread, claim.code) == (thread, code)))
            }
            if mine:
                return mine[max(mine)]
            if inside:
                return inside[-1].claim
        return None


def _frames() -> list[FrameType]:
    """The frames that called us, the innermost first, from the user's code on."""
    frame: FrameType | None = sys._getframe(1)
    found = []
    while frame is not None:
        found.append(frame)
        frame = frame.f_back
    for at, each in enumerate(found):
        if not each.f_globals.get("__name__", "").startswith("gunj_widgets."):
            return found[at:]
    return found[-1:]


def _code(frame: FrameType) -> tuple[str, str]:
    return frame.f_code.co_filename, frame.f_code.co_qualname
