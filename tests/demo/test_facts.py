"""Facts and filters: what a subscription consists of."""

from __future__ import annotations

import pytest

from gunj_widgets.demo.facts import KINDS, Fact, Filter


def fact(kind: str = "metrics", platform: str = "p", name: str = "cpu") -> Fact:
    return Fact(id="f1", kind=kind, topic="a.b", payload={"x": 1}, time=5.0, platform=platform, name=name)


def test_an_envelope_is_numbered_only_where_it_belongs_to_a_stream() -> None:
    assert fact().envelope() == {"type": "a.b", "payload": {"x": 1}, "id": "f1", "timestamp": 5.0}
    numbered = fact().envelope(sub="s", seq=3, epoch="e")
    assert (numbered["sub"], numbered["seq"], numbered["epoch"]) == ("s", 3, "e")


def test_a_filter_looks_at_kind_platform_and_names() -> None:
    wanted = Filter.of("metrics", "p", ["cpu", "memory"])
    assert wanted.wants(fact())
    assert not wanted.wants(fact(kind="logs"))
    assert not wanted.wants(fact(platform="q"))
    assert not wanted.wants(fact(name="disk"))
    assert Filter.of("metrics", "p").wants(fact(name="disk"))
    assert Filter.of("alerts").wants(fact(kind="alert", platform="q", name="abc"))


def test_the_same_interest_is_the_same_filter_however_it_is_written() -> None:
    assert Filter.of("metrics", "p", ["a", "b"]) == Filter.of("metrics", "p", ["b", "a", "a"])
    assert Filter.of("platform", "p") == Filter.of("platform", "p", KINDS["platform"])
    assert hash(Filter.of("logs", "p", ["loki"])) != hash(Filter.of("logs", "p"))


def test_names_of_a_platform_subscription_are_kinds_of_events() -> None:
    only = Filter.of("platform", "p", ["health"])
    assert only.wants(fact(kind="health"))
    assert not only.wants(fact(kind="status"))
    with pytest.raises(KeyError, match="weather"):
        Filter.of("platform", "p", ["weather", "health"])
