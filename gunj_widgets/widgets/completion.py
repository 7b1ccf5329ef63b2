"""What the tab key offers within a call: platforms, metrics, labels, components, levels, as the session knows them now.

For the arguments of calls, where Python's own completion has no answer; what stands in `frame["…"]` the objects say themselves.
Only what is known already is offered: no key press asks a server.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher

from gunj_widgets.errors import GunjError
from gunj_widgets.events.records import AlertState, Platform, Severity
from gunj_widgets.session.handles import LiveAlerts, PlatformHandle
from gunj_widgets.session.session import Session
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.widgets.call_text import Begun, begun

__all__ = ["IDENTIFIER", "matcher", "offers"]

IDENTIFIER = "gunj_widgets"

LEVELS = ("trace", "debug", "info", "warn", "error", "fatal")
MOST = 500
"""Offers at once."""
LONGEST = 200
"""Characters of one."""

Choices = Callable[[Any, Begun], Iterable[str]]


def _platforms(rt: Session, _begun: Begun) -> Iterable[str]:
    return [platform.name for platform in rt.store.platforms]


def _namespaces(rt: Session, _begun: Begun) -> Iterable[str]:
    return [platform.namespace for platform in rt.store.platforms]


def _record(rt: Session, begun: Begun) -> Platform:
    return rt.store.platforms.get(str(begun.value(0, "platform")), begun.given.get("namespace"))


def _metrics(rt: Session, begun: Begun) -> Iterable[str]:
    return rt.store.frame(_record(rt, begun).id)._ipython_key_completions_()


def _components(rt: Session, begun: Begun) -> Iterable[str]:
    return _record(rt, begun).components


def _own_metrics(handle: PlatformHandle, _begun: Begun) -> Iterable[str]:
    return handle.session.store.frame(handle.id)._ipython_key_completions_()


def _own_components(handle: PlatformHandle, _begun: Begun) -> Iterable[str]:
    return handle.components


def _held_metrics(frame: MetricFrame, _begun: Begun) -> Iterable[str]:
    return frame._ipython_key_completions_()


def _held_labels(frame: MetricFrame, begun: Begun) -> Iterable[str]:
    """Names of labels, or the values of one."""
    labels = [series.labels for series in frame.series]
    if not begun.in_dict:
        return []
    if begun.key is None:
        return [name for held in labels for name in held]
    return [held[begun.key] for held in labels if begun.key in held]


def _levels(_owner: Any, _begun: Begun) -> Iterable[str]:
    return LEVELS


def _of_alerts(field: str) -> Choices:
    return lambda alerts, _begun: [str(getattr(alert, field)) for alert in [*alerts.active, *alerts.resolved]]


_ALERT: dict[int | str, Choices] = {
    "severity": lambda _alerts, _begun: list(Severity),
    "name": _of_alerts("name"),
    "platform": _of_alerts("platform"),
    "fingerprint": _of_alerts("fingerprint"),
}
_FINGERPRINT: dict[int | str, Choices] = {0: _ALERT["fingerprint"], "fingerprint": _ALERT["fingerprint"]}
_LINES: dict[int | str, Choices] = {"level": _levels, "namespace": _namespaces}
ANY = -1
"""Any place."""
_OFFERS: dict[tuple[type, str], dict[int | str, Choices]] = {
    (Session, "platform"): {0: _platforms, "name": _platforms, 1: _namespaces, "namespace": _namespaces},
    (Session, "metrics"): {
        0: _platforms,
        "platform": _platforms,
        1: _metrics,
        "metrics": _metrics,
        "namespace": _namespaces,
    },
    (Session, "logs"): {0: _platforms, "platform": _platforms, "component": _components, **_LINES},
    (Session, "logql"): {"platform": _platforms, **_LINES},
    (Session, "command"): {0: _platforms, "platform": _platforms},
    (Session, "commands"): {0: _platforms, "platform": _platforms},
    (PlatformHandle, "metrics"): {ANY: _own_metrics},
    (PlatformHandle, "logs"): {"level": _levels, "component": _own_components},
    (MetricFrame, "select"): {0: _held_metrics, "metrics": _held_metrics, 1: _held_labels, "labels": _held_labels},
    (MetricFrame, "value"): {2: _held_metrics, "metric": _held_metrics},
    (LiveAlerts, "next"): _ALERT,
    (LiveAlerts, "acknowledge"): _FINGERPRINT,
    (LiveAlerts, "silence"): _FINGERPRINT,
    (LiveAlerts, "until"): {
        0: lambda _alerts, _begun: list(AlertState),
        "state": lambda *_: list(AlertState),
        **_ALERT,
    },
}


def offers(code: str, names: dict[str, Any]) -> tuple[str, list[str]]:
    """Return what is begun at the end of `code`, and what it may become, in a namespace; nothing where that is not ours to say."""
    call = begun(code)
    if call is None:
        return "", []
    *path, method = call.callee.split(".")
    owner = names.get(path[0]) if path else None
    if path[1:] == ["alerts"] and isinstance(owner, Session):
        owner = owner.alerts
    elif path[1:]:
        return "", []
    places = next((p for (kind, name), p in _OFFERS.items() if name == method and isinstance(owner, kind)), {})
    choices = places.get(call.argument) or (places.get(ANY) if isinstance(call.argument, int) else None)
    try:
        known = () if choices is None else choices(owner, call)
    except GunjError:  # no such platform, or several
        known = ()
    fitting = sorted({choice for choice in known if choice.startswith(call.text) and _is_harmless(choice)})
    return call.text, fitting[:MOST]


def _is_harmless(choice: str) -> bool:
    """Say whether it stays within its quotes: what is offered was named by a peer, and becomes code."""
    return 0 < len(choice) <= LONGEST and choice.isprintable() and not set(choice) & set("'\"\\{}")


def matcher(names: dict[str, Any]) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """Return what IPython asks at each press of the key (matchers of version 2)."""

    @context_matcher(identifier=IDENTIFIER)  # type: ignore[untyped-decorator]
    def gunj(context: CompletionContext) -> SimpleMatcherResult:
        before = context.full_text.split("\n")[: context.cursor_line]
        text, found = offers("\n".join([*before, context.text_until_cursor]), names)
        return {
            "completions": [SimpleCompletion(choice, type="gunj") for choice in found],
            "matched_fragment": text,
            "suppress": bool(found),
        }

    return gunj  # type: ignore[no-any-return]
