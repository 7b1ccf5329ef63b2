"""Every place a secret could come to light, as text."""

from __future__ import annotations

import gc
import io
import logging
import pickle
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from types import TracebackType
from typing import Any

from IPython.core.ultratb import FormattedTB

MODES = ("Plain", "Context", "Verbose", "Minimal")
OURS = "gunj_widgets."
SERVER = "gunj_widgets.demo"
"""The operator itself knows its own token; what is looked at is the client."""


@contextmanager
def all_loggers() -> Iterator[io.StringIO]:
    """Turn every logger there is, and every one to come, up to DEBUG; yield what they say, the server's own left out."""
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(logging.Formatter("%(name)s %(levelname)s %(message)s"))
    handler.addFilter(lambda record: not record.name.startswith("uvicorn"))
    names = ["", "httpx", "httpcore", "websockets", "websockets.client", "asyncio", "gunj_widgets"]
    names += [name for name, logger in logging.root.manager.loggerDict.items() if isinstance(logger, logging.Logger)]
    before = {name: logging.getLogger(name).level for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    logging.getLogger().addHandler(handler)
    try:
        yield said
    finally:
        logging.getLogger().removeHandler(handler)
        for name, level in before.items():
            logging.getLogger(name).setLevel(level)


def shown(thing: Any) -> str:
    """Return what repr, str, format and vars show of one object; of a text that hides itself, its repr."""
    if isinstance(thing, str):
        return repr(thing)
    text = f"{thing!r}\n{thing}"
    try:
        inside = dict(vars(thing))
    except TypeError:
        inside = {name: getattr(thing, name, None) for name in getattr(type(thing), "__slots__", ())}
    return f"{text}\n{inside!r}"


def alive() -> set[int]:
    """Return what is alive now: what earlier tests left behind says words of their own."""
    gc.collect()
    return {id(thing) for thing in gc.get_objects()}


def everything_of_ours(but: set[int]) -> Iterator[tuple[str, str]]:
    """Yield the name and the text of every object of this package that is alive, those of `but` and the demo server's left out."""
    gc.collect()
    for thing in gc.get_objects():
        if id(thing) in but:
            continue
        kind = type(thing)
        home = str(kind.__module__)
        if home.startswith(OURS) and not home.startswith(SERVER):
            try:
                yield f"{home}.{kind.__qualname__}", shown(thing)
            except ReferenceError:
                continue


def pickled(thing: Any) -> bytes:
    """Return the pickle, or what the refusal to make one says."""
    try:
        return pickle.dumps(thing)
    except Exception as error:  # any refusal will do
        return repr(error).encode()


def tracebacks(error: BaseException) -> str:
    """Return the error as IPython would print it in each of its modes, our own one-line form left aside."""
    parts: list[str] = []
    for mode in MODES:
        printed = io.StringIO()
        with redirect_stdout(printed):
            formatter = FormattedTB(mode=mode, theme_name="nocolor", include_vars=True)
            parts.append(formatter.text(type(error), error, error.__traceback__))
        parts.append(printed.getvalue())
    return "\n".join(parts)


def depth(trace: TracebackType | None) -> int:
    """Return how many frames a traceback has."""
    count = 0
    while trace is not None:
        count, trace = count + 1, trace.tb_next
    return count
