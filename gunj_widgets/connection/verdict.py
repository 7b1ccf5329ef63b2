"""What the end of a connection means: try again, renew the token or give up; reason and remedy in words. Pure."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from enum import StrEnum

import msgspec

from gunj_widgets.connection.transport import Lost, Refused

__all__ = ["Action", "Verdict", "judge", "retry_after"]

RETRIED = {408, 425, 429}
"""Beside every 5xx: the server asks for patience."""
OTHER_WAY = {200, 204, 400, 404, 405, 406, 415, 426, 501, 505}
"""Answers that may concern this way of asking alone: no upgrade, no stream. A plainer one may well pass."""

NEW_TOKEN = "Pass a valid one: gunj.connect(url, token=...), or set GUNJ_TOKEN."  # noqa: S105  advice, not a token
SCOPES = "Ask for platform:watch, metrics:watch, logs:watch and alerts:watch, or use another token."
NO_OPERATOR = "Check the address: it is the one of the Gunj Operator's API server, without /ws or /api."
WEB_PAGE = (
    "Something answers in the operator's place: a login page, a proxy, or the web UI. Use the API server's address."
)


class Action(StrEnum):
    RETRY = "retry"
    REFRESH = "refresh"
    """Get a new token once and try again; if that is refused too, it fails."""
    FAIL = "fail"


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What to do. `delay` is the server's own advice in seconds. `other_way`: another transport may well work."""

    action: Action
    reason: str
    remedy: str = ""
    delay: float | None = None
    other_way: bool = False
    status: int | None = None


def judge(end: Refused | Lost, now: float) -> Verdict:
    """Judge how a connection ended, at `now` (epoch seconds)."""
    if isinstance(end, Lost):
        return _closed(end)
    if end.kind in ("status", "content") and end.status is not None:
        return _status(end, end.status, now)
    if end.kind == "content":
        return _fail(end.detail, WEB_PAGE, None, other_way=True)
    if end.kind == "dialect":
        return _fail(
            end.detail, "Update the operator, or gunj-widgets: they have no dialect in common.", None, other_way=True
        )
    if end.kind == "held":
        return _fail(
            end.detail,
            "Let the proxy pass streams unbuffered: X-Accel-Buffering, proxy_buffering off.",
            None,
            other_way=True,
        )
    if end.kind == "redirect":
        return _fail(end.detail, "Connect to that address if you trust it: no token is sent elsewhere.", end.status)
    if end.kind == "tls":
        return _fail(
            end.detail,
            "Name the server's CA in Settings.connection.ca_file (or SSL_CERT_FILE), or add it to the system's trust store.",
            None,
        )
    if end.kind == "protocol":
        return _retry(end.detail, "If it stays so, something on the way breaks the stream.", other_way=True)
    remedies = {
        "dns": "Check the spelling of the host, the network and the VPN.",
        "proxy": "Check HTTPS_PROXY or Settings.connection.proxy, its user and password; 'direct' means no proxy.",
        "timeout": "Check address, firewall and VPN.",
    }
    return _retry(end.detail, remedies.get(end.kind, "Check that the operator runs, and its port."))


def retry_after(text: str | None, now: float) -> float | None:
    """Return the seconds a Retry-After header asks for, as number or HTTP date; None where it makes no sense."""
    if not text:
        return None
    if text.strip().isascii() and text.strip().isdigit():
        return float(text.strip()[:12])
    try:
        date = parsedate_to_datetime(text)
    except ValueError:
        return None
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, date.timestamp() - now)


def _status(end: Refused, status: int, now: float) -> Verdict:
    if status == 401:
        return _refresh("the operator does not accept the token", status)
    if status == 403:
        return _fail("the token may not do this", SCOPES, status)
    if status in RETRIED or (500 <= status <= 599 and status not in OTHER_WAY):
        delay = retry_after(end.headers.get("retry-after"), now)
        reason = "the operator asks for patience" if status == 429 else end.detail
        return _retry(reason, "", delay=delay, status=status)
    page = end.headers.get("content-type", "").startswith("text/html")
    other_way = status in OTHER_WAY
    remedies = {204: "There is nothing to stream.", 410: "It is gone for good; subscribe to something else."}
    return _fail(end.detail, WEB_PAGE if page else remedies.get(status, NO_OPERATOR), status, other_way=other_way)


def _closed(end: Lost) -> Verdict:
    code = end.code
    if code in (4401, 3000):
        return _refresh("the token is no longer valid", code)
    if code in (4403, 3003):
        return _fail(end.detail or "the token may not do this", SCOPES, code)
    words = {
        1000: "the server closed the connection",
        1001: "the server is going away",
        1009: "a message was over the size limit",
        1012: "the server restarts",
        1013: "the server is overloaded",
        4408: "the server did not get our hello in time",
        4429: "the server has too many connections of ours",
    }
    return _retry(words.get(code or 0, "") or end.detail or "the connection broke", "", status=code)


def _refresh(reason: str, status: int | None) -> Verdict:
    return Verdict(action=Action.REFRESH, reason=reason, remedy=NEW_TOKEN, status=status)


def _fail(reason: str, remedy: str, status: int | None, *, other_way: bool = False) -> Verdict:
    return Verdict(action=Action.FAIL, reason=reason, remedy=remedy, status=status, other_way=other_way)


def _retry(
    reason: str, remedy: str, *, delay: float | None = None, status: int | None = None, other_way: bool = False
) -> Verdict:
    return Verdict(action=Action.RETRY, reason=reason, remedy=remedy, delay=delay, status=status, other_way=other_way)
