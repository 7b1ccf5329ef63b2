"""What is not written down."""

from __future__ import annotations

import msgspec
import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.recording.redact import HIDDEN, Redaction


def raw(text: str) -> msgspec.Raw:
    return msgspec.Raw(text.encode())


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('{"password":"x"}', f'{{"password":"{HIDDEN}"}}'),
        ('{"a":[{"apiToken":{"deep":1}}]}', f'{{"a":[{{"apiToken":"{HIDDEN}"}}]}}'),
        ('{"AUTHORIZATION":"Bearer abcdefgh"}', f'{{"AUTHORIZATION":"{HIDDEN}"}}'),
        (
            '{"message":"sent Authorization: Bearer abc.def-123456"}',
            f'{{"message":"sent Authorization: Bearer {HIDDEN}"}}',
        ),
        ('{"password":null}', '{"password":null}'),
    ],
)
def test_secrets_are_left_out(before: str, after: str) -> None:
    assert bytes(Redaction().raw(raw(before))).decode() == after


def test_what_has_none_stays_the_very_same_bytes() -> None:
    payload = raw('{"value": 1.50,  "unit":"s"}')
    redaction = Redaction()
    assert redaction.raw(payload) is payload
    assert redaction.hidden == 0


def test_fields_the_user_names_and_the_count() -> None:
    redaction = Redaction(["email"])
    assert (
        bytes(redaction.raw(raw('{"userEmail":"a@b","token":"t"}')))
        == f'{{"userEmail":"{HIDDEN}","token":"{HIDDEN}"}}'.encode()
    )
    assert redaction.hidden == 2


def test_what_cannot_be_read_stays_as_it_is() -> None:
    payload = raw('{"token":1e999}' + "[" * 100)
    assert Redaction().raw(payload) is payload


def test_fields_are_named() -> None:
    assert "email" in Redaction(["Email"]).names
    assert "email" in Redaction("email").names
    for wrong in (5, None, [5]):
        with pytest.raises(SettingsError, match="what is to be left out are names of fields, not"):
            Redaction(wrong)  # type: ignore[arg-type]  on purpose
