"""Objects of the API server → events of ours: platforms as they are told everywhere else, and what happened to them. Pure."""

from __future__ import annotations

from gunj_widgets.events.event import Event
from gunj_widgets.events.topics import RESET_TOPIC, topic
from gunj_widgets.sources.kubernetes.collection import Change, Fields, uid_of

__all__ = ["KIND", "gap_event", "kube_event", "owner_of", "platform_event"]

KIND = "ObservabilityPlatform"
NOISE = ("managedFields", "annotations")
SOURCE = "kubernetes"


def platform_event(change: Change, now: float) -> Event:
    """Return what tells of a platform, without what only Kubernetes needs. One that is being deleted says so."""
    found = change.object
    id = uid_of(found)
    if change.gone:
        return _event(topic("platform", id, "deleted"), {"id": id}, now)
    about = {name: value for name, value in found["metadata"].items() if name not in NOISE}
    status = found.get("status")
    status = dict(status) if isinstance(status, dict) else {}
    if about.get("deletionTimestamp"):
        status["phase"] = "Deleting"
    return _event(topic("platform", id, "status"), {"metadata": about, "status": status}, now)


def owner_of(event: Fields, platforms: dict[str, Fields]) -> str | None:
    """Return the id of the platform that a Kubernetes event is about: itself, or what bears its name and a dash."""
    about = event.get("involvedObject") or event.get("regarding")
    if not isinstance(about, dict):
        return None
    name, namespace = str(about.get("name") or ""), about.get("namespace")
    best = ""
    owner = None
    for platform in platforms.values():
        mine = str(platform["metadata"].get("name") or "")
        is_it = name == mine if about.get("kind") == KIND else name.startswith(f"{mine}-")
        if is_it and mine and len(mine) > len(best) and platform["metadata"].get("namespace") in (namespace, None):
            best, owner = mine, uid_of(platform)
    return owner


def kube_event(change: Change, owner: str, now: float) -> Event:
    """Return what tells of a Kubernetes event; the component is what it happened to: `Pod prod-grafana-1`."""
    about = change.object.get("involvedObject") or change.object.get("regarding") or {}
    to = "" if about.get("kind") == KIND else f"{about.get('kind', '')} {about.get('name', '')}".strip()
    told = {name: value for name, value in change.object.items() if name != "metadata"}
    return _event(topic("platform", owner, "events"), {**told, "component": to}, now)


def gap_event(since: float, now: float) -> Event:
    """Return what tells that changes between two times were not seen, though what they led to is."""
    data = {"interest": SOURCE, "platform": None, "from": None, "to": None, "gap": [since, now]}
    return _event(RESET_TOPIC, data, now)


def _event(name: str, data: Fields, now: float) -> Event:
    return Event(topic=name, data=data, time=now, arrived=now, source=SOURCE)
