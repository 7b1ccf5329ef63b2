"""The operator UI's dialect: double nesting for platforms, bare payloads on streams. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.demo.facts import Filter
from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.demo.subscriptions import filter_of
from gunj_widgets.demo.world import World

__all__ = ["legacy_envelope", "legacy_filter", "legacy_lines"]

NESTED = {"status": "status", "health": "health"}


def legacy_filter(world: World, fields: dict[str, Any]) -> tuple[str, Filter] | None:
    """Return what a legacy (un)subscribe is about, and a name for it; None for anything else, which the UI never sends."""
    target = fields.get("target")
    platform = fields.get("id") if target == "platform" else fields.get("platformId")
    if target not in ("platform", "metrics") or not isinstance(platform, str):
        return None
    names = fields.get("events" if target == "platform" else "metrics") or []
    if not isinstance(names, list):
        return None
    try:
        return f"{target}:{platform}", filter_of(world, target, platform, [n for n in names if isinstance(n, str)])
    except RefusedError:
        return None


def legacy_envelope(envelope: dict[str, Any] | msgspec.Raw) -> dict[str, Any] | None:
    """Put a fact into the UI's shape; None where the UI gets it another way (logs and metrics: SSE)."""
    fact: dict[str, Any] = msgspec.json.decode(envelope) if isinstance(envelope, msgspec.Raw) else envelope
    kind = fact["type"].rpartition(".")[2]
    if ".metrics." in fact["type"] or ".logs." in fact["type"]:
        return None
    payload = fact["payload"]
    if kind in NESTED:
        payload = {"type": NESTED[kind], "payload": payload}
    return {"id": fact.get("id"), "type": fact["type"], "payload": payload, "timestamp": fact.get("timestamp")}


def legacy_lines(fact: dict[str, Any]) -> list[dict[str, Any]]:
    """Return a fact's data as the UI's streams carry it: a log line as it is, a metric as one message a sample."""
    payload = fact["payload"]
    if ".metrics." not in fact["type"]:
        return [payload]
    rows = [(s["labels"], s["time"], s["value"]) for s in payload.get("samples", ())]
    for series in payload.get("series", ()):
        rows += [(series["labels"], t, v) for t, v in zip(series["times"], series["values"], strict=True)]
    return [{"timestamp": t, "metric": payload["metric"], "value": v, "labels": labels} for labels, t, v in rows]
