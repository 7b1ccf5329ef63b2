"""Credentials: each source its own, none of them shown, none in clear text."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.errors import ConnectError, SettingsError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.source import Source


def test_an_address_takes_the_token_of_the_call_and_a_source_its_own() -> None:
    assert Source.of("http://localhost:9090/", "t").token == "t"
    assert Source.of(Source(url="http://localhost:9090", token="own"), "t").token == "own"
    assert Source.of("http://localhost:9090/api/v1").url == "http://localhost:9090"


def test_what_is_sent() -> None:
    source = Source.of(Source(url="https://prom", basic=("me", "pass"), headers={"X-Scope": "a"}, tenant="team-a"))
    assert source.sent() == {"X-Scope": "a", "Authorization": "Basic bWU6cGFzcw==", "X-Scope-OrgID": "team-a"}


def test_no_secret_is_shown() -> None:
    source = Source.of(Source(url="https://prom", basic=("me", "canary"), headers={"X-Key": "canary"}))
    assert "canary" not in repr(source)
    assert "canary" not in repr(vars(source))
    assert "bWU6" not in repr(source.sent())
    assert "canary" not in repr(vars(Source.of("https://prom", "canary")))
    for url in ("http://me:canary@prom", "http://prom?token=canary", "http://prom#canary"):
        assert "canary" not in f"{Source(url=url)!r} {Source(url=url)._repr_html_()} {vars(Source(url=url))}"
    assert repr(Source(url="http://prom:9090")).startswith("Source(url='http://prom:9090'")


def test_an_address_is_text() -> None:
    with pytest.raises(SettingsError, match="an address is text, not 5"):
        Source(url=5)  # type: ignore[arg-type]  on purpose


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"token": 5}, "a token is text or a function that returns one, not of type int"),
        ({"basic": "me:canary"}, "basic is not a user and a password"),
        ({"basic": ("canary",)}, "basic is not a user and a password"),
        ({"basic": ("me", 5)}, "basic is not a user and a password"),
        ({"cert": "client.pem"}, "cert is not two files"),
        ({"tenant": 5}, "a tenant is named by text, not 5"),
        ({"tenant": "a\nb"}, "the header 'X-Scope-OrgID' cannot be sent"),
        ({"namespace": 5}, "a namespace is named by text, not 5"),
        ({"headers": "canary"}, "headers are no dict"),
        ({"headers": {"X-Key": "canary\n"}}, "the header 'X-Key' cannot be sent"),
        ({"headers": {"X-Key": "canäry"}}, "the header 'X-Key' cannot be sent"),
        ({"headers": {"X-Key": 5}}, "the header 'X-Key' cannot be sent"),
        ({"headers": {5: "canary"}}, "the header 5 cannot be sent"),
        ({"verify": "ca.pem"}, "verify is True, False or an ssl.SSLContext"),
    ],
)
def test_what_nobody_could_be_let_in_with_is_refused_and_not_shown(given: dict[str, Any], words: str) -> None:
    with pytest.raises(SettingsError, match=words) as caught:
        Source(url="https://prom", **given)
    assert "canary" not in str(caught.value)


def test_credentials_do_not_travel_in_clear_text() -> None:
    for source in (Source(url="http://prom", token="t"), Source(url="http://prom", basic=("a", "b"))):
        with pytest.raises(ConnectError, match="clear text"):
            source.check(Settings())
    Source(url="http://prom").check(Settings())
    Source(url="http://127.0.0.1", token="t").check(Settings())


def test_two_ways_to_be_let_in_at_once_are_refused() -> None:
    with pytest.raises(SettingsError, match="both token= and basic="):
        Source.of(Source(url="https://prom", token="t", basic=("a", "b")))


def test_a_client_certificate_that_is_not_there_is_told() -> None:
    with pytest.raises(SettingsError, match="client certificate"):
        Source(url="https://prom", cert=("no-such.pem", "no-such.key")).tls("prom", None)


def test_identities_differ() -> None:
    sources = [
        Source(url="https://p"),
        Source(url="https://p", token="a"),
        Source(url="https://p", basic=("a", "b")),
        Source(url="https://p", tenant="a"),
        Source(url="https://p", headers={"a": "b"}),
    ]
    assert len({source.identity() for source in sources}) == len(sources)


def test_a_cell_shows_where_a_source_is_and_only_that_there_are_credentials() -> None:
    source = Source(url="https://me:hunter2@prom:9090", token="s3cret", headers={"X-Key": "k3y"}, tenant="<b>sre</b>")
    html = source._repr_html_() or ""
    assert "prom:9090" in html
    assert "token, headers" in html
    assert "&lt;b&gt;sre" in html
    assert not [secret for secret in ("hunter2", "s3cret", "k3y") if secret in html]
