"""Text that is used but not shown."""

from __future__ import annotations

import copy
import pickle

import pytest

from gunj_widgets.connection.secret import Secret

CANARY = "canary-7f3a9b2c"


def test_it_is_the_text_where_it_is_used() -> None:
    secret = Secret(CANARY)
    assert secret == CANARY
    assert f"Bearer {secret}" == f"Bearer {CANARY}"
    assert secret.encode() == CANARY.encode()
    assert type(str(secret)) is str


def test_it_is_hidden_where_it_is_shown() -> None:
    secret = Secret(CANARY)
    for shown in (repr(secret), f"{secret!r}", f"{ {'a': secret} }", f"{[secret]}", f"{Secret.__repr__(secret)}"):
        assert CANARY not in shown
        assert "***" in shown


def test_it_is_not_pickled() -> None:
    for copier in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="not pickled"):
            copier(Secret(CANARY))
