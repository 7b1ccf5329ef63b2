"""What a list changes in a collection, and what the lines of a watch do; lines as a real API server sent them."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.kubernetes import collection as module
from gunj_widgets.sources.kubernetes.collection import Collection, ExpiredError, split
from tests.sources.fake import CONTRACT

RECORDED = CONTRACT / "kubernetes"


def thing(name: str, version: int) -> dict[str, Any]:
    return {"metadata": {"name": name, "uid": f"u-{name}", "resourceVersion": str(version)}}


def told(kind: str, about: Any) -> bytes:
    return json.dumps({"type": kind, "object": about}).encode()


def test_the_recorded_list_and_watch() -> None:
    found = Collection()
    listed = json.loads((RECORDED / "list.json").read_text(encoding="utf-8"))
    assert [change.gone for change in found.listed(listed["items"], listed["metadata"]["resourceVersion"])] == [False]
    changes = [found.told(line) for line in (RECORDED / "watch.jsonl").read_bytes().splitlines()]
    assert any(changes)
    with pytest.raises(ExpiredError):
        found.told((RECORDED / "watch_410.jsonl").read_bytes())


def test_a_list_tells_what_is_other_than_it_was_and_what_is_gone() -> None:
    found = Collection()
    found.listed([thing("a", 1), thing("b", 2), thing("c", 3)], "3")
    changes = found.listed([thing("a", 1), thing("b", 5), thing("d", 6)], "6")
    assert [(c.gone, c.object["metadata"]["name"]) for c in changes] == [(True, "c"), (False, "b"), (False, "d")]
    assert found.version == "6"


def test_a_watch_goes_on_from_its_last_line_or_bookmark() -> None:
    found = Collection()
    found.listed([thing("a", 1)], "1")
    assert found.told(told("ADDED", thing("b", 2))) is not None
    assert found.version == "2"
    assert found.told(told("BOOKMARK", {"metadata": {"resourceVersion": "9"}})) is None
    assert found.version == "9"
    assert found.told(told("ADDED", thing("b", 2))) is None  # said again
    gone = found.told(told("DELETED", thing("b", 12)))
    assert gone is not None
    assert gone.gone
    assert found.told(told("DELETED", thing("b", 12))) is None


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"{}",
        b"<html>",
        b'{"type":"ADDED","object":{}}',
        b'{"type":"ADDED","object":{"metadata":{"name":"a"}}}',
        b'{"type":"SPOKEN","object":{"metadata":{"name":"a","resourceVersion":"1"}}}',
        b'{"type":"ERROR","object":{"code":500,"message":"etcd is away"}}',
    ],
)
def test_what_is_no_line_of_a_watch_is_said_to_be_none(line: bytes) -> None:
    found = Collection()
    found.listed([thing("a", 1)], "1")
    with pytest.raises(RemoteProtocolError):
        found.told(line)
    assert found.version == "1"


def test_lines_are_put_together_from_any_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    text, rest, lines = b'{"a":1}\n\n{"b":2}\n{"c"', b"", []
    for at in range(len(text)):
        whole, rest = split(rest, text[at : at + 1])
        lines += whole
    assert (lines, rest) == ([b'{"a":1}', b'{"b":2}'], b'{"c"')
    monkeypatch.setattr(module, "MAX_LINE", 10)
    with pytest.raises(RemoteProtocolError, match="is over"):
        split(b"", b"x" * 11)
