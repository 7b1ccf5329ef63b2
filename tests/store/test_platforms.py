"""PlatformBook: newer wins, what is left out stays, and health follows the components."""

from __future__ import annotations

import itertools

import pytest

from gunj_widgets.errors import UnknownPlatformError
from gunj_widgets.events.records import ComponentHealth, Condition, Health, Phase, Platform
from gunj_widgets.store import platforms as module
from gunj_widgets.store.platforms import PlatformBook, health_of

H, D, U, X = Health.HEALTHY, Health.DEGRADED, Health.UNHEALTHY, Health.UNKNOWN


def component(name: str, health: Health = H, updated: float | None = None, **more: object) -> ComponentHealth:
    return ComponentHealth(name=name, health=health, updated=updated, **more)  # type: ignore[arg-type]


def platform(id: str = "p1", name: str = "production", updated: float | None = None, **more: object) -> Platform:
    return Platform(id=id, name=name, updated=updated, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("healths", "wanted"),
    [
        ([], X),
        ([X, X], X),
        ([H, H], H),
        ([H, X], H),
        ([H, U], D),
        ([H, D], D),
        ([D, D], D),
        ([D, U], D),
        ([U, U], U),
        ([U, X], U),
    ],
)
def test_what_components_amount_to(healths: list[Health], wanted: Health) -> None:
    for order in itertools.permutations(healths):
        assert health_of({str(i): component(str(i), health) for i, health in enumerate(order)}) is wanted


def test_an_older_status_never_replaces_a_newer_one() -> None:
    book = PlatformBook()
    assert book.put(platform(updated=10.0, phase=Phase.READY))
    version = book.version
    assert not book.put(platform(updated=9.0, phase=Phase.FAILED))
    assert book.get("production").phase is Phase.READY
    assert (book.stale, book.version) == (1, version)
    assert book.put(platform(updated=10.0, phase=Phase.DEGRADED)), "of equal times the later arrival stays"
    assert book.put(platform(phase=Phase.UPGRADING)), "without a time, order of arrival counts"
    assert not book.put(platform(updated=9.5)), "and does not make the past acceptable"


def test_what_a_status_leaves_out_stays() -> None:
    book = PlatformBook()
    condition = Condition(type="Ready", status="True")
    book.put(
        platform(
            namespace="observability", uid="u1", version="1.2", updated=1.0, components={"loki": component("loki")},
            conditions=(condition,), endpoints={"grafana": "http://g"}, labels={"tier": "1"}, message="fine",
        )
    )  # fmt: skip
    book.put(Platform(id="p1", name="p1", phase=Phase.DEGRADED, health=D, updated=2.0))
    found = book.by_id("p1")
    assert found is not None
    assert (found.name, found.namespace, found.uid, found.version) == ("production", "observability", "u1", "1.2")
    assert (list(found.components), found.conditions, found.endpoints) == (
        ["loki"],
        (condition,),
        {"grafana": "http://g"},
    )
    assert (found.phase, found.health, found.message, found.labels) == (Phase.DEGRADED, D, "", {"tier": "1"})


def test_a_platform_created_anew_inherits_nothing() -> None:
    book = PlatformBook()
    book.put(platform(uid="u1", updated=10.0, version="1", components={"loki": component("loki")}))
    book.put(platform(uid="u2", updated=5.0))
    found = book.get("production")
    assert (found.uid, found.version, found.components) == ("u2", "", {})


def test_a_status_does_not_take_back_newer_news_of_a_component() -> None:
    book = PlatformBook()
    book.put_component("p1", component("loki", U, 20.0))
    book.put(
        platform(updated=30.0, components={"loki": component("loki", H, 10.0), "tempo": component("tempo", H, 10.0)})
    )
    found = book.get("production")
    assert found.components["loki"].health is U
    assert found.health is D
    book.put(platform(updated=31.0, components={"tempo": component("tempo")}))
    assert list(book.get("production").components) == ["tempo"], "a status is whole: loki is gone"


def test_a_component_updates_its_platform() -> None:
    book = PlatformBook()
    book.put(platform(components={"loki": component("loki", H, 1.0, replicas=3, ready=3, version="2.9")}))
    assert book.put_component("p1", component("loki", D, 2.0, ready=1))
    loki = book.get("production").components["loki"]
    assert (loki.health, loki.replicas, loki.version) == (D, 3, "2.9")
    assert not book.put_component("p1", component("loki", H, 1.5))
    assert book.get("production").components["loki"].health is D
    assert book.stale == 1
    assert book.get("production").health is D


def test_a_health_the_server_gave_stands_until_it_gives_another() -> None:
    book = PlatformBook()
    book.put(platform(health=U, components={"loki": component("loki", H)}))
    book.put_component("p1", component("tempo", H))
    assert book.get("production").health is U


def test_health_is_derived_where_the_server_says_nothing() -> None:
    book = PlatformBook()
    book.put(platform(components={"loki": component("loki", H), "tempo": component("tempo", U)}))
    assert book.get("production").health is D
    book.put_component("p1", component("tempo", H))
    assert book.get("production").health is H


def test_a_component_may_come_before_its_platform() -> None:
    book = PlatformBook()
    book.put_component("p1", component("loki", U))
    assert book.get("p1").health is U
    book.put(platform(namespace="observability", components={"tempo": component("tempo", H)}))
    assert book.get("production").namespace == "observability"


def test_lookup_by_name_namespace_and_id() -> None:
    book = PlatformBook()
    book.put(platform("1", "production", namespace="eu"))
    book.put(platform("2", "production", namespace="us"))
    book.put(platform("3", "staging"))
    assert book.get("staging").id == "3"
    assert book.get("production", "us").id == book.get("2").id == "2"
    with pytest.raises(
        UnknownPlatformError, match="2 platforms are called 'production'. Give namespace=, one of 'eu', 'us'"
    ):
        book.get("production")
    with pytest.raises(
        UnknownPlatformError, match="no platform 'prod'. There are: eu/production, staging, us/production"
    ):
        book.get("prod")
    with pytest.raises(UnknownPlatformError, match="no platform 'asia/production'"):
        book.get("production", "asia")
    with pytest.raises(UnknownPlatformError, match="none yet"):
        PlatformBook().get("x")
    assert book.by_id("9") is None
    assert "1" in book
    assert "9" not in book


def test_a_name_goes_before_an_id_of_the_same_spelling() -> None:
    book = PlatformBook()
    book.put(platform("production", "other"))
    book.put(platform("7", "production"))
    assert book.get("production").id == "7"


def test_remove_and_clear() -> None:
    book = PlatformBook()
    heard: list[object] = []
    book.listen(heard.append)
    book.put(platform())
    assert book.remove("p1")
    assert not book.remove("p1")
    assert (len(book), len(heard), book.version) == (0, 2, 2)
    book.put(platform(updated=1.0))
    book.clear()
    assert list(book) == []


def test_numbers_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_PLATFORMS", 2)
    monkeypatch.setattr(module, "MAX_COMPONENTS", 2)
    book = PlatformBook()
    parts = {name: component(name) for name in "abc"}
    book.put(platform("1", components=parts))
    assert book.refused == 1
    assert not book.put_component("1", component("d"))
    assert book.put_component("1", component("a"))
    book.put(platform("2"))
    assert not book.put(platform("3"))
    assert book.put(platform("2", version="2"))
    assert (len(book), book.refused) == (2, 3)


def test_df_and_repr() -> None:
    book = PlatformBook()
    book.put(platform(updated=1.0, components={"a": component("a"), "b": component("b", U)}))
    row = book.df.loc["p1"]
    assert (row["name"], row["healthy"], row["components"], row["health"]) == ("production", 1, 2, "degraded")
    assert str(row["updated"]) == "1970-01-01 00:00:01+00:00"
    assert PlatformBook().df.empty
    assert repr(book) == "<PlatformBook 1 platforms, version 1>"


def test_components_as_a_table() -> None:
    book = PlatformBook()
    book.put(platform(components={"loki": component("loki", D, replicas=3, ready=1)}))
    row = book.components("p1").loc["loki"]
    assert (row["health"], row["ready"], row["replicas"]) == ("degraded", 1, 3)
    assert book.components("p2").empty
