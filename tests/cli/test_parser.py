"""Options are taken by their whole names, in each command."""

from __future__ import annotations

import pytest

from gunj_widgets.cli import main


@pytest.mark.parametrize(
    "line",
    ["doctor https://h --token canary", "demo --chec", "record demo x.gunj --red a", "recording cut a b --fr 5m"],
)
def test_an_option_is_taken_by_its_whole_name_only(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(line.split())
    assert "unrecognized arguments: --" in capsys.readouterr().err
