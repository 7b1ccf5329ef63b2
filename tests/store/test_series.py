"""Registry: series by what a sample carries, slots used again, keys never."""

from __future__ import annotations

import numpy as np

from gunj_widgets.store.series import MAX_LABELS, MAX_TEXT, Registry


def test_labels_in_any_order_are_the_same_series() -> None:
    registry = Registry(10)
    series = registry.add("cpu", {"b": "2", "a": "1"}, "percent", 7)
    assert series is not None
    assert series is registry.find("cpu", {"a": "1", "b": "2"})
    assert (series.name, series.labels, series.unit, series.born) == (
        'cpu{a="1", b="2"}',
        {"a": "1", "b": "2"},
        "percent",
        7,
    )
    assert registry.find("cpu", {"a": "1"}) is None
    assert registry.find("mem", {"a": "1", "b": "2"}) is None


def test_an_empty_label_is_none() -> None:
    registry = Registry(10)
    series = registry.add("cpu", {"a": "", "b": "1"}, "", 0)
    assert series is not None
    assert (series.labels, series.name) == ({"b": "1"}, 'cpu{b="1"}')
    assert series is registry.find("cpu", {"b": "1"})
    assert series is registry.find("cpu", {"b": "1", "c": ""})
    assert series is registry.aliases["cpu", ("a", ""), ("b", "1")], "found at once the next time"
    assert registry.meet("cpu", {"b": "1", "d": ""}) == series.key


def test_label_values_are_text() -> None:
    registry = Registry(10)
    series = registry.add("http", {"code": 200}, "", 0)  # type: ignore[dict-item]
    assert series is registry.find("http", {"code": "200"})


def test_a_series_over_a_bound_is_refused() -> None:
    registry = Registry(1)
    assert registry.add("", {}, "", 0) is None
    assert registry.add("m", {f"l{i}": "x" for i in range(MAX_LABELS + 1)}, "", 0) is None
    assert registry.add("m" * (MAX_TEXT - 1), {"a": "b"}, "", 0) is None
    assert registry.add("m" * (MAX_TEXT - 2), {"a": "b"}, "", 0) is not None
    assert registry.full
    assert registry.add("cpu", {}, "", 0) is None


def test_retiring_frees_the_slot_but_not_the_key() -> None:
    registry = Registry(10)
    for name in "abc":
        registry.add(name, {}, "", 0)
    before, version = registry.by_slot, registry.version
    registry.retire(np.array([True, False, True]))
    assert registry.find("b", {}) is None
    assert len(registry) == 2
    assert registry.version > version
    new = registry.add("d", {}, "", 0)
    assert new is not None
    assert (new.slot, new.key) == (1, 3)
    assert registry.keys.tolist() == [0, 3, 2]
    assert [s.metric for s in before if s] == ["a", "b", "c"], "an older snapshot keeps its own series"


def test_retiring_nothing_changes_nothing() -> None:
    registry = Registry(10)
    registry.add("a", {}, "", 0)
    before, version = registry.by_slot, registry.version
    registry.retire(np.array([True]))
    assert registry.by_slot is before
    assert registry.version == version
