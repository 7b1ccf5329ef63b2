"""Verdicts: every status, close code and failure has one, in words, with a remedy where there is one."""

from __future__ import annotations

import pytest

from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.connection.verdict import Action, judge, retry_after

NOW = 1_750_000_000.0
RETRY, REFRESH, FAIL = Action.RETRY, Action.REFRESH, Action.FAIL


def status(code: int, **headers: str) -> Refused:
    return Refused(
        "status", f"host answered {code}", status=code, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


@pytest.mark.parametrize(
    ("code", "action"),
    [(code, RETRY) for code in (408, 425, 429, 500, 502, 503, 504, 507, 599)]
    + [(401, REFRESH)]
    + [(code, FAIL) for code in (204, 205, 210, 400, 402, 403, 404, 405, 406, 409, 410, 415, 422, 426, 451, 501, 505)],
)
def test_statuses(code: int, action: Action) -> None:
    verdict = judge(status(code), NOW)
    assert verdict.action is action
    assert verdict.reason
    assert verdict.status == code
    assert verdict.remedy or action is RETRY


@pytest.mark.parametrize(
    ("code", "action"),
    [(code, RETRY) for code in (None, 1000, 1001, 1002, 1006, 1007, 1009, 1011, 1012, 1013, 4400, 4408, 4429)]
    + [(4401, REFRESH), (3000, REFRESH), (4403, FAIL), (3003, FAIL)],
)
def test_close_codes(code: int | None, action: Action) -> None:
    verdict = judge(Lost(code, ""), NOW)
    assert verdict.action is action
    assert verdict.reason


@pytest.mark.parametrize(
    ("kind", "action", "word"),
    [
        ("dns", RETRY, "spelling"),
        ("network", RETRY, "runs"),
        ("timeout", RETRY, "firewall"),
        ("protocol", RETRY, "on the way"),
        ("tls", FAIL, "SSL_CERT_FILE"),
        ("redirect", FAIL, "trust"),
        ("content", FAIL, "web UI"),
    ],
)
def test_other_failures(kind: str, action: Action, word: str) -> None:
    verdict = judge(Refused(kind, "so it was"), NOW)
    assert (verdict.action, verdict.reason) == (action, "so it was")
    assert word in verdict.remedy


@pytest.mark.parametrize("code", [200, 400, 404, 405, 426, 501])
def test_what_may_pass_another_way(code: int) -> None:
    assert judge(status(code), NOW).other_way


@pytest.mark.parametrize(
    "end", [status(401), status(403), status(429), status(503), Refused("network", "x"), Lost(1006, "")]
)
def test_what_would_not_pass_another_way_either(end: Refused | Lost) -> None:
    assert not judge(end, NOW).other_way


def test_a_web_page_is_told_as_one() -> None:
    assert "web UI" in judge(status(404, content_type="text/html; charset=utf-8"), NOW).remedy
    assert "API server" in judge(status(404), NOW).remedy


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("5", 5.0),
        (" 120 ", 120.0),
        ("Sun, 15 Jun 2025 15:07:40 GMT", 60.0),
        ("Sun, 15 Jun 2025 15:00:00 GMT", 0.0),
        ("Sun, 15 Jun 2025 17:07:40 +0200", 60.0),
        ("soon", None),
        ("-5", None),
        ("1e3", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after(text: str | None, seconds: float | None) -> None:
    assert retry_after(text, NOW) == seconds


def test_the_servers_advice_is_in_the_verdict() -> None:
    assert judge(status(503, retry_after="7"), NOW).delay == 7.0
    assert judge(status(429, retry_after="nonsense"), NOW).delay is None
