"""Both ends of the browser's wire say the same: what js/src/wire/types.ts declares is what Python has and sends, name by name."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anywidget
import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import CommandError
from gunj_widgets.events.event import Event
from gunj_widgets.widgets import base
from gunj_widgets.widgets.base import LiveWidget
from gunj_widgets.widgets.channel import Buffers, Channel, WholeChannel
from gunj_widgets.widgets.dashboard import KINDS
from tests.session.conftest import Rig, until
from tests.session.conftest import asked as asked
from tests.session.conftest import rig as rig

ROOT = Path(__file__).parents[2]
TYPES = (ROOT / "js" / "src" / "wire" / "types.ts").read_text(encoding="utf-8")
NOW = 1_750_000_000.0
ANSWERS = {"reply", "code"}
"""Kinds of part that no channel sends; the feed does."""
FACTS: list[tuple[str, dict[str, Any]]] = [
    (
        "platform.PLATFORM.status",
        {
            "name": "production",
            "namespace": "observability",
            "phase": "Ready",
            "conditions": [{"type": "Ready", "status": "True"}],
            "components": {"loki": {"health": "healthy", "phase": "Ready"}},
        },
    ),
    (
        "alert.f1.firing",
        {"fingerprint": "f1", "name": "A", "severity": "critical", "status": "firing", "startsAt": NOW},
    ),
    ("alert.f2.resolved", {"fingerprint": "f2", "name": "B", "status": "resolved", "startsAt": NOW, "endsAt": NOW + 1}),
    (
        "platform.PLATFORM.operation.o1.progress",
        {
            "id": "o1",
            "type": "backup",
            "platform": "production",
            "status": "running",
            "stages": [{"name": "copy", "status": "running", "progress": 0.5}],
        },
    ),
    (
        "platform.PLATFORM.events",
        {"reason": "Pulled", "message": "m", "type": "Normal", "platform": "production", "lastTimestamp": NOW},
    ),
    ("platform.PLATFORM.metrics.cpu", {"metric": "cpu", "samples": [{"time": NOW, "value": 1.0, "labels": {}}]}),
    ("platform.PLATFORM.logs", {"entries": [{"time": NOW, "level": "info", "message": "line"}]}),
]


def union(name: str) -> set[str]:
    """Return the strings that a TypeScript union has."""
    found = re.search(rf"export type {name} =(.*?);", TYPES, re.DOTALL)
    assert found, f"types.ts declares no {name}"
    return set(re.findall(r'"(\w+)"', found.group(1)))


def fields(name: str) -> dict[str, tuple[str, bool]]:
    """Return each field of a TypeScript interface: its type, and whether it may be left out."""
    found = re.search(rf"(?:export )?interface {name}(?: extends (\w+))? \{{(.*?)\n\}}", TYPES, re.DOTALL)
    assert found, f"types.ts declares no {name}"
    own = re.findall(r"^\t(\w+)(\??): (.*);$", found.group(2), re.MULTILINE)
    inherited = fields(found.group(1)) if found.group(1) else {}
    return {**inherited, **{field: (kind, bool(optional)) for field, optional, kind in own}}


INTERFACES = set(re.findall(r"interface (\w+)", TYPES))


def every(kind: type[Any]) -> set[type[Any]]:
    """Return the subclasses of a class that this package declares; traitlets makes more, one for each instance."""
    below = {sub for one in kind.__subclasses__() for sub in {one, *every(one)}}
    ours = {one for one in below if one.__module__.startswith("gunj_widgets.")}
    return {one for one in ours if getattr(sys.modules[one.__module__], one.__name__, None) is one}


def compared(path: str, function: str, variable: str) -> set[str]:
    """Return the strings that a function compares a variable with."""
    tree = ast.parse((ROOT / "gunj_widgets" / path).read_text(encoding="utf-8"))
    [body] = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == function]
    tests = [n for n in ast.walk(body) if isinstance(n, ast.Compare) and ast.unparse(n.left) == variable]
    constants = [c for test in tests for right in test.comparators for c in ast.walk(right)]
    return {c.value for c in constants if isinstance(c, ast.Constant) and isinstance(c.value, str)}


def traits(kind: type[LiveWidget]) -> set[str]:
    return set(kind.class_traits(sync=True)) - set(anywidget.AnyWidget.class_traits(sync=True))


@pytest.fixture(scope="module")
def shown() -> Iterator[tuple[Rig, dict[str, LiveWidget]]]:
    """A widget of each kind that a live session has, given every option there is, and something to tell."""
    rig = Rig()
    rig.do(rig.operator.platform, "production", namespace="observability", phase="Ready")
    rt = rig.session.wait_ready(5)
    chart = {"thresholds": [(1.0, "high")], "y_min": 0.0, "y_max": 2.0, "facet": "pod", "title": "t"}
    widgets = [
        gunj.AlertPanel(rt, title="t", matchers="a=b", group_by="platform"),
        gunj.BackpressureMonitor(rt, title="t"),
        gunj.CommandPanel(rt, "production"),
        gunj.ComponentHealth(rt, "production"),
        gunj.ConnectionStatus(rt, title="t"),
        gunj.EventFeed(rt, "production", title="t"),
        gunj.IncidentTimeline(rt, title="t"),
        gunj.LogViewer(rt, "production", title="t"),
        gunj.MetricChart(rt, "production", **chart),  # type: ignore[arg-type]
        gunj.OperationProgress(rt, title="t"),
        gunj.PlatformCard(rt, "production", title="t"),
    ]
    handle = rt.platform("production")
    told = [Event(topic=t.replace("PLATFORM", handle.id), data=data, arrived=NOW) for t, data in FACTS]
    assert rig.do(rt.store.take, told) == []
    assert rt.store.frame(handle.id).series
    assert rt.store.logs(handle.id).total
    assert rt.alerts.resolved
    kept = (handle.operations, handle.events, handle.components, handle.conditions, rt.alerts.active)
    assert all(kept), list(map(len, kept))
    yield rig, {widget.kind: widget for widget in widgets}
    for widget in widgets:
        widget.close()
    rt.shut()


def test_there_is_a_widget_of_each_kind_and_a_channel_of_each_role() -> None:
    channels = {kind.kind for kind in every(Channel) - {WholeChannel}}
    assert union("Kind") == set(KINDS) == {kind.kind for kind in every(LiveWidget)}
    assert union("Role") == channels
    parts = re.search(r"export type Part =(.*?);\n", TYPES, re.DOTALL)
    assert parts
    assert set(re.findall(r'PartOf<"(\w+)"', parts.group(1))) == channels | ANSWERS


def test_a_leaf_has_the_traits_that_python_syncs() -> None:
    declared = fields("LeafTraits")
    assert {name for name, (_, optional) in declared.items() if not optional} == traits(LiveWidget)
    assert set(declared) == traits(LiveWidget) | traits(gunj.MetricChart)
    for kind in every(LiveWidget):
        assert traits(kind) <= set(declared), kind


def test_the_roles_of_every_widget_are_declared(shown: tuple[Rig, dict[str, LiveWidget]]) -> None:
    for widget in shown[1].values():
        assert set(widget._channels) <= union("Role")
        assert all(channel.startswith(f"{role}:") for role, channel in widget._channels.items())


@pytest.mark.parametrize("kind", sorted(k for k in union("Kind") if f"{k.title()}Options" in INTERFACES))
def test_the_options_of_a_widget_are_declared(kind: str, shown: tuple[Rig, dict[str, LiveWidget]]) -> None:
    declared = fields(f"{kind.title()}Options")
    assert set(shown[1][kind]._options) == set(declared)
    assert all(optional for _, optional in declared.values())


def agree(value: Any, interface: str) -> int:
    """Compare a value with an interface, and what is in it with theirs; return how many were compared."""
    declared = fields(interface)
    if isinstance(value, list):  # a log line is sent as a list, in the order of its fields
        assert len(value) == len(declared), interface
        return 1
    assert set(value) == set(declared), interface
    compared = 1
    for name, (kind, _) in declared.items():
        inner = kind.removesuffix(" | null").removesuffix("[]")
        if inner in INTERFACES and value[name] is not None:
            many = value[name] if kind.endswith("[]") else [value[name]]
            compared += sum(agree(one, inner) for one in many)
    return compared


@pytest.mark.parametrize(
    ("role", "least"),
    [
        ("status", 3),
        ("platform", 4),
        ("metrics", 2),
        ("logs", 2),
        ("alerts", 3),
        ("events", 2),
        ("operations", 3),
        ("timeline", 2),
        ("pressure", 1),
    ],
)
def test_what_a_channel_sends_is_declared(role: str, least: int, shown: tuple[Rig, dict[str, LiveWidget]]) -> None:
    rig, widgets = shown
    holder = next(widget for widget in widgets.values() if role in widget._channels)
    channel = base.room(rig.session).feed._channels[holder._channels[role]]
    body = rig.do(channel.snap, Buffers(), NOW)
    body.pop("whole", None)  # becomes the part's op
    if role == "metrics":  # the buffers' numbers become the buffers, and say how many rows there are
        body.pop("rows")
        body = {name.removesuffix("Buf"): value for name, value in body.items()}
    assert agree(body, f"{role.title()}Body") >= least


def test_a_replay_says_what_is_declared(asked: gunj.Session) -> None:
    bar = gunj.ReplayBar(asked)
    channel = base.room(asked).feed
    found = until(lambda: channel._channels.get(bar._channels["status"]))
    body = found.snap(Buffers(), NOW)
    assert set(body["replay"]) == set(fields("ReplayInfo"))
    bar.close()


def test_the_browser_says_what_the_kernel_hears() -> None:
    message = re.search(r"export type ControlMessage =(.*?);\n\nexport", TYPES, re.DOTALL)
    assert message
    assert set(re.findall(r'op: "(\w+)"', message.group(1))) == compared("widgets/feed.py", "_on_message", "op")


def test_each_verb_is_known_on_both_sides(shown: tuple[Rig, dict[str, LiveWidget]]) -> None:
    session = shown[0].session
    with pytest.raises(CommandError, match="no action 'dance'") as caught:
        session.wait(session.act("dance", {}))
    assert union("Verb") == compared("session/actions.py", "act", "verb")
    assert union("Verb") == set(re.findall(r"\w+", caught.value.remedy.removeprefix("Known: ")))


def test_health_and_the_states_of_a_connection_are_the_same_words() -> None:
    from gunj_widgets.connection.lifecycle import State
    from gunj_widgets.events.records import Health

    assert union("Health") == set(Health)
    assert union("ConnectionState") == set(State)
