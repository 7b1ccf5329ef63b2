"""Export: what leaves for spreadsheets and other tools."""

from __future__ import annotations

import csv
import io
import sys
from pathlib import Path

import pytest

from gunj_widgets.errors import SettingsError, SetupError
from gunj_widgets.store.export import guarded
from gunj_widgets.store.frames import MetricFrame

T0 = 1_700_000_000.0
HOSTILE = ["=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "\nx", "\0x"]


@pytest.mark.parametrize("text", HOSTILE)
def test_text_that_could_start_a_formula_is_quoted(text: str) -> None:
    assert guarded(text) == "'" + text


@pytest.mark.parametrize("text", ["", "cpu", "a=b", "1", "'=x"])
def test_other_text_is_not(text: str) -> None:
    assert guarded(text) == text


@pytest.mark.parametrize("text", HOSTILE)
def test_csv_guards_every_cell_a_peer_controls(text: str) -> None:
    frame = MetricFrame()
    frame.append(text, {text: text}, T0, -1.5, text)
    header, row = csv.reader(io.StringIO(frame.to_csv() or "", newline=""))
    assert header == ["time", "metric", "'" + text, "value", "unit"]
    assert row == ["2023-11-14 22:13:20+00:00", "'" + text, "'" + text, "-1.5", "'" + text]


def test_csv_goes_to_a_file(tmp_path: Path) -> None:
    frame = MetricFrame()
    frame.append("cpu", {"pod": 'a "b", c'}, T0 + 0.25, 1.0)
    assert frame.to_csv(tmp_path / "x.csv") is None
    assert (tmp_path / "x.csv").read_bytes().decode() == frame.to_csv()
    with (tmp_path / "x.csv").open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1] == ["2023-11-14 22:13:20.250+00:00", "cpu", 'a "b", c', "1.0", ""]


def test_a_place_that_takes_no_file_is_told(tmp_path: Path) -> None:
    frame = MetricFrame()
    frame.append("up", {}, 1_750_000_000.0, 1.0)
    for write in (frame.to_csv, frame.to_parquet):
        for place, why in (
            ("/dev/full", "No space left"),
            (tmp_path / "no" / "a", "No such file"),
            (tmp_path, "a dir"),
        ):
            with pytest.raises(SettingsError, match=f"cannot write {place}: .*{why}.* Choose another place"):
                write(place)


def test_without_pyarrow_the_error_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("pyarrow", "pyarrow.parquet"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(SetupError, match="pip install pyarrow"):
        MetricFrame().to_arrow()
    with pytest.raises(SetupError, match="pip install pyarrow"):
        MetricFrame().to_parquet(tmp_path / "x.parquet")


def test_with_pyarrow_all_rows_come_back(tmp_path: Path) -> None:
    import pandas as pd

    frame = MetricFrame()
    frame.append("cpu", {"pod": "1"}, T0, 1.0)
    assert frame.to_arrow().num_rows == 1
    frame.to_parquet(tmp_path / "x.parquet")
    assert pd.read_parquet(tmp_path / "x.parquet")["value"].tolist() == [1.0]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes")
@pytest.mark.parametrize("name", ["x.csv", "x.parquet"])
def test_a_new_file_is_its_owners_alone(tmp_path: Path, name: str) -> None:
    frame = MetricFrame()
    frame.append("cpu", {}, T0, 1.0)
    path = tmp_path / name
    (frame.to_csv if name.endswith("csv") else frame.to_parquet)(path)
    assert path.stat().st_mode & 0o777 == 0o600
