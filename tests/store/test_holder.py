"""Holder: listeners are told, in order, and cannot break a write."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.store.alerts import AlertBook
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.holder import Holder, Listeners, together


def test_listeners_hear_in_order_until_undone() -> None:
    heard: list[str] = []
    listeners = Listeners()
    undo = listeners.add(lambda holder: heard.append(f"a{holder}"), 1)
    listeners.add(lambda holder: heard.append(f"b{holder}"), 2)
    listeners.tell()
    undo()
    undo()
    listeners.tell()
    assert heard == ["a1", "b2", "b2"]


def test_one_that_raises_is_counted_and_the_others_still_hear() -> None:
    heard: list[object] = []
    listeners = Listeners()
    listeners.add(lambda holder: 1 / 0, None)
    listeners.add(heard.append, "x")
    listeners.tell()
    assert heard == ["x"]
    assert listeners.failed == 1
    assert listeners.last_error == "ZeroDivisionError: division by zero"


def test_the_same_callback_twice_is_two_listeners() -> None:
    heard: list[object] = []
    listeners = Listeners()
    undo = listeners.add(heard.append, 1)
    listeners.add(heard.append, 1)
    undo()
    listeners.tell()
    assert heard == [1]


def test_a_listener_may_undo_itself() -> None:
    listeners = Listeners()
    undos = []
    undos.append(listeners.add(lambda holder: undos[0](), None))
    listeners.tell()
    listeners.tell()
    assert listeners.entries == ()


def test_a_hundred_subscriptions_leave_nothing() -> None:
    holder = Holder()
    for undo in [holder.listen(lambda h: None) for _ in range(100)]:
        undo()
    assert holder._listeners.entries == ()
    assert holder.version == 0
    assert holder.listener_errors == 0


def test_one_undo_for_several_undoes_them_all_in_order() -> None:
    done: list[str] = []
    together(lambda: done.append("a"), lambda: done.append("b"))()
    assert done == ["a", "b"]


@pytest.mark.parametrize("callback", [5, None, "print"])
def test_what_cannot_be_called_is_refused_at_once(callback: Any) -> None:
    for listen in (MetricFrame().listen, Holder().listen, AlertBook().listen):
        with pytest.raises(SettingsError, match=r"the callback .* cannot be called\. Pass a function"):
            listen(callback)


def test_a_coroutine_function_is_refused_where_nobody_would_await_it() -> None:
    async def later(_holder: object) -> None: ...

    with pytest.raises(SettingsError, match="is not a plain function"):
        Holder().listen(later)
