"""The error tree: one root, one line each, with what to do next."""

from __future__ import annotations

import pytest

from gunj_widgets import errors
from gunj_widgets.errors import AuthError, CommandError, ConnectError, GunjError, LimitError, NotReadyError, TopicError

TREE = [getattr(errors, name) for name in errors.__all__]


@pytest.mark.parametrize("kind", TREE)
def test_every_error_has_the_one_root_and_a_docstring(kind: type[GunjError]) -> None:
    assert issubclass(kind, GunjError)
    assert kind.__doc__


@pytest.mark.parametrize("kind", TREE)
def test_the_text_is_problem_and_remedy_on_one_line(kind: type[GunjError]) -> None:
    error = kind("it broke.\n", "Mend it.")
    assert str(error) == "it broke. Mend it."
    assert (error.problem, error.remedy) == ("it broke.\n", "Mend it.")
    assert error._render_traceback_() == [f"{kind.__name__}: it broke. Mend it."]


def test_without_a_remedy_it_is_the_problem() -> None:
    assert str(GunjError("it broke")) == "it broke"


def test_what_they_also_are() -> None:
    assert issubclass(NotReadyError, TimeoutError)
    assert issubclass(TopicError, ValueError)
    assert issubclass(errors.UnknownPlatformError, LookupError)
    assert issubclass(AuthError, ConnectError)


def test_what_they_carry() -> None:
    assert LimitError("x", limit="sse_line", value=5).limit == "sse_line"
    assert LimitError("x", limit="sse_line", value=5).value == 5
    assert ConnectError("x", status=503).status == 503
    assert AuthError("x", status=401).status == 401
    assert CommandError("x", operation_id="op-1").operation_id == "op-1"


def test_all_is_sorted_and_complete() -> None:
    defined = {name for name, value in vars(errors).items() if isinstance(value, type) and issubclass(value, GunjError)}
    assert sorted(defined) == sorted(errors.__all__)
