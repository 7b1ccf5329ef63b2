"""The two doors upwards open by name, at call time."""

from __future__ import annotations

import subprocess
import sys

import pytest

from gunj_widgets.errors import SetupError
from gunj_widgets.session import doors


def test_without_the_demo_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'starlette'", name="starlette")

    monkeypatch.setattr(doors, "import_module", missing)
    with pytest.raises(SetupError, match=r"starlette.*pip install 'gunj-widgets\[demo\]'"):
        doors.start_demo()


def test_a_session_loads_neither_widgets_nor_the_demo() -> None:
    names = ("gunj_widgets.widgets", "gunj_widgets.demo", "ipywidgets", "starlette")
    code = f"import gunj_widgets.session.session, sys; print([m for m in {names} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
