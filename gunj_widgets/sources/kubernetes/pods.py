"""Pods of a platform, and lines of their logs: whose is a pod, which containers write, what is a line, which are new. Pure."""

from __future__ import annotations

import re
from datetime import datetime
from hashlib import blake2b
from typing import Any, NamedTuple

from gunj_widgets.events import words
from gunj_widgets.sources.kubernetes.collection import Fields, uid_of

__all__ = ["MAX_LINE", "Container", "Lines", "Replay", "containers", "is_of", "level_of", "nanoseconds", "said"]

NS = 1_000_000_000
MAX_LINE = 256 << 10
"""Bytes of a line that are kept; the rest of it is not."""
OWNERS = ("observability.io/platform", "app.kubernetes.io/instance", "platform")
NAMES = ("app.kubernetes.io/component", "app.kubernetes.io/name", "component", "app")
OVERLAP = 1
"""Seconds that are asked for again: the API server knows `sinceTime` in whole ones."""
MAX_KNOWN = 200_000
_LEVEL = re.compile(
    r"""(?:level|lvl|severity)["']?\s*[=:]\s*["']?([A-Za-z]{3,11})|\b(TRACE|DEBUG|INFO|WARN|WARNING|ERROR|FATAL|CRITICAL)\b"""
)
_KLOG = re.compile(r"([IWEF])\d{4} \d\d:")
_KLOGS = {"I": "info", "W": "warn", "E": "error", "F": "fatal"}
LEVEL_IN = 300
"""Characters of a line that are looked at for its level."""


class Container(NamedTuple):
    """One container as the API server tells it. `run` differs for each time it was started; "" while it never was."""

    key: tuple[str, str]
    """The pod's uid and the container's name."""
    pod: str
    namespace: str
    name: str
    component: str
    run: str
    restarts: int
    running: bool


def is_of(pod: Fields, platform: str, others: tuple[str, ...] = ()) -> bool:
    """Say whether a pod belongs to a platform: by its labels, else by its name, unless that of one of `others` fits better."""
    about = pod["metadata"]
    labels = _labels(about)
    owner = next((labels[name] for name in OWNERS if name in labels), None)
    if owner in (platform, *others):
        return bool(owner == platform)
    name = str(about.get("name") or "")
    better = any(len(other) > len(platform) and name.startswith(f"{other}-") for other in others)
    return name.startswith(f"{platform}-") and not better


def containers(pod: Fields) -> list[Container]:
    """Return a pod's containers that have been started, those that only prepare it included."""
    about, status = pod["metadata"], pod.get("status")
    labels = _labels(about)
    told = status if isinstance(status, dict) else {}
    found = []
    for one in (*_listed(told, "initContainerStatuses"), *_listed(told, "containerStatuses")):
        told_state = one.get("state")
        state = told_state if isinstance(told_state, dict) else {}
        run, restarts = str(one.get("containerID") or ""), one.get("restartCount")
        name = str(one.get("name") or "")
        if not name or not (run or "running" in state or "terminated" in state):
            continue
        component = next((str(labels[label]) for label in NAMES if labels.get(label)), name)
        count = restarts if isinstance(restarts, int) else 0
        key = (uid_of(pod), name)
        pod_name, namespace = str(about.get("name") or ""), str(about.get("namespace") or "")
        is_running = "running" in state
        found.append(
            Container(key, pod_name, namespace, name, words.component(component), run or f"{count}", count, is_running)
        )
    return found


def nanoseconds(stamp: str) -> int | None:
    """Return the epoch nanoseconds of an RFC 3339 time with any number of digits; None where it is none."""
    seconds, point, rest = stamp.partition(".")
    digits = re.match(r"\d*", rest)
    fraction = digits[0] if digits else ""
    try:
        whole = datetime.fromisoformat(seconds + rest[len(fraction) :] if point else stamp)
    except ValueError:
        return None
    if whole.tzinfo is None:
        return None
    return int(whole.timestamp()) * NS + int(f"{fraction:0<9}"[:9] or 0)


def said(line: bytes) -> tuple[int, str] | None:
    """Return time (nanoseconds) and text of a line as `timestamps=true` gives it; None where it has no time."""
    stamp, _, text = line.partition(b" ")
    ns = nanoseconds(stamp.decode(errors="replace"))
    return None if ns is None else (ns, text.rstrip(b"\r").decode(errors="replace"))


def level_of(text: str) -> str:
    """Return the level that a line names, as `level=warn`, `"severity": "ERROR"`, `WARN` or klog's first letter do; else ""."""
    head = text[:LEVEL_IN]
    klog = _KLOG.match(head)
    if klog:
        return _KLOGS[klog[1]]
    found = _LEVEL.search(head)
    return words.level((found[1] or found[2]).lower()) if found else ""


class Lines:
    """Cuts what comes in pieces into lines; `rest` is the beginning of one, which may go on."""

    def __init__(self) -> None:
        self.rest = b""
        self.cut = 0
        """Lines that were too long."""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[bytes]:
        """Return the lines that are whole now, each at most MAX_LINE long."""
        first, *others = chunk.split(b"\n")
        lines = []
        self._add(first)
        for other in others:
            if self.rest:
                lines.append(self.rest)
            self.rest, self._skipping = b"", False
            self._add(other)
        return lines

    def _add(self, piece: bytes) -> None:
        if self._skipping:
            return
        self.rest += piece
        if len(self.rest) > MAX_LINE:
            self.rest, self._skipping = self.rest[:MAX_LINE], True
            self.cut += 1


class Replay:
    """Which lines of one container are new, when the last seconds are told again after a cut.

    The same line at the same nanosecond may really have been written twice, so that lines are counted, not only known.
    """

    def __init__(self) -> None:
        self.newest = 0
        """Nanoseconds."""
        self.repeated = 0
        self._known: dict[bytes, tuple[int, int]] = {}  # digest → time and how often
        self._again: dict[bytes, int] = {}
        self._since = 0
        self._writes = 0

    def since(self) -> int | None:
        """Return from which epoch second to ask; None before the first line."""
        return max(0, self.newest // NS - OVERLAP) if self.newest else None

    def begin(self) -> None:
        """Note that what is asked for now begins at `since()`."""
        since = self.since()
        self._since = 0 if since is None else since * NS
        self._forget()
        self._again = {digest: count for digest, (_, count) in self._known.items()}

    def is_new(self, ns: int, text: str) -> bool:
        """Take a line; say whether it was not told before."""
        if ns < self._since:
            self.repeated += 1
            return False
        digest = blake2b(b"%d " % ns + text.encode("utf-8", "surrogatepass"), digest_size=16).digest()
        if left := self._again.get(digest, 0):
            self._again[digest] = left - 1
            self.repeated += 1
            return False
        _, count = self._known.get(digest, (ns, 0))
        self._known[digest] = (ns, count + 1)
        self.newest = max(self.newest, ns)
        self._writes += 1
        if self._writes >= 5_000 or len(self._known) > MAX_KNOWN:
            self._forget()
        return True

    def _forget(self) -> None:
        oldest = (self.newest // NS - OVERLAP) * NS
        self._known = {digest: one for digest, one in self._known.items() if one[0] >= oldest}
        self._writes = 0


def _labels(about: dict[str, Any]) -> dict[str, Any]:
    found = about.get("labels")
    return found if isinstance(found, dict) else {}


def _listed(status: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = status.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []
