"""REST beside the live connection: commands and questions, with the same token and the same errors."""

from __future__ import annotations

from typing import Any

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.transport import Network, Refused, Reply
from gunj_widgets.connection.verdict import judge
from gunj_widgets.errors import AuthError, CommandError, ConnectError, RemoteProtocolError
from gunj_widgets.events import codec

__all__ = ["RestClient"]

NOT_OPERATOR = "Check the address: it is the one of the Gunj Operator's API server, without /ws or /api."


class RestClient:
    """Calls the operator's REST API. Lives on gunj-io."""

    def __init__(self, network: Network, auth: Auth) -> None:
        self._network = network
        self._auth = auth

    async def request(self, method: str, path: str, json: Any = None) -> Any:
        """Return the JSON of the answer, None for an empty one.

        A refused token is renewed once, and the call repeated. Raises AuthError (401, 403), CommandError with the
        operator's own words (other 4xx), ConnectError (5xx, no answer).
        """
        await self._auth.token()
        generation = self._auth.generation
        reply = await self._call(method, path, json)
        if reply.status == 401 and self._auth.renewable:
            await self._auth.renew(since=generation)
            reply = await self._call(method, path, json)
        if 200 <= reply.status < 300:
            return codec.parse(reply.body) if reply.body.strip() else None
        said = self._auth.redact(_words(reply))
        if reply.status in (401, 403):
            verdict = judge(Refused("status", said, status=reply.status), 0.0)
            raise AuthError(verdict.reason, verdict.remedy, status=reply.status)
        if 400 <= reply.status < 500:
            raise CommandError(
                f"the operator refused {method} {path.partition('?')[0]}: {said}", "Nothing was changed."
            )
        raise ConnectError(f"the operator answered {reply.status}: {said}", "Try again later.", status=reply.status)

    async def probe(self) -> None:
        """Ask /health who is there; ConnectError where it is not a Gunj operator. No token is sent.

        The public one says no name there: then it is one if it lists platforms, or refuses to in its own words.
        """
        try:
            reply = await self._network.request("GET", "/health", {})
        except Refused:
            return
        try:
            answer = codec.parse(reply.body)
        except RemoteProtocolError:
            answer = None
        server = answer.get("server") if isinstance(answer, dict) else None
        if (not isinstance(server, str) or not server.startswith("gunj-")) and not await self._lists_platforms():
            page = reply.headers.get("content-type", "").startswith("text/html")
            what = "a web page" if page else f"something else (/health gave {reply.status})"
            raise ConnectError(f"this address is not a Gunj operator but {what}", NOT_OPERATOR, status=reply.status)

    async def _lists_platforms(self) -> bool:
        try:
            reply = await self._network.request("GET", "/api/v1/platforms", {})
            found = codec.parse(reply.body)
        except (Refused, RemoteProtocolError):
            return False
        listed = isinstance(found, list) or (isinstance(found, dict) and bool(found.keys() & {"items", "data"}))
        refused = isinstance(found, dict) and "error" in found
        return (reply.status == 200 and listed) or (reply.status in (401, 403) and refused)

    async def _call(self, method: str, path: str, json: Any) -> Reply:
        try:
            return await self._network.request(method, path, await self._auth.headers(), json)
        except Refused as refused:
            verdict = judge(refused, 0.0)
            raise ConnectError(verdict.reason, verdict.remedy, status=verdict.status) from None


def _words(reply: Reply) -> str:
    """Return what an error's body says: `{error: {code, message}}`, `{error: text}` or `{message}`."""
    try:
        answer = codec.parse(reply.body)
    except RemoteProtocolError:
        return f"status {reply.status}"
    fields = answer if isinstance(answer, dict) else {}
    error = fields.get("error", fields)
    text = error.get("message") or error.get("code") if isinstance(error, dict) else error
    return " ".join(text.split())[:300] if isinstance(text, str) and text else f"status {reply.status}"
