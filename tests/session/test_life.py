"""Life: what ends, what ends with it, and who is told."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import SessionClosedError
from gunj_widgets.session.life import Life


def test_what_is_within_ends_with_it_and_tells_who_listens() -> None:
    outer = Life("the session is closed", "Connect again.")
    inner, other = (Life(f"{name} is closed", "Ask again.", outer) for name in ("m", "logs"))
    told: list[str] = []
    undo = inner.listen(lambda _life: told.append("inner"))
    other.listen(lambda _life: told.append("other"))
    for life in (outer, inner, other):
        life.check()
        assert not life.over
    assert inner.end()
    assert not inner.end()
    assert (told, inner.over, outer.over, other.over) == (["inner"], True, False, False)
    with pytest.raises(SessionClosedError, match="m is closed"):
        inner.check()
    undo()
    assert outer.end()
    assert (told, other.over) == (["inner", "other"], True)
    for life in (outer, inner, other):
        with pytest.raises(SessionClosedError, match="the session is closed"):
            life.check()


def test_in_a_forked_child_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    outer = Life("the session is closed", "Connect again.")
    inner = Life("m is closed", "Ask again.", outer)
    monkeypatch.setattr("os.getpid", lambda: -1)
    for life in (outer, inner):
        assert life.over
        with pytest.raises(SessionClosedError, match="the session is closed"):
            life.check()
