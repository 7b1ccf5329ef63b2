"""ReplayBar: what it shows without a browser, and that a live session has none."""

from __future__ import annotations

from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import SetupError
from gunj_widgets.session.session import Session
from gunj_widgets.testing import MemoryOperator
from tests.recording.test_file import made


def test_it_says_where_the_recording_stands(tmp_path: Path) -> None:
    rt = gunj.replay(made(tmp_path / "a.gunj"))
    bar = rt.player.view()
    assert isinstance(bar, gunj.ReplayBar)
    assert rt.player.view() is bar
    rt.player.seek(rt.player.end_time)
    assert "30 of 30 events" in repr(bar)
    assert "30 of 30" in bar.still().html
    bar.close()
    rt.shut()


def test_a_live_session_has_none() -> None:
    session = Session("http://127.0.0.1:1", demo=True, network=MemoryOperator())  # type: ignore[arg-type]
    with pytest.raises(SetupError, match="this session is live"):
        gunj.ReplayBar(session)
    session.shut()
