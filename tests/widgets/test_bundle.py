"""The built browser code."""

from __future__ import annotations

from pathlib import Path

import pytest

from gunj_widgets.errors import SetupError
from gunj_widgets.widgets import bundle


@pytest.fixture(autouse=True)
def _fresh() -> None:
    bundle.source.cache_clear()


@pytest.mark.parametrize("name", ["hub", "leaf", "control", *(f"part-{name}" for name in bundle.PARTS)])
def test_each_file_is_one_module_without_imports_from_elsewhere(name: str) -> None:
    text = bundle.source(name)
    assert "export" in text
    assert "://cdn" not in text
    assert 'from"http' not in text.replace(" ", "")


def test_leaf_and_control_stay_small() -> None:
    assert len(bundle.source("leaf")) < 3_000
    assert len(bundle.source("control")) < 1_000


def test_a_missing_build_says_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(bundle, "files", lambda _package: tmp_path)
    with pytest.raises(SetupError, match=r"hub\.js.*make demo"):
        bundle.source("hub")
