"""Hashes: the same for the same, and another for the smallest change."""

from __future__ import annotations

import hashlib
import json

import msgspec

from gunj_widgets.report.manifest import digest, manifest
from tests.report.evidence import made


def test_each_piece_has_one_that_anybody_can_work_out() -> None:
    evidence = made()
    found = dict(manifest(evidence))
    assert list(found) == ["1. CPU loki", "2. nothing", "3. loki", "4. Note", "timeline", "all of it"]
    plain = json.dumps(msgspec.to_builtins(evidence.pins[3]), sort_keys=True, separators=(",", ":"))
    assert found["4. Note"] == hashlib.sha256(plain.encode()).hexdigest()


def test_it_survives_the_way_through_json() -> None:
    again = msgspec.json.decode(msgspec.json.encode(made()), type=type(made()))
    assert manifest(again) == manifest(made())


def test_a_change_shows() -> None:
    pin = made().pins[0]
    assert digest(pin) != digest(msgspec.structs.replace(pin, caption="another"))
