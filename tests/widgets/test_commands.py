"""The command panel: what the operator describes, bounded; and what stands there where it describes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import CommandError
from gunj_widgets.testing import MemoryReply
from gunj_widgets.widgets.commands import KNOWN, MAX_ARGUMENTS, MAX_COMMANDS
from tests.session.conftest import Rig

PATH = "/api/v1/platforms/production"
SCALE = {
    "name": "scale",
    "title": "Scale",
    "destroys": False,
    "arguments": [{"name": "replicas", "type": "integer", "minimum": 0, "maximum": 20, "required": True}],
}


@pytest.fixture
def rig() -> Iterator[Rig]:
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    made.session.wait_ready(5)
    yield made
    made.session.shut()


def answer(rig: Rig, question: str, body: Any, status: int = 200) -> None:
    rig.operator.answers[question] = MemoryReply(status, body)


def test_the_operators_description_becomes_the_form(rig: Rig) -> None:
    answer(rig, f"GET {PATH}/commands", {"items": [SCALE, "nonsense", {"title": "nameless"}]})
    panel = gunj.CommandPanel(rig.session, "production")
    (command,) = panel._options["commands"]
    assert (command["name"], command["destroys"], panel._options["described"]) == ("scale", False, True)
    (argument,) = command["arguments"]
    assert (argument["type"], argument["minimum"], argument["maximum"], argument["required"]) == (
        "integer",
        0,
        20,
        True,
    )
    assert panel.summary() == "production: scale"
    panel.close()


def test_an_operator_without_descriptions_gets_the_known_commands(rig: Rig) -> None:
    panel = gunj.CommandPanel(rig.session, "production")
    assert [c["name"] for c in panel._options["commands"]] == list(KNOWN)
    assert panel._options["described"] is False
    assert panel._options["commands"][1]["destroys"]
    assert rig.session.commands("production") == []
    panel.close()


def test_a_description_is_bounded(rig: Rig) -> None:
    long = {"name": "x" * 600, "arguments": [{"name": "a", "choices": ["c"] * 300}] * (MAX_ARGUMENTS + 1)}
    answer(rig, f"GET {PATH}/commands", {"items": [long] * (MAX_COMMANDS + 1)})
    panel = gunj.CommandPanel(rig.session, "production")
    commands = panel._options["commands"]
    assert (len(commands), len(commands[0]["arguments"])) == (MAX_COMMANDS, MAX_ARGUMENTS)
    assert (len(commands[0]["name"]), len(commands[0]["arguments"][0]["choices"])) == (500, 200)
    panel.close()


async def test_a_form_is_tried_and_then_meant(rig: Rig) -> None:
    asked: list[Any] = []
    request = rig.operator.request

    async def heard(method: str, path: str, headers: Any, json: Any = None) -> Any:
        asked.append((method, path, json))
        return await request(method, path, headers, json)

    rig.operator.request = heard  # type: ignore[method-assign]
    answer(rig, f"POST {PATH}/operations/scale", {"changes": ["loki: 3 → 5 replicas", 7]})
    form = {"platform": "production", "name": "scale", "args": {"component": "loki", "replicas": 5}}

    async def act(verb: str, args: Any) -> Any:
        return rig.session.wait(rig.session.act(verb, args))

    assert await act("dryrun", form) == ["loki: 3 → 5 replicas", "7"]
    assert asked[-1][2]["dry_run"] is True
    answer(rig, f"POST {PATH}/operations/scale", {"error": {"code": "conflict", "message": "one is under way"}}, 409)
    with pytest.raises(CommandError, match="under way"):
        await act("dryrun", form)
