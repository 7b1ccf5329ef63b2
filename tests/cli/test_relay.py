"""`gunj-widgets relay`: what it refuses before it begins. Relaying: tests/live/jetstream."""

from __future__ import annotations

import pytest

from gunj_widgets.cli import main


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["prometheus=http://127.0.0.1:9", "--to", "nats://127.0.0.1:1"], "prometheus tells nothing by itself"),
        (["alertmanager=http://127.0.0.1:9", "--to", "https://127.0.0.1:1"], "has no nats:// or tls:// in front"),
        (["alertmanager=http://127.0.0.1:9", "--to", "nats://127.0.0.1:1"], "no connection to 127.0.0.1:1"),
        (["alertmanager=http://127.0.0.1:9", "--to", "nats://me:canary@127.0.0.1"], "carries no user"),
        (["alertmanager=http://127.0.0.1:9", "--to", "nats://127.0.0.1:1", "--allow", "all"], "nothing that could"),
        (["alertmanager=http://127.0.0.1:9", "--to", "nats://127.0.0.1:1", "--streams", "none.toml"], "cannot read"),
    ],
)
def test_what_makes_no_sense_is_one_line(capsys: pytest.CaptureFixture[str], arguments: list[str], words: str) -> None:
    assert main(["relay", *arguments]) == 1
    said = capsys.readouterr().err
    assert words in said
    assert "canary" not in said


def test_where_to_is_to_be_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["relay", "demo"])
    assert "--to" in capsys.readouterr().err
