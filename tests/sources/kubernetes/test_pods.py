"""Whose a pod is, what a line of its log says, and which lines are new when some are told again."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.sources.kubernetes.pods import (
    MAX_LINE,
    NS,
    Lines,
    Replay,
    containers,
    is_of,
    level_of,
    nanoseconds,
    said,
)


def pod(name: str, labels: dict[str, str] | None = None, **status: Any) -> dict[str, Any]:
    about = {"name": name, "namespace": "monitoring", "uid": f"uid-{name}", "labels": labels}
    return {"metadata": about, "status": status}


@pytest.mark.parametrize(
    ("one", "ours"),
    [
        (pod("prod-loki-0"), True),
        (pod("prod"), False),
        (pod("production-loki-0"), False),
        (pod("prod-eu-loki-0"), False),
        (pod("x", {"app.kubernetes.io/instance": "prod"}), True),
        (pod("prod-loki-0", {"app.kubernetes.io/instance": "prod-eu"}), False),
        (pod("prod-loki-0", {"app.kubernetes.io/instance": "a-helm-release"}), True),
    ],
)
def test_whose_it_is(one: dict[str, Any], ours: bool) -> None:
    assert is_of(one, "prod", ("prod", "prod-eu")) is ours


def test_containers_that_were_started() -> None:
    told = containers(
        pod(
            "prod-otel-0",
            {"app.kubernetes.io/component": "opentelemetryCollector"},
            initContainerStatuses=[{"name": "init", "containerID": "a", "state": {"terminated": {}}}],
            containerStatuses=[
                {"name": "main", "containerID": "b", "restartCount": 2, "state": {"running": {}}},
                {"name": "slow", "state": {"waiting": {"reason": "ContainerCreating"}}},
                {"state": {}},
                "nonsense",
            ],
        )
    )
    assert [(one.name, one.run, one.restarts, one.running) for one in told] == [
        ("init", "a", 0, False),
        ("main", "b", 2, True),
    ]
    assert {one.component for one in told} == {"opentelemetry-collector"}
    assert containers({"metadata": {"name": "x"}, "status": None}) == []


@pytest.mark.parametrize(
    ("stamp", "ns"),
    [
        ("2026-11-27T22:00:00.123456789Z", 1795816800_123456789),
        ("2026-11-27T22:00:00.1Z", 1795816800_100000000),
        ("2026-11-27T22:00:00Z", 1795816800_000000000),
        ("2026-11-28T00:00:00.000000001+02:00", 1795816800_000000001),
        ("2026-11-27T22:00:00.1", None),
        ("unable to retrieve container logs", None),
        ("", None),
    ],
)
def test_nanoseconds_stay_exact(stamp: str, ns: int | None) -> None:
    assert nanoseconds(stamp) == ns


def test_a_line_and_what_is_none() -> None:
    assert said(b"2026-11-27T22:00:00Z hello  world\r") == (1795816800 * NS, "hello  world")
    assert said(b"2026-11-27T22:00:00Z ") == (1795816800 * NS, "")
    assert said(b"failed to watch file: no space left") is None


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("level=warn msg=x", "warn"),
        ('{"severity": "ERROR", "m": 1}', "error"),
        ("2026 INFO started", "info"),
        ("E1127 10:00:00.000000 1 main.go:1] boom", "error"),
        ("an informative error page", ""),
        ("x" * 400 + " ERROR", ""),
    ],
)
def test_level(text: str, level: str) -> None:
    assert level_of(text) == level


@given(st.binary(max_size=200), st.lists(st.integers(1, 20), max_size=20))
def test_lines_do_not_depend_on_the_pieces(data: bytes, sizes: list[int]) -> None:
    lines = Lines()
    found = []
    rest = data
    for size in sizes:
        found += lines.feed(rest[:size])
        rest = rest[size:]
    found += lines.feed(rest)
    assert [*found, lines.rest] == [*(one for one in data.split(b"\n")[:-1] if one), data.split(b"\n")[-1]]


def test_a_line_too_long_is_cut_and_counted() -> None:
    lines = Lines()
    assert lines.feed(b"x" * MAX_LINE) == []
    assert lines.feed(b"y" * MAX_LINE) == []
    assert lines.feed(b"\nnext\n") == [b"x" * MAX_LINE, b"next"]
    assert lines.cut == 1


@given(st.data())
def test_each_line_is_new_once_whatever_is_told_again(data: st.DataObject) -> None:
    """A log of lines with few times and few texts, told in stretches that begin as the server has them begin."""
    steps = data.draw(st.lists(st.tuples(st.integers(0, NS), st.sampled_from("ab")), max_size=60))
    log, now = [], 5 * NS
    for step, text in steps:
        now += step
        log.append((now, text))
    replay, got, upto = Replay(), [], 0
    while upto < len(log):
        since = replay.since()
        replay.begin()
        upto = data.draw(st.integers(upto, len(log)))
        told = [one for one in log[:upto] if since is None or one[0] >= since * NS]
        got += [one for one in told if replay.is_new(*one)]
        if upto == len(log):
            break
    assert got == log


def test_a_server_that_does_not_know_since_tells_nothing_twice() -> None:
    replay = Replay()
    for second in (10, 20, 30):
        assert replay.is_new(second * NS, "x")
    replay.begin()
    assert [replay.is_new(second * NS, "x") for second in (10, 20, 30, 40)] == [False, False, False, True]
    assert replay.repeated == 3
