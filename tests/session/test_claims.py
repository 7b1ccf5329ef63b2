"""Claims: whose `close()` ends what. With sessions: test_connect.py."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator

from gunj_widgets.session.claims import Claims


def cell(code: str, space: dict[str, object], file: str) -> None:
    """Run code as a notebook runs a cell: each has a file of its own, all share their globals."""
    exec(compile(code, file, "exec"), space)  # noqa: S102  it is what a kernel does


def elsewhere(code: str, space: dict[str, object]) -> None:
    """Run code as that of another module, which nobody of this one called."""
    thread = threading.Thread(target=cell, args=(code, space, "elsewhere.py"))
    thread.start()
    thread.join(5)


@contextlib.contextmanager
def entered(claims: Claims) -> Iterator[None]:
    claims.enter()
    try:
        yield
    finally:
        claims.leave()


def test_a_line_holds_it_once_however_often_it_runs() -> None:
    claims = Claims()
    assert claims.none
    for _ in range(3):
        claims.take()
    assert not claims.none
    claims.release()
    assert claims.none


def test_cells_of_a_notebook_are_one_owner() -> None:
    claims = Claims()
    notebook: dict[str, object] = {"c": claims}
    cell("c.take()", notebook, "cell-1")
    cell("c.take()", notebook, "cell-1")
    claims.take()
    cell("c.release()", notebook, "cell-2")
    assert not claims.none
    claims.release()
    assert claims.none


def test_code_without_a_claim_takes_no_other_ones() -> None:
    claims = Claims()
    other: dict[str, object] = {"c": claims}
    elsewhere("c.take()\nc.take()", other)
    for _ in range(3):
        claims.release()
    assert not claims.none
    elsewhere("c.release()\nc.release()", other)
    assert claims.none


def test_where_a_helper_connected_its_caller_can_close() -> None:
    claims = Claims()
    cell("def open():\n    c.take()\nopen()", {"c": claims}, "helper.py")
    claims.release()
    assert claims.none


def test_what_closes_for_us_closes_what_is_ours() -> None:
    claims = Claims()
    other: dict[str, object] = {"c": claims}
    elsewhere("c.take()", other)
    with contextlib.ExitStack() as stack:
        claims.take()
        stack.callback(claims.release)
    elsewhere("c.release()", other)
    assert claims.none


def test_a_function_lets_go_of_its_own_claim() -> None:
    claims = Claims()

    def helper() -> None:
        claims.take()
        claims.release()

    claims.take()
    helper()
    assert not claims.none
    claims.release()
    assert claims.none


def test_a_with_ends_with_the_claim_it_began_with_and_takes_no_other() -> None:
    claims = Claims()
    claims.take()
    with entered(claims):
        claims.release()
        claims.release()
        assert not claims.none
    assert claims.none
    claims.take()
    claims.take()
    with entered(claims):
        claims.release()
    assert not claims.none
    claims.release()
    assert claims.none


def test_what_is_claimed_within_a_with_is_let_go_of_there() -> None:
    claims = Claims()
    claims.take()
    with entered(claims):
        claims.take()
        claims.release()
        with entered(claims):
            pass
        assert not claims.none
    assert claims.none


def test_of_two_threads_in_one_with_the_first_to_leave_takes_nothing_from_the_other() -> None:
    claims = Claims()
    steps = [threading.Event() for _ in range(4)]

    def one(ready: threading.Event, go: threading.Event) -> None:
        claims.take()
        with entered(claims):
            ready.set()
            go.wait(5)

    def begin(ready: threading.Event, go: threading.Event) -> Callable[[], None]:
        thread = threading.Thread(target=one, args=(ready, go))
        thread.start()
        assert ready.wait(5)
        return lambda: (go.set(), thread.join(5))[1]

    first, second = begin(*steps[:2]), begin(*steps[2:])
    first()
    assert not claims.none
    second()
    assert claims.none
