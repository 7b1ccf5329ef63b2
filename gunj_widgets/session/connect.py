"""connect(): one session per address and identity, shared by all who ask for it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from gunj_widgets.arguments import named, needed
from gunj_widgets.connection.address import NATS, WEB, check_url, hidden
from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.secret import Secret
from gunj_widgets.connection.tls import Verify, check_verify
from gunj_widgets.errors import LimitError, SettingsError
from gunj_widgets.recording.file import RecordingFile
from gunj_widgets.recording.player import Player
from gunj_widgets.session.bus import bus_of, is_bus
from gunj_widgets.session.claims import Claims
from gunj_widgets.session.doors import start_demo
from gunj_widgets.session.life import Life
from gunj_widgets.session.session import Session
from gunj_widgets.session.waiting import patience
from gunj_widgets.settings import Settings
from gunj_widgets.sources.kubernetes.kubeconfig import kubeconfig
from gunj_widgets.sources.manager import Sources
from gunj_widgets.sources.source import Source
from gunj_widgets.store.retention import Duration, seconds

__all__ = ["also_close", "check_settings", "close_all", "connect", "release", "replay"]

Token = str | Callable[[], Any] | Auth

_lock = threading.RLock()
_sessions: dict[tuple[str, str, str], Session] = {}
_claims: dict[Session, Claims] = {}
_inherited: list[Session] = []
"""Of a parent process: neither used nor collected here, because a collected transport closes its socket."""
_more: list[Callable[[], None]] = []
"""What `close_all` calls beside: see `also_close`."""


def connect(
    target: str | Source | None = None,
    *,
    token: Token | None = None,
    settings: Settings | None = None,
    wait: Duration | None = 10.0,
    verify: Verify = True,
    prometheus: str | Source | None = None,
    alertmanager: str | Source | None = None,
    loki: str | Source | None = None,
    kubernetes: bool | str | Source = False,
    since: float | str | None = None,
    discover: bool = True,
    trust: str | Sequence[str] = (),
    **overrides: Any,
) -> Session:
    """Return the live session with an operator: the same one for the same address and identity.

    `target` is the operator's address (`https://gunj.example.com`), or `"demo"`, the embedded one; else `GUNJ_URL`. Or it is
    that of a NATS server where a relay writes (`nats://host:4222`, `tls://…`), or a `gunj.Source` with its user and password;
    `since` is how much of its history to begin with ("1h"; else what the settings keep).
    `token` is a string, a function or coroutine function that returns one, a `TokenFile` or a `login()`; without it,
    `GUNJ_TOKEN`. `verify=False` takes any certificate, and says so each time; no setting does.
    `prometheus`, `alertmanager` and `loki` instead of an operator are addresses, to which `token` and `verify` then apply, or a
    `gunj.Source` each, with credentials of its own. `kubernetes` is True for the cluster of the pod or of the kubeconfig's
    current context, the name of a context, or what `gunj.kubeconfig(...)` returns.
    Beside an operator or a cluster they take the place of those that its platforms tell of (`status.endpoints`), which
    `rt.promql`, `rt.logql` and `rt.silences` ask otherwise; `discover=False` asks none of them. Credentials go to the
    operator's own host, and to hosts of `trust` (`"prom.example.com"`, `"*.example.com"`); to no other.
    `settings`, or sections of them as keywords (`connection={"ping_interval": 5}`), are those of a session that is made;
    one that exists keeps its own, and other settings for it raise SettingsError.
    `wait` (seconds, or "10s") for the first answer, then a ConnectError says what is wrong; None = return at once and keep trying.
    """
    # From here on no variable of this frame shows a secret: a traceback prints arguments as they are now.
    token = Secret(token) if isinstance(token, str) else token
    target, prometheus, alertmanager, loki = hidden(target), hidden(prometheus), hidden(alertmanager), hidden(loki)
    if settings is not None and overrides:
        raise SettingsError(
            "settings= and sections of settings", "Give one of them: Settings.load(..., section={...})."
        )
    Auth.of(token)  # a wrong one is told before what may be wrong beside
    check_verify(verify)
    check_settings(settings)
    patient = patience(wait)
    wanted = Settings.load(**overrides) if settings is None else settings
    chosen = settings is not None or bool(overrides)
    others = {"prometheus": prometheus, "alertmanager": alertmanager, "loki": loki}
    sources = _sources(target, token, verify, kubernetes, others)
    beside = target is not None and not isinstance(target, Source) and "nats" not in sources
    prometheus = alertmanager = loki = None
    others.clear()
    if since is not None and "nats" not in sources:
        raise SettingsError("since= without a NATS server", "Only a shared history, nats://..., reaches back.")
    if sources and not beside:
        target, token = next(iter(sources.values())).url, None
    address: Any = target or hidden(os.environ.get("GUNJ_URL"))
    if not address:
        raise SettingsError(
            "say what to connect to", "gunj.connect('https://gunj.example.com', token=...) or gunj.connect('demo')."
        )
    demo = address == "demo"
    if demo and token is not None:
        raise SettingsError("a token for the demo, which has its own", 'gunj.connect("demo") takes none.')
    token = Auth.of(token if token is not None or (sources and not beside) else os.environ.get("GUNJ_TOKEN"))
    if demo:
        address, token = _demo()
    url, auth = check_url(address, NATS if "nats" in sources else WEB), token
    hosts = tuple(named(trust, "trusted hosts are names", 'As in trust="*.example.com".')) if discover else None
    key = (url, _identity(auth, sources), repr((verify, since, hosts)))
    with _lock:
        session = _sessions.get(key)
        fresh = session is None or session.closed
        if session is None or session.closed:
            _check_room(wanted)
            session = _sessions[key] = Session(
                url,
                auth=auth,
                settings=wanted,
                demo=demo,
                verify=verify,
                sources=sources or None,
                since=None if since is None else seconds(since),
                operator=beside,
                trust=hosts,
            )
            session.life.listen(_unlist)
            _claims[session] = Claims()
        else:
            if chosen and session.settings != wanted:
                raise SettingsError(
                    f"the session with {session.address} exists, with other settings",
                    "Close it first: gunj.close_all().",
                )
            session.manager.adopt(auth)
        _claims[session].take()
    if patient is not None:
        try:
            session.wait(session.manager.first_answer(patient), patient + 2.0)
        except BaseException:
            if fresh:
                _forget(session)
            raise
    return session


def _sources(
    target: str | Source | None,
    token: Token | None,
    verify: Verify,
    kubernetes: bool | str | Source,
    others: dict[str, str | Source | None],
) -> Sources:
    """Return the sources that were named, each with its credentials; SettingsError where they do not go together."""
    # Beside an operator a token is the operator's: a plain address then has none.
    shared = (token, verify) if target is None else (None, True)
    found = {kind: Source.of(given, *shared) for kind, given in others.items() if given is not None}
    if isinstance(kubernetes, Source):
        found["kubernetes"] = Source.of(kubernetes)
    elif kubernetes:
        found["kubernetes"] = Source.of(kubeconfig(None if kubernetes is True else kubernetes))
    if target is not None and ("kubernetes" in found or (found and (isinstance(target, Source) or is_bus(target)))):
        raise SettingsError("both a target and sources that tell the same", "Connect to each on its own: two sessions.")
    if target is not None and is_bus(target):
        found["nats"] = bus_of(target, token, verify)
    elif isinstance(target, Source):
        raise SettingsError(f"a Source of {check_url(target.url)} as target", "Say what it is: prometheus=, loki=, ….")
    return found


def replay(path: str | Path, *, settings: Settings | None = None) -> Session:
    """Open a recording as a session like any other, paused at its beginning; `rt.player` plays it. SettingsError if it is none.

    Without `settings` it keeps what the recorded session kept.
    """
    check_settings(settings)
    file = RecordingFile.open(path)
    wanted = settings if settings is not None else Settings.load()
    if settings is None and file.retention is not None:
        wanted = msgspec.structs.replace(wanted, retention=file.retention)
    with _lock:
        _check_room(wanted)
        session = Session(str(file.path.name), settings=wanted, player=Player(file, wanted.retention))
        _sessions["replay", str(session.number), ""] = session
        session.life.listen(_unlist)
        _claims[session] = Claims()
        _claims[session].take()
    return session


def check_settings(settings: Settings | None) -> None:
    """Raise SettingsError unless these are settings, or none."""
    needed(
        settings,
        (Settings, type(None)),
        "settings are a Settings",
        'Take Settings.load("gunj.toml"), or name sections: connection={"ping_interval": 5}.',
    )


def _check_room(settings: Settings) -> None:
    """Raise where this kernel has as many sessions as it may."""
    most = settings.limits.connections
    if sum(not session.closed for session in _sessions.values()) >= most:
        places = ", ".join(sorted(session.address for session in _sessions.values()))
        raise LimitError(
            f"this kernel has {most} sessions already: {places}",
            f"Close one, gunj.close_all(), or raise the bound: gunj.connect(..., limits={{'connections': {most * 2}}}).",
            limit="connections",
            value=most,
        )


def release(session: Session) -> None:
    """Let go of the caller's claim; the last one closes the session."""
    _let_go(session, Claims.release)


def enter(session: Session) -> None:
    """Hold it for a `with`, until `leave`."""
    with _lock:
        if session in _claims:
            _claims[session].enter()


def leave(session: Session) -> None:
    """Let go of what a `with` held; the last one closes the session."""
    _let_go(session, Claims.leave)


def _let_go(session: Session, end: Callable[[Claims], None]) -> None:
    with _lock:
        claims = _claims.get(session)
        if claims is not None:
            end(claims)
            if not claims.none:
                return
    _forget(session)


def close_all() -> None:
    """Close every session of this kernel, whoever holds it, and every widget; what was frozen stays."""
    with _lock:
        sessions = list(_sessions.values())
    for session in sessions:
        _forget(session)
    for close in _more:
        close()


def also_close(close: Callable[[], None]) -> None:
    """Call `close()` at the end of `close_all`: for what lives above sessions, which must not know it."""
    _more.append(close)


def _forget(session: Session) -> None:
    session.shut()
    _unlist()


def _unlist(_life: Life | None = None) -> None:
    """Take what is closed out of the registry, which keeps all that it has been told alive."""
    with _lock:
        for key in [key for key, session in _sessions.items() if session.closed]:
            _claims.pop(_sessions.pop(key), None)


def _after_fork() -> None:
    global _lock  # noqa: PLW0603  a thread that does not exist here may hold it
    _lock = threading.RLock()
    _inherited.extend(_sessions.values())
    _sessions.clear()
    _claims.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _demo() -> tuple[str, Auth]:
    """Address and token of the demo operator: the one that `gunj-widgets demo` runs beside us, else one of our own."""
    url, token = os.environ.get("GUNJ_DEMO_URL"), os.environ.get("GUNJ_DEMO_TOKEN")
    if url and token:
        return url, Auth.of(token)
    operator = start_demo()
    return operator.url, Auth.of(operator.token)


def _identity(auth: Auth, sources: Sources) -> str:
    """Tell identities apart without keeping a token where it could be shown."""
    each = [f"{kind} {source.url} {source.identity()}" for kind, source in sources.items()]
    return hashlib.sha256("\n".join([auth.identity(), *each]).encode()).hexdigest()
