"""Text that is used but not shown: a token, a password, the header that carries one."""

from __future__ import annotations

from typing import NoReturn

__all__ = ["HIDDEN", "Secret"]

HIDDEN = "***"


class Secret(str):
    """Text whose repr hides it. A traceback that prints local variables, a dict in a log, `vars()`: all use the repr.

    Where it is used it is the text itself: `f"Bearer {secret}"`, `secret.encode()`. It is not pickled.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return repr(HIDDEN)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        self.__reduce__()
