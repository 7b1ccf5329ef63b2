"""Which conditions can be waited for, and which of their answers mean yes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.session.conditions import check_condition, holds


async def later(_df: object) -> bool:
    return True


@pytest.mark.parametrize("condition", [later, 90, None, "cpu"])
def test_what_is_no_plain_function_is_refused(condition: Any) -> None:
    with pytest.raises(SettingsError, match=r"is not a plain function\. .* lambda df: df"):
        check_condition(condition)


def test_an_answer_that_is_to_be_awaited_is_none() -> None:
    check_condition(lambda df: later(df))  # noqa: PLW0108  it does not look like a coroutine function
    with pytest.raises(SettingsError, match="to be awaited"):
        holds(later(None))


NOTHING: list[Any] = [
    *(math.nan, np.float64("nan"), np.array(math.nan), pd.NA, pd.NaT, None, 0, [], ""),
    *(
        pd.Series([math.nan, 0.0]),
        pd.DataFrame({"a": [math.nan]}),
        pd.Series([None, pd.NA]),
        pd.Series([], dtype=float),
    ),
    pd.Series([pd.NA, False], dtype="boolean"),
]
YES: list[Any] = [
    *(1.0, np.float64(2), np.True_, [0], np.array([[math.nan, 1.0]])),
    *(pd.Series([math.nan, 3.0]), pd.DataFrame({"a": [False, True]}), pd.Series([pd.NA, True], dtype="boolean")),
]


@pytest.mark.parametrize("answer", NOTHING)
def test_an_answer_that_says_nothing_is_not_yes(answer: Any) -> None:
    assert not holds(answer)


@pytest.mark.parametrize("answer", YES)
def test_of_several_answers_one_that_is_true_is_enough(answer: Any) -> None:
    assert holds(answer)
