"""What Prometheus' `remote_write` posts: samples as soon as they are scraped. snappy and protobuf, by the extra `push`. Pure."""

from __future__ import annotations

from array import array
from functools import lru_cache
from typing import Any

from gunj_widgets.errors import RemoteProtocolError, SetupError
from gunj_widgets.store.samples import Batch

__all__ = ["MAX_INFLATED", "PATH", "configuration", "decode", "need"]

PATH = "/api/v1/write"
MAX_INFLATED = 64 << 20
"""Bytes of one request after decompression; Prometheus' own default sends a few hundred kB."""
MAX_VARINT = 5


def need() -> None:
    """Raise SetupError where the extra is not installed."""
    _libraries()


def decode(body: bytes, kind: str = "") -> list[Batch]:
    """Return the samples of a request (remote write 1.0), one batch a series; a stale marker is NaN.

    RemoteProtocolError where it is none, is of another version, or would be too large.
    """
    snappy, request_type = _libraries()
    if "io.prometheus.write.v2" in kind:
        raise RemoteProtocolError("remote write 2.0 is not understood: leave protobuf_message as it is by default")
    if _inflated(body) > MAX_INFLATED:
        raise RemoteProtocolError(f"a request of over {MAX_INFLATED >> 20} MB when decompressed")
    try:
        request = request_type.FromString(bytes(snappy.decompress_raw(body)))
    except Exception:  # each library has its own, of bases that differ between versions
        raise RemoteProtocolError("this is no request of remote_write: snappy or protobuf is broken") from None
    batches: list[Batch] = []
    for series in request.timeseries:
        labels = {label.name: label.value for label in series.labels}
        name = labels.pop("__name__", "")
        if name and series.samples:
            times = array("d", (sample.timestamp / 1000 for sample in series.samples))
            batches.append((name, labels, times, array("d", (sample.value for sample in series.samples)), ""))
    return batches


def configuration(url: str, token_file: str, names: list[str]) -> str:
    """Return what to put into Prometheus' configuration; `names`: send only these metrics."""
    keep = "|".join(names)
    relabel = f"    write_relabel_configs: [{{source_labels: [__name__], regex: '{keep}', action: keep}}]\n"
    return (
        "remote_write:\n"
        f"  - url: {url}\n"
        f"    authorization: {{credentials_file: {token_file}}}\n"
        "    queue_config: {batch_send_deadline: 200ms, max_samples_per_send: 2000}\n" + (relabel if names else "")
    )


def _inflated(body: bytes) -> int:
    """Return how large snappy says that it will be: the varint in front."""
    size = 0
    for place, byte in enumerate(body[:MAX_VARINT]):
        size |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return size
    raise RemoteProtocolError("this is no request of remote_write: snappy is broken")


@lru_cache(maxsize=1)
def _libraries() -> tuple[Any, Any]:
    """Return snappy, and the message type of remote write 1.0 as its .proto file has it."""
    try:
        from cramjam import snappy
        from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
    except ImportError:
        raise SetupError("remote_write needs snappy and protobuf", "pip install 'gunj-widgets[push]'.") from None
    kinds = descriptor_pb2.FieldDescriptorProto
    file = descriptor_pb2.FileDescriptorProto(name="gunj/remote.proto", package="gunj.prometheus", syntax="proto3")
    shapes: dict[str, list[tuple[str, int, int, str]]] = {
        "Label": [("name", 1, kinds.TYPE_STRING, ""), ("value", 2, kinds.TYPE_STRING, "")],
        "Sample": [("value", 1, kinds.TYPE_DOUBLE, ""), ("timestamp", 2, kinds.TYPE_INT64, "")],
        "TimeSeries": [("labels", 1, kinds.TYPE_MESSAGE, "Label"), ("samples", 2, kinds.TYPE_MESSAGE, "Sample")],
        "WriteRequest": [("timeseries", 1, kinds.TYPE_MESSAGE, "TimeSeries")],
    }
    for name, fields in shapes.items():
        message = file.message_type.add(name=name)
        for field, number, kind, of in fields:
            label = kinds.LABEL_REPEATED if of else kinds.LABEL_OPTIONAL
            made = message.field.add(name=field, number=number, type=kind, label=label)
            if of:
                made.type_name = f".gunj.prometheus.{of}"
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    found = pool.FindMessageTypeByName("gunj.prometheus.WriteRequest")
    return snappy, message_factory.GetMessageClass(found)
