"""Conditions: what `wait_for` looks at a frame with, and which of its answers mean yes."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np

from gunj_widgets.errors import SettingsError

__all__ = ["check_condition", "holds"]

REMEDY = 'It gets the DataFrame and says whether it will do: lambda df: df["cpu_usage"].max() > 90.'


def check_condition(condition: object) -> None:
    """Raise SettingsError unless it is a plain function: what a coroutine function returns is no answer."""
    if not callable(condition) or inspect.iscoroutinefunction(condition):
        raise SettingsError(f"the condition {condition!r:.80} is not a plain function", REMEDY)


def holds(answer: Any) -> bool:
    """Say whether a condition is met: of several answers, one for each series, any will do. NaN, and what else stands for
    nothing known, is no yes."""
    if inspect.isawaitable(answer):
        if inspect.iscoroutine(answer):
            answer.close()
        raise SettingsError("the condition gives something that is to be awaited", REMEDY)
    if not hasattr(answer, "any"):
        return _yes(answer)
    answers = np.asarray(answer.to_numpy() if hasattr(answer, "to_numpy") else answer)
    if answers.dtype == object:
        return any(map(_yes, answers.ravel().tolist()))
    return bool(answers[answers == answers].any())


def _yes(answer: Any) -> bool:
    try:
        return bool(answer) and bool(answer == answer)
    except TypeError:  # pandas' NA is neither true nor false
        return False
