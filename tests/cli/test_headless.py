"""What the headless front-end counts."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.cli.headless import Received, report


class FrontEndStub:
    """Stands for a client that has run."""

    def __init__(self, received: dict[str, Received]) -> None:
        self.envelopes = 3
        self.leaves = {
            "m": {
                "_kind": "chart",
                "_channels": {role: role for role in ("status", "metrics", "platform", "logs", "alerts")},
            }
        }
        self.received = received


def part(op: str, seq: int, **body: Any) -> dict[str, Any]:
    return {"op": op, "seq": seq, "body": body}


def test_rows_parts_and_holes() -> None:
    one = Received("metrics")
    for p in (part("snap", 4, rows=10), part("delta", 5, rows=2), part("delta", 7, rows=1), part("snap", 9, rows=5)):
        one.take(p)
    assert (one.parts, one.rows, one.holes) == (4, 18, 1)


def test_every_kind_must_have_come(capsys: pytest.CaptureFixture[str]) -> None:
    full = {role: Received(role, parts=1) for role in ("status", "metrics", "platform", "logs", "alerts")}
    assert report(FrontEndStub(full), 5) == 0  # type: ignore[arg-type]
    assert capsys.readouterr().out.endswith("ok\n")
    del full["logs"]
    assert report(FrontEndStub(full), 5) == 1  # type: ignore[arg-type]
    assert "FAILED: nothing came for logs" in capsys.readouterr().out
