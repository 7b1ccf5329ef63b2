"""Samples of bad messages: few, short, and without secrets."""

from __future__ import annotations

import pytest

from gunj_widgets.connection.samples import KEPT, SHOWN, Samples


def shown(raw: bytes | str, problem: str = "bad") -> str:
    samples = Samples(lambda text: text.replace("our-token", "***"))
    samples.add(1.0, problem, raw)
    (found,) = samples.newest()
    return f"{found.problem}|{found.text}"


def test_the_newest_are_kept_and_no_more() -> None:
    samples = Samples()
    for number in range(KEPT + 50):
        samples.add(float(number), "bad", f"message {number}")
    kept = samples.newest()
    assert len(kept) == KEPT
    assert (kept[0].text, kept[-1].time) == ("message 50", float(KEPT + 49))


def test_a_long_one_is_cut() -> None:
    assert len(shown("x" * 1_000_000)) <= SHOWN + 4


@pytest.mark.parametrize(
    "raw",
    [
        '{"password": "canary", "a": 1}',
        '{"db_password":"canary"}',
        "token=canary&x=1",
        "Authorization: Bearer canary",
        "authorization: Basic canary",
        '{"message": "sent bearer canary to x"}',
        "{'apiKey': 'canary'}",
        '{"api_key": "canary with spaces"}',
        "Set-Cookie: canary",
        "x" * (SHOWN - 10) + ' {"secret": "canary"}',
        b'\xff{"token": "canary"}',
    ],
)
def test_secrets_are_hidden(raw: bytes | str) -> None:
    assert "canary" not in shown(raw)
    assert "canary" not in shown("", raw if isinstance(raw, str) else "")


def test_our_own_token_is_hidden_wherever_it_stands() -> None:
    assert "our-token" not in shown("somewhere our-token in it", "about our-token")


def test_no_terminal_obeys_it() -> None:
    assert shown("\x1b]52;c;AAAA\x07\u202e\0\r\n") == r"bad|\x1b]52;c;AAAA\x07\u202e\x00\r\n"
