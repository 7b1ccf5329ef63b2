"""`gunj-widgets relay`: connect once to what is there, and write it into a shared history for everyone."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from contextlib import ExitStack
from typing import Any

from gunj_widgets.connection.auth import TokenFile
from gunj_widgets.errors import SettingsError
from gunj_widgets.settings import Settings

__all__ = ["add_commands", "run"]

SHOW = 1.0
"""Seconds between two lines about how it stands."""


def add_commands(commands: Any) -> None:
    """Add the command to the command line's."""
    relay = commands.add_parser(
        "relay", help="write what an operator tells into NATS JetStream, for any number of notebooks"
    )
    relay.add_argument(
        "sources",
        nargs="+",
        metavar="SOURCE",
        help="an operator's address, demo, alertmanager=ADDRESS, kubernetes or kubernetes=CONTEXT, "
        "prometheus=ADDRESS (with --promql), loki=ADDRESS (with --logql)",
    )
    for language, back_end in (("promql", "Prometheus"), ("logql", "Loki")):
        relay.add_argument(
            f"--{language}",
            action="append",
            default=[],
            metavar="QUERY",
            help=f"ask each {back_end} this, for everyone; it must serve when the relay begins",
        )
    relay.add_argument("--window", default="15m", help="how far back those queries look (15m)")
    place = relay.add_mutually_exclusive_group(required=True)
    place.add_argument(
        "--to", metavar="nats://HOST:4222", help="user, password or token: GUNJ_NATS_USER, _PASSWORD, _TOKEN"
    )
    place.add_argument(
        "--embedded", action="store_true", help="start a nats-server of our own on this machine, if there is one"
    )
    relay.add_argument("--port", type=int, default=4222, help="of the embedded server (0 = a free one)")
    relay.add_argument(
        "--token-file", default=None, metavar="FILE", help="holds the operator's token (default: GUNJ_TOKEN)"
    )
    relay.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATTERN",
        help="what notebooks may ask for: command.**, request.GET …",
    )
    relay.add_argument("--streams", default=None, metavar="FILE", help="limits of the streams (default: those we ship)")


def run(options: argparse.Namespace) -> int:
    """Relay until Ctrl-C or SIGTERM; return the exit code."""
    from gunj_widgets.cli.nats_server import NatsServer
    from gunj_widgets.session.bus import bus_of
    from gunj_widgets.session.relay import Relay

    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    with ExitStack() as stack:
        if options.embedded:
            server = stack.enter_context(NatsServer(options.port))
            bus = bus_of(server.url, server.token)
            print(f"gunj.connect({server.url!r}, token=...)  with the token in {server.token_file}", flush=True)
        else:
            bus = bus_of(options.to)
        sessions = [_session(source, options) for source in options.sources]
        for session in sessions:
            stack.callback(session.shut)
        relay = Relay(sessions, bus, allow=options.allow, streams=options.streams, settings=Settings.load())
        relay.start()
        print(f"relaying to {relay.place}", flush=True)
        while not ended.wait(SHOW):
            _show(relay)
        status = relay.stop()
        print(f"\n{status.published:,} published, {status.waiting + status.dropped:,} not", flush=True)
    return 0


def _show(relay: Any) -> None:
    if sys.stderr.isatty():
        status = relay.status()
        lost = f", {status.dropped:,} dropped" if status.dropped else ""
        print(
            f"\r{status.state}: {status.published:,} published, {status.duplicate:,} by others, "
            f"{status.waiting:,} waiting{lost}  {status.reason}",
            end="\033[K",
            file=sys.stderr,
        )


def _session(source: str, options: argparse.Namespace) -> Any:
    """Open what a SOURCE names. Where it cannot be reached now, it is tried again and again."""
    from gunj_widgets.session.connect import connect

    kind, found, address = source.partition("=")
    if source == "kubernetes" or (found and kind == "kubernetes"):
        return connect(kubernetes=address or True, wait=None)
    if found and kind == "alertmanager":
        return connect(alertmanager=address, wait=None)
    if found and kind in ("prometheus", "loki"):
        language = {"prometheus": "promql", "loki": "logql"}[kind]
        queries = getattr(options, language)
        if not queries:
            raise SettingsError(
                f"{kind} tells nothing by itself", f"Say what to ask it for everyone: --{language} QUERY."
            )
        session = connect(prometheus=address) if kind == "prometheus" else connect(loki=address)
        for query in queries:
            getattr(session, language)(query, window=options.window)
        return session
    token_file = options.token_file
    return connect(source, token=None if token_file is None else TokenFile(token_file), wait=None)
