"""Which proxy leads where: the setting, then the environment, never for loopback, and no password to be seen."""

from __future__ import annotations

import pytest

from gunj_widgets.connection import proxy as module
from gunj_widgets.connection.proxy import choose_proxy, shown
from gunj_widgets.errors import SettingsError, SetupError

HERE = "https://gunj.example.com"
NAMES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


def test_without_a_word_about_it_there_is_none() -> None:
    assert choose_proxy(HERE) is None


@pytest.mark.parametrize(
    ("setting", "chosen"),
    [
        ("http://proxy:3128", "http://proxy:3128"),
        ("proxy:3128", "http://proxy:3128"),
        ("socks5h://proxy:1080/", "socks5h://proxy:1080"),
        ("https://u:p@proxy", "https://u:p@proxy"),
    ],
)
def test_the_setting(setting: str, chosen: str) -> None:
    assert choose_proxy(HERE, setting) == chosen


def test_the_environment_and_what_it_leaves_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://secure:1")
    monkeypatch.setenv("http_proxy", "http://plain:1")
    monkeypatch.setenv("no_proxy", "inside.example.com")
    assert choose_proxy(HERE) == "http://secure:1"
    assert choose_proxy("http://gunj.example.com") == "http://plain:1"
    assert choose_proxy("https://inside.example.com:8443") is None
    assert choose_proxy(HERE, "http://mine:1") == "http://mine:1"
    assert choose_proxy(HERE, "direct") is None


def test_one_for_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("all_proxy", "socks5://all:1")
    assert choose_proxy(HERE) == "socks5://all:1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "http://localhost", "http://[::1]:1"])
def test_loopback_is_never_asked_for_through_a_proxy(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy:1")
    assert choose_proxy(url) is None
    assert choose_proxy(url, "http://proxy:1") is None


@pytest.mark.parametrize("setting", ["ftp://proxy", "http://", "http://:80", "http://proxy:0", "http://proxy:99999"])
def test_what_is_no_proxy_is_told_without_its_password(setting: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose_proxy(HERE, setting.replace("//", "//user:canary@"))
    assert "canary" not in str(caught.value)


def test_socks_needs_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "find_spec", lambda name: None)
    with pytest.raises(SetupError, match=r"gunj-widgets\[proxy\]"):
        choose_proxy(HERE, "socks5h://proxy:1080")


def test_a_password_is_not_shown() -> None:
    assert shown("http://user:canary@proxy:3128") == "http://***@proxy:3128"
    assert shown("http://proxy:3128") == "http://proxy:3128"
    assert "canary" not in repr(choose_proxy(HERE, "http://user:canary@proxy"))
