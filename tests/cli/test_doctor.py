"""`gunj-widgets doctor`: a line for each step, the exit code, and a token that nobody sees."""

from __future__ import annotations

from pathlib import Path

import pytest

from gunj_widgets.cli import doctor, main
from gunj_widgets.connection.doctor import Finding, Grade

TOKEN = "canary-5d1e-token"


@pytest.fixture
def findings(monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    found = [
        Finding(step="DNS", grade=Grade.OK, found="10.0.0.1 in 2 ms"),
        Finding(step="SSE", grade=Grade.SKIPPED, found="because of nothing"),
    ]

    async def examine(*_args: object, **_more: object):  # type: ignore[no-untyped-def]
        for finding in found:
            yield finding

    monkeypatch.setattr(doctor, "examine", examine)
    monkeypatch.setenv("GUNJ_TOKEN", TOKEN)
    return found


def test_nothing_failed(findings: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "https://gunj.example"]) == 0
    out = capsys.readouterr().out
    assert "✓ DNS        10.0.0.1 in 2 ms" in out
    assert "All is well." in out
    assert TOKEN not in out


def test_what_failed_has_its_remedy_below_it(findings: list[Finding], capsys: pytest.CaptureFixture[str]) -> None:
    findings[1] = Finding(step="SSE", grade=Grade.FAILED, found="not a byte came", remedy="Pass streams unbuffered.")
    assert main(["doctor", "https://gunj.example"]) == 1
    out = capsys.readouterr().out
    assert "✗ SSE        not a byte came\n               → Pass streams unbuffered." in out
    assert "1 failed, 0 warnings" in out


def test_where_the_token_comes_from(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    assert doctor._token(str(file)).path == file  # type: ignore[union-attr]
    monkeypatch.setenv("GUNJ_TOKEN", TOKEN)
    assert doctor._token(None) == TOKEN
    monkeypatch.delenv("GUNJ_TOKEN")
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    assert doctor._token(None) is None


def test_an_address_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "gunj.example"]) == 1
    assert capsys.readouterr().err.startswith("gunj-widgets: 'gunj.example' has no http://")
