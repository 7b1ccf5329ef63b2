"""What a page's scripts hold, by class."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from playwright.sync_api import CDPSession

DATA = frozenset(("object", "array", "closure", "regexp", "symbol", "bigint", "number"))


class _Meta(msgspec.Struct):
    node_fields: list[str]
    node_types: list[Any]


class _Head(msgspec.Struct):
    meta: _Meta


class _Snapshot(msgspec.Struct):
    """V8's own format; who holds whom (`edges`) is left out."""

    snapshot: _Head
    nodes: list[int]
    strings: list[str]


def held(devtools: CDPSession) -> Counter[str]:
    """Collect garbage; return the bytes of all that is left, by class.

    Only data: V8 compiles the page's scripts anew for as long as they run, and what that takes comes and goes by the megabyte. What
    is native is Chromium's own caches, save what lies behind a string, an array or a buffer.
    """
    chunks: list[str] = []

    def take(event: dict[str, str]) -> None:
        chunks.append(event["chunk"])

    devtools.on("HeapProfiler.addHeapSnapshotChunk", take)
    devtools.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    devtools.remove_listener("HeapProfiler.addHeapSnapshotChunk", take)
    found = msgspec.json.decode("".join(chunks), type=_Snapshot)
    fields = found.snapshot.meta.node_fields
    types = found.snapshot.meta.node_types[0]
    columns = (found.nodes[fields.index(name) :: len(fields)] for name in ("type", "name", "self_size"))
    sizes: Counter[str] = Counter()
    for type_at, name_at, size in zip(*columns, strict=True):
        kind, name = types[type_at], found.strings[name_at]
        if "string" in kind:  # its name is what it says
            sizes[kind] += size
        elif kind in DATA or (kind == "native" and name.startswith("system / ")):
            sizes[f"{kind} {name[:40]}".strip()] += size
    return sizes
