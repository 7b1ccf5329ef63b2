"""`%gunj`: the commonest things in one line. `%load_ext gunj_widgets` makes it known, and what the tab key offers in calls."""

from __future__ import annotations

import shlex
from typing import Any

from gunj_widgets.errors import GunjError, SetupError
from gunj_widgets.session.connect import connect
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.completion import IDENTIFIER, matcher

__all__ = ["HELP", "completions", "load", "run"]

HELP = """%gunj connect [address]       connect (demo, an address, or GUNJ_URL) and call it rt
%gunj                         the connection of rt
%gunj PLATFORM [METRIC …]     its card, or a chart of its metrics
%gunj logs PLATFORM [words]   its log lines, those with the words
%gunj alerts | events | timeline  what fires, what Kubernetes says, what happened"""


def run(line: str, names: dict[str, Any]) -> Any:
    """Do what a line says, in a namespace that has, or gets, the session as `rt`; return what is to be displayed."""
    words = shlex.split(line)
    if words[:1] == ["connect"]:
        if words[2:]:
            raise SetupError("%gunj connect takes an address", "More is told in Python: rt = gunj.connect(...).")
        names["rt"] = connect(*words[1:2])
        return names["rt"]
    if words[:1] in (["help"], ["-h"], ["--help"]):
        print(HELP)  # noqa: T201  what a magic is asked for
        return None
    rt = _session(names)
    if not words:
        return rt
    first, *rest = words
    if first in ("alerts", "events", "timeline"):
        if rest:
            raise SetupError(f"%gunj {first} shows them all, with no words behind it", f"%gunj {first}")
        return getattr(rt, first)
    if first == "logs":
        if not rest:
            raise SetupError("%gunj logs needs a platform", f"There are: {', '.join(p.name for p in rt.platforms)}.")
        return rt.logs(rest[0], search=" ".join(rest[1:]) or None)
    return rt.metrics(first, rest) if rest else rt.platform(first)


def completions(line: str, names: dict[str, Any]) -> list[str]:
    """Return what the last word of a line may become."""
    words = line.split()[1:]
    done = words if line.endswith(" ") else words[:-1]
    known: list[str] = []
    try:
        rt = _session(names)
        platforms = [p.name for p in rt.store.platforms]
        if done[:1] and done[0] in platforms:
            record = next(p for p in rt.store.platforms if p.name == done[0])
            known = sorted({s.metric for s in rt.store.frame(record.id).series} - set(done))
        elif done[:1] == ["logs"] and len(done) == 1:
            known = platforms
        elif not done:
            known = [*platforms, "alerts", "events", "timeline", "logs", "connect", "help"]
    except GunjError:
        known = ["connect", "help"] if not done else []
    if done == ["connect"]:
        known = ["demo"]
    begun = "" if line.endswith(" ") or not words else words[-1]
    return [word for word in known if word.startswith(begun)]


def load(shell: Any) -> None:
    """Register the magic, its completion and that of calls with an IPython shell; once more changes nothing."""

    def gunj(line: str) -> Any:
        try:
            return run(line, shell.user_ns)
        except ValueError as error:
            if isinstance(error, GunjError):
                raise
            raise SetupError(f"this line cannot be read: {error}", HELP) from None

    shell.register_magic_function(gunj, "line", "gunj")
    kept = [one for one in shell.Completer.custom_matchers if getattr(one, "matcher_identifier", "") != IDENTIFIER]
    shell.Completer.custom_matchers = [*kept, matcher(shell.user_ns)]
    shell.set_hook("complete_command", lambda _ip, event: completions(event.line, shell.user_ns), str_key="%gunj")


def _session(names: dict[str, Any]) -> Session:
    rt = names.get("rt")
    if isinstance(rt, Session) and not rt.closed:
        return rt
    raise SetupError("there is no open session called rt", "Run: %gunj connect (or rt = gunj.connect(...)).")
