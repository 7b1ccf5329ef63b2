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
    assert (limits.message_size, limits.sse_line, limits.sse_event) == (1 << 20, 1 << 20, 4 << 20)


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
    ("sections", "words"),
    [
        (
            {"connection": {"ping_intervall": 1}},
            ["connection.ping_intervall", "Did you mean connection.ping_interval?"],
        ),
        ({"connection": {"zzz": 1}}, ["connection.zzz", "There are: open_timeout"]),
        ({"conection": {}}, ["'conection'", "Did you mean connection?"]),
        ({"connection": {"ping_interval": "often"}}, ["connection.ping_interval = 'often'", "float"]),
        ({"connection": {"ping_interval": -1}}, ["connection.ping_interval = -1", "> 0"]),
        ({"limits": {"platforms": 0}}, ["limits.platforms = 0", ">= 1"]),
        ({"pressure": {"policy": "newst"}}, ["pressure.policy = 'newst'"]),
        ({"limits": 5}, ["limits is no section"]),
    ],
)
def test_what_is_wrong_is_named(sections: dict[str, dict[str, object]], words: list[str]) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.load(**sections)
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_where_it_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "gunj.toml"
    file.write_text("[limits]\nplatform = 1\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"gunj\.toml has an unknown setting limits\.platform\b.*limits\.platforms"):
        Settings.load(file)
    monkeypatch.setenv("GUNJ_LIMITS__PLATFROMS", "2")
    with pytest.raises(SettingsError, match="the environment has an unknown setting limits.platfroms"):
        Settings.load()


def test_profiles_lie_under_everything_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.load(profile="production") == Settings()
    assert Settings.load(profile="development").connection.allow_insecure
    monkeypatch.setenv("GUNJ_PROFILE", "development")
    file = tmp_path / "gunj.toml"
    file.write_text("[connection]\nmax_delay = 5.0\n", encoding="utf-8")
    monkeypatch.setenv("GUNJ_CONFIG", str(file))
    loaded = Settings.load()
    assert (loaded.connection.allow_insecure, loaded.connection.max_delay) == (True, 5.0)
    with pytest.raises(SettingsError, match="production, development"):
        Settings.load(profile="staging")


def rows_of(page: str) -> list[list[str]]:
    lines = (Path(__file__).parents[1] / "docs" / page).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]


def test_every_parameter_of_the_operators_ui_is_here_or_said_not_to_be() -> None:
    rows = [row for row in rows_of("settings.md") if len(row) == 5 and "." in row[0]]
    assert len(rows) == 41
    for theirs, default, here, ours, why in rows:
        if not here.startswith("`") or "(" in here:
            assert here in ("`connect(url)`", "none", "fixed", "always"), theirs
            continue
        section, _, name = here.strip("`").partition(".")
        value = getattr(getattr(Settings(), section), name)
        assert str(value) == ours, theirs
        same = default.removesuffix(" s").lower() in (ours.lower(), ours.lower().removesuffix(".0"))
        assert same or why, f"{theirs}: differs and does not say why"


def test_no_setting_is_dead() -> None:
    package = Path(module.__file__).parent
    sources = [p.read_text(encoding="utf-8") for p in package.rglob("*.py") if p != Path(module.__file__)]
    for section in msgspec.structs.fields(Settings):
        for field in msgspec.structs.fields(section.type):
            used = re.compile(
                rf"\b(settings|limits|retention|pressure|feed|commands|connection|_settings)\.{field.name}\b"
            )
            assert any(used.search(source) for source in sources), f"{section.name}.{field.name} is used nowhere"


def test_files_that_are_not_there_or_not_toml(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        Settings.load(tmp_path / "none.toml")
    with pytest.raises(SettingsError, match="a file is named by text or a Path, not 5"):
        Settings.load(5)  # type: ignore[arg-type]  on purpose
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


def test_a_cell_shows_what_was_changed_first_and_no_password() -> None:
    settings = Settings.load(connection={"ping_interval": 5, "proxy": "http://me:hunter2@proxy:3128"})
    html = settings._repr_html_() or ""
    rows = re.findall(r"<tr><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td><td[^>]*>(.*?)</td></tr>", html)
    assert rows[:2] == [("connection.ping_interval", "5.0", "10.0"), ("connection.proxy", "***", "None")]
    assert "hunter2" not in html
    assert len(rows) == sum(len(getattr(settings, section).__struct_fields__) for section in settings.__struct_fields__)
