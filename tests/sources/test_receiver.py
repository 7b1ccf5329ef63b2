"""The receiver's token. All else, over real sockets: tests/live/sources/test_push.py."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.sources.receiver import Receiver


def test_a_token_is_made_up_and_never_shown(tmp_path: Path) -> None:
    first, second = (Receiver("/x", lambda body, kind: None) for _ in range(2))
    assert str(first.token) != str(second.token)
    assert str(first.token) not in f"{first!r} {vars(first)!r} {first.url}"
    file = tmp_path / "token"
    file.write_text("old")
    file.chmod(0o644)
    assert first.write_token(file) == file
    assert file.read_text() == str(first.token)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_token_that_can_be_guessed_is_refused() -> None:
    with pytest.raises(SettingsError, match="can be guessed"):
        Receiver("/x", lambda body, kind: None, token="secret")
