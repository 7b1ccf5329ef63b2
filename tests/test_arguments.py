"""Arguments: one line of what is wrong, one of what to do."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from gunj_widgets.arguments import kept_at, named, needed, with_article, writing
from gunj_widgets.errors import SettingsError


def test_what_is_of_the_kind_passes() -> None:
    needed("x", str, "a name is text", "Name it.")
    needed(1.5, (int, float), "a height is a number", "Give one.")


def test_what_is_not_is_told_in_one_line() -> None:
    for given, shown in ((None, "None"), (5, "5"), ("x" * 99, "'" + "x" * 39), (pd.DataFrame({"a": [1]}), "DataFrame")):
        with pytest.raises(SettingsError) as caught:
            needed(given, list, "rows are a list", "Give one.")
        assert str(caught.value) == f"rows are a list, not {shown}. Give one."


def test_names_are_one_or_several() -> None:
    assert named("cpu", "metrics are names", "Name them.") == ["cpu"]
    assert named(("cpu", "mem"), "metrics are names", "Name them.") == ["cpu", "mem"]
    assert named((name for name in "ab"), "", "") == ["a", "b"]
    for given, shown in ((None, "None"), (5, "5"), (["cpu", None], "None"), ([b"cpu"], "b'cpu'")):
        with pytest.raises(SettingsError, match=f"metrics are names, not {shown}"):
            named(given, "metrics are names", "Name them.")


def test_a_file_is_named_by_text_or_a_path() -> None:
    assert kept_at("~/a") == kept_at(Path("~/a")) == Path.home() / "a"
    for wrong in (None, 5, b"a"):
        with pytest.raises(SettingsError, match="a file is named by text or a Path, not"):
            kept_at(wrong)


def test_a_file_that_cannot_be_written_is_named_with_why(tmp_path: Path) -> None:
    nowhere = tmp_path / "a" / "b.md"
    why = "cannot write .*b.md: No such file or directory. Choose another place"
    with pytest.raises(SettingsError, match=why), writing(nowhere):
        nowhere.write_text("x", encoding="utf-8")
    with pytest.raises(SettingsError, match="cannot write .*b.md: it is full"), writing(tmp_path / "b.md"):
        raise OSError("it is full")


def test_a_name_has_its_article() -> None:
    assert [with_article(thing) for thing in ("Loki", "Alertmanager", "int", "")] == [
        "a Loki",
        "an Alertmanager",
        "an int",
        "a ",
    ]
