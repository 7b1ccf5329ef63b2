"""The demo command's own errors: each one line that says what to do."""

from __future__ import annotations

import json
import os
import socket
from pathlib import Path

import pytest

from gunj_widgets.cli import demo, main
from gunj_widgets.errors import SetupError


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(demo, "find_spec", lambda name: None if name == "uvicorn" else name)
    assert main(["demo"]) == 1
    said = capsys.readouterr().err
    assert "uvicorn" in said
    assert "pip install 'gunj-widgets[demo]'" in said
    assert said.count("\n") == 1


def test_a_port_that_is_taken_is_refused_with_another_to_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(SetupError, match=r"in use.*--port \d+"):
            demo._need_free(taken.getsockname()[1])
        assert demo._free_port(taken.getsockname()[1]) != taken.getsockname()[1]


def test_the_notebooks_are_copied_so_that_trying_changes_nothing(tmp_path: Path) -> None:
    place = demo._copy(tmp_path)
    assert (place / demo.FIRST).is_file()
    assert place.is_relative_to(tmp_path)


def test_its_settings_for_jupyterlab_stand_beside_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/mine")
    first, ours = demo._settings(tmp_path).split(os.pathsep)
    assert first == "/mine"
    told = json.loads((Path(ours) / "labconfig" / "default_setting_overrides.json").read_text(encoding="utf-8"))
    assert told == {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}
