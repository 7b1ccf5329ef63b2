"""Tokens: the operator's own for ever, others until their time; a refresh token once."""

from __future__ import annotations

import pytest

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.tokens import MAX_ISSUED, Grant, Tokens

OWN = "o" * 43
NOW = 1000.0


def test_its_own_token_never_expires() -> None:
    tokens = Tokens(OWN)
    assert tokens.check(OWN, 1e12) == Grant(None)
    for wrong in ("", "o" * 42, OWN + "o", "ö", "\ud800"):
        assert tokens.check(wrong, NOW) is None


def test_logging_in_gives_a_token_that_expires() -> None:
    tokens = Tokens(OWN, lifetime=10.0)
    pair = tokens.login(OWN, NOW)
    assert tokens.check(pair.access, NOW + 9.9) == Grant(NOW + 10)
    assert tokens.check(pair.access, NOW + 10.0) is None
    assert pair.lifetime == 10.0
    with pytest.raises(RefusedError) as caught:
        tokens.login("wrong", NOW)
    assert caught.value.status == 401
    assert tokens.check(Tokens(OWN, lifetime=None).login(OWN, NOW).access, NOW) is None, "another operator's"


def test_refreshing_rotates_and_a_second_use_ends_the_family() -> None:
    tokens = Tokens(OWN, lifetime=10.0)
    first = tokens.login(OWN, NOW)
    other = tokens.login(OWN, NOW)
    second = tokens.refresh(first.refresh, NOW + 8)
    assert tokens.check(first.access, NOW + 9), "the old one lives on until its time"
    assert tokens.check(second.access, NOW + 17)
    with pytest.raises(RefusedError, match="before"):
        tokens.refresh(first.refresh, NOW + 9)
    assert tokens.check(second.access, NOW + 9) is None, "somebody stole it: all that came of it ends"
    with pytest.raises(RefusedError):
        tokens.refresh(second.refresh, NOW + 9)
    assert tokens.check(other.access, NOW + 9)


def test_a_refresh_token_ends_after_thirty_days() -> None:
    tokens = Tokens(OWN)
    pair = tokens.login(OWN, NOW)
    with pytest.raises(RefusedError, match="not valid"):
        tokens.refresh(pair.refresh, NOW + 31 * 86_400)
    with pytest.raises(RefusedError, match="not valid"):
        tokens.refresh("nonsense", NOW)


def test_logging_out_ends_the_family_but_never_the_own_token() -> None:
    tokens = Tokens(OWN)
    pair = tokens.login(OWN, NOW)
    tokens.logout(pair.access)
    assert tokens.check(pair.access, NOW) is None
    tokens.logout(OWN)
    assert tokens.check(OWN, NOW)


def test_issued_tokens_are_bounded_and_not_shown() -> None:
    tokens = Tokens(OWN)
    pairs = [tokens.login(OWN, NOW) for _ in range(MAX_ISSUED + 10)]
    assert tokens.check(pairs[0].access, NOW) is None
    assert tokens.check(pairs[-1].access, NOW)
    assert pairs[0].access not in repr(pairs[0])
    assert pairs[0].refresh not in repr(pairs[0])
    assert len(pairs[0].access) == 43
