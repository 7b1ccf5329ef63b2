"""Requests of remote_write: what they hold, and what is refused. With a real Prometheus: tests/live/sources/test_push.py."""

from __future__ import annotations

import contextlib
import math
import struct
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError, SetupError
from gunj_widgets.sources.prometheus import remote_write
from gunj_widgets.sources.prometheus.remote_write import MAX_INFLATED, configuration, decode

yaml = pytest.importorskip("yaml")
STALE = struct.unpack("<d", struct.pack("<Q", 0x7FF0000000000002))[0]


def request(*series: tuple[dict[str, str], list[tuple[int, float]]]) -> bytes:
    snappy, kind = remote_write._libraries()
    made = kind()
    for labels, samples in series:
        one = made.timeseries.add()
        for name, value in labels.items():
            one.labels.add(name=name, value=value)
        for moment, number in samples:
            one.samples.add(timestamp=moment, value=number)
    return bytes(snappy.compress_raw(made.SerializeToString()))


def test_samples_of_each_series() -> None:
    labels = {"__name__": "up", "job": "node"}
    found = decode(
        request((labels, [(1_500, 1.0), (2_500, STALE)]), ({"job": "x"}, [(1, 1.0)]), ({"__name__": "y"}, []))
    )
    ((name, rest, times, values, unit),) = found
    assert (name, rest, list(times), unit) == ("up", {"job": "node"}, [1.5, 2.5], "")  # type: ignore[arg-type]
    assert values[0] == 1.0  # type: ignore[index]
    assert math.isnan(values[1])  # type: ignore[index]


def test_as_the_proto_file_has_it() -> None:
    """Bytes made by hand: a change of our own description would go unseen by the test above."""
    sample = b"\x09" + struct.pack("<d", 2.5) + b"\x10\xdc\x0b"
    label = b"\x0a\x08__name__\x12\x02up"
    series = b"\x0a" + bytes([len(label)]) + label + b"\x12" + bytes([len(sample)]) + sample
    body = b"\x0a" + bytes([len(series)]) + series + b"\x1a\x02\x08\x01"  # and metadata, which is skipped
    ((name, labels, times, values, _),) = decode(bytes(remote_write._libraries()[0].compress_raw(body)))
    assert (name, labels, list(times), list(values)) == ("up", {}, [1.5], [2.5])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "body", [b"", b"\xff\xff\xff\xff\xff\xff", b"{}", b"\x05hello", bytes(50), b"\x80\x80\x80\x80\x08" + bytes(20)]
)
def test_what_is_none(body: bytes) -> None:
    if body == bytes(50):
        body = request(({"__name__": "up"}, [(1, 1.0)]))[:-3]
    with pytest.raises(RemoteProtocolError):
        decode(body)


def test_a_bomb_is_refused_before_it_is_opened() -> None:
    snappy = remote_write._libraries()[0]
    bomb = bytes(snappy.compress_raw(bytes(MAX_INFLATED + 1)))
    assert len(bomb) < MAX_INFLATED / 15
    with pytest.raises(RemoteProtocolError, match="over 64 MB"):
        decode(bomb)


@given(st.binary(max_size=300))
def test_whatever_comes_is_samples_or_told_as_wrong(body: bytes) -> None:
    with contextlib.suppress(RemoteProtocolError):
        decode(body)


def test_version_two_says_what_to_do() -> None:
    with pytest.raises(RemoteProtocolError, match="protobuf_message"):
        decode(b"", "application/x-protobuf;proto=io.prometheus.write.v2.Request")


def test_configuration() -> None:
    (found,) = yaml.safe_load(configuration("http://127.0.0.1:1/x", "/run/token", ["up", "node_load1"]))["remote_write"]
    assert found["authorization"] == {"credentials_file": "/run/token"}
    assert found["write_relabel_configs"][0]["regex"] == "up|node_load1"
    assert "write_relabel_configs" not in configuration("http://127.0.0.1:1/x", "/run/token", [])


def test_without_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    remote_write._libraries.cache_clear()
    modules: dict[str, Any] = {"cramjam": None}
    for name, module in modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    with pytest.raises(SetupError, match=r"gunj-widgets\[push\]"):
        remote_write.need()
    remote_write._libraries.cache_clear()
