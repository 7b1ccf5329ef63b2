"""The one TLS context. What it does on a wire: tests/live/security/test_tls.py."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from gunj_widgets.connection.tls import tls_context
from gunj_widgets.errors import SettingsError
from gunj_widgets.settings import ConnectionSettings


def test_it_verifies_and_says_nothing(caplog: pytest.LogCaptureFixture) -> None:
    context = tls_context("gunj.example.com")
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2
    assert caplog.text == ""


def test_unverified_is_told_each_time(caplog: pytest.LogCaptureFixture) -> None:
    for _ in range(2):
        context = tls_context("gunj.example.com", verify=False)
        assert (context.verify_mode, context.check_hostname) == (ssl.CERT_NONE, False)
    assert caplog.text.count("verify=False: whoever stands between this kernel and gunj.example.com") == 2


def test_no_setting_and_no_variable_turns_verification_off() -> None:
    assert not [name for name in ConnectionSettings.__struct_fields__ if "verify" in name]


def test_a_context_is_taken_as_it_is() -> None:
    context = ssl.create_default_context()
    assert tls_context("x", context) is context


def test_a_ca_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot use the CA file .*No such file"):
        tls_context("x", ca_file=str(tmp_path / "none.pem"))
    (tmp_path / "text.pem").write_text("hello", encoding="utf-8")
    with pytest.raises(SettingsError, match="holds no certificate"):
        tls_context("x", ca_file=str(tmp_path / "text.pem"))
