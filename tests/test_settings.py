"""Settings: defaults, then TOML, then the environment, then keywords; what is wrong is named."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from gunj_widgets import settings as module
from gunj_widgets.errors import SettingsError
from gunj_widgets.settings import ConnectionSettings, Settings


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in list(os.environ):
        if name.startswith("GUNJ_") and "__" in name:
            monkeypatch.delenv(name)


def test_the_defaults_keep_the_promises() -> None:
    connection, limits = Settings().connection, Settings().limits
    assert connection.open_timeout < 10  # a wrong address is told in time
    assert connection.ping_interval + connection.ping_timeout <= 20  # a half-open link is found
    assert connection.idle_timeout <= 20
    assert connection.max_attempts is None  # it never gives up by itself
    assert (connection.allow_insecure, connection.token_in_url) == (False, False)
    assert (limits.message_size, limits.sse_line, limits.sse_event, limits.nesting) == (1 << 20, 1 << 20, 4 << 20, 64)


def test_layers_in_their_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gunj.toml"
    file.write_text("[connection]\nping_interval = 1.0\nping_timeout = 1.0\nidle_timeout = 1.0\n", encoding="utf-8")
    monkeypatch.setenv("GUNJ_CONNECTION__PING_TIMEOUT", "2")
    monkeypatch.setenv("GUNJ_CONNECTION__IDLE_TIMEOUT", "2")
    loaded = Settings.load(file, connection={"idle_timeout": 3.0}).connection
    assert (loaded.ping_interval, loaded.ping_timeout, loaded.idle_timeout) == (1.0, 2.0, 3.0)
    assert loaded.open_timeout == ConnectionSettings().open_timeout


def test_none_and_numbers_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_RETENTION__METRICS_AGE", "none")
    monkeypatch.setenv("GUNJ_RETENTION__METRICS_ROWS", "100")
    monkeypatch.setenv("GUNJ_CONNECTION__ALLOW_INSECURE", "true")
    loaded = Settings.load()
    assert (loaded.retention.metrics_age, loaded.retention.metrics_rows) == (None, 100)
    assert loaded.connection.allow_insecure is True


def test_other_variables_are_not_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GUNJ_TOKEN", "secret")
    monkeypatch.setenv("OTHER__THING", "1")
    assert Settings.load() == Settings()


@pytest.mark.parametrize(
    "sections",
    [
        {"connection": {"ping_intervall": 1}},
        {"conection": {}},
        {"connection": {"ping_interval": "often"}},
        {"limits": 5},
    ],
)
def test_what_is_wrong_is_named(sections: dict[str, dict[str, object]]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(**sections)
    assert "connection" in str(caught.value) or "limits" in str(caught.value)


def test_files_that_are_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.load(tmp_path / "none.toml")
    bad = tmp_path / "bad.toml"
    bad.write_text("this is = not = toml", encoding="utf-8")
    with pytest.raises(SettingsError, match="not TOML"):
        Settings.load(bad)


def test_settings_do_not_change() -> None:
    with pytest.raises(AttributeError):
        Settings().connection.ping_interval = 1.0  # type: ignore[misc]


def test_every_section_says_its_units() -> None:
    sections = [field.type for field in msgspec.structs.fields(Settings)]
    assert all(re.search(r"second|row|byte|Bytes|rate|update|browser", section.__doc__ or "") for section in sections)
    assert {section.__name__ for section in sections} | {"Settings"} == set(module.__all__)
