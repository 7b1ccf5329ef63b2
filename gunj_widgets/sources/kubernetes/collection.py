"""A collection of the API server as last told: what a list changes in it, and what a line of a watch does. Pure."""

from __future__ import annotations

from typing import Any, NamedTuple

import msgspec

from gunj_widgets.errors import RemoteProtocolError

__all__ = ["MAX_LINE", "Change", "Collection", "ExpiredError", "Fields", "split", "uid_of"]

MAX_LINE = 8 << 20
"""Bytes of one line of a watch; the API server keeps no object over 1.5 MB."""

Fields = dict[str, Any]


class ExpiredError(Exception):
    """The server no longer knows what followed a version: only a new list helps."""


class Change(NamedTuple):
    """One object as it is now, or as it last was."""

    gone: bool
    object: Fields


class _Line(msgspec.Struct):
    type: str
    object: Fields


class Collection:
    """Objects by uid. `version` is where to go on from; None before the first list."""

    def __init__(self) -> None:
        self.version: str | None = None
        self.objects: dict[str, Fields] = {}

    def listed(self, objects: list[Fields], version: str) -> list[Change]:
        """Take a whole list; return what is other than it was, what is no longer there first."""
        fresh = {uid_of(one): one for one in objects}
        gone = [Change(True, one) for uid, one in self.objects.items() if uid not in fresh]
        put = [Change(False, one) for uid, one in fresh.items() if _version(self.objects.get(uid)) != _version(one)]
        self.objects, self.version = fresh, version
        return gone + put

    def told(self, line: bytes) -> Change | None:
        """Take a line of a watch; None where it changes nothing. ExpiredError: list anew. RemoteProtocolError: it is none."""
        try:
            said = msgspec.json.decode(line, type=_Line)
        except (msgspec.DecodeError, RecursionError):
            raise RemoteProtocolError("a line of the watch is not as Kubernetes sends it") from None
        if said.type == "ERROR":
            if said.object.get("code") == 410:
                raise ExpiredError
            raise RemoteProtocolError(f"the watch failed: {str(said.object.get('message'))[:200]}")
        version = _version(said.object)
        if not version:
            raise RemoteProtocolError("a line of the watch has no resourceVersion")
        if said.type == "BOOKMARK":
            self.version = version
            return None
        uid = uid_of(said.object)
        before = self.objects.get(uid)
        if said.type == "DELETED":
            self.version = version
            return None if self.objects.pop(uid, None) is None else Change(True, said.object)
        if said.type not in ("ADDED", "MODIFIED"):
            raise RemoteProtocolError(f"a line of the watch of type {said.type[:40]!a}")
        self.version = version
        self.objects[uid] = said.object
        return None if _version(before) == version else Change(False, said.object)


def split(rest: bytes, chunk: bytes) -> tuple[list[bytes], bytes]:
    """Return the whole lines in `rest + chunk`, and the beginning of one that is left. RemoteProtocolError over MAX_LINE."""
    *lines, rest = (rest + chunk).split(b"\n")
    if len(rest) > MAX_LINE:
        raise RemoteProtocolError(f"a line of the watch is over {MAX_LINE >> 20} MB")
    return [line for line in lines if line.strip()], rest


def uid_of(one: Fields) -> str:
    """Return what names an object for good: one made anew under the same name is another. RemoteProtocolError without metadata."""
    about = one.get("metadata")
    if not isinstance(about, dict):
        raise RemoteProtocolError("an object without metadata")
    return str(about.get("uid") or f"{about.get('namespace')}/{about.get('name')}")


def _version(one: Fields | None) -> str:
    about = one.get("metadata") if one else None
    return str(about.get("resourceVersion") or "") if isinstance(about, dict) else ""
