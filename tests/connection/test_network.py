"""The real network's seams, without a socket: redirects, errors in words, bounds. Sockets: tests/live/test_connection_network.py."""

from __future__ import annotations

import json
import socket
import ssl
from collections.abc import AsyncIterator, Callable
from functools import partial

import httpx
import pytest

from gunj_widgets.connection.network import WebNetwork
from gunj_widgets.connection.transport import Lost, Refused
from gunj_widgets.settings import LimitSettings, Settings

Answer = Callable[[httpx.Request], httpx.Response]
TOKEN = {"Authorization": "Bearer canary"}


def network(answer: Answer, url: str = "https://gunj.example.com") -> WebNetwork:
    found = WebNetwork(url, Settings(limits=LimitSettings(reply_size=1000)))
    found._client = httpx.AsyncClient(transport=httpx.MockTransport(answer), headers=found._client.headers)
    return found


def streamed(status: int, value: object = None, **headers: str) -> httpx.Response:
    """An answer whose body is still to be read, as one from a socket is."""
    body = b"" if value is None else value if isinstance(value, bytes) else json.dumps(value).encode()
    return httpx.Response(status, stream=httpx.ByteStream(body), headers=headers)


async def refusal(call: object) -> Refused:
    with pytest.raises(Refused) as caught:
        await call  # type: ignore[misc]
    assert "canary" not in f"{caught.value.detail}{caught.value}{caught.value!r}"
    return caught.value


async def test_a_reply() -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["accept-encoding"] == "identity"
        assert request.headers["authorization"] == "Bearer canary"
        assert (request.method, request.url.path, request.content) == ("POST", "/api/v1/x", b'{"a":"NaN"}')
        return streamed(202, {"id": 1})

    reply = await network(answer).request("POST", "/api/v1/x", TOKEN, {"a": float("nan")})
    assert (reply.status, reply.body) == (202, b'{"id": 1}')


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
async def test_a_redirect_within_the_origin_is_followed(code: int) -> None:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/sse/x":
            return httpx.Response(code, headers={"Location": "/moved/x"})
        assert request.headers["authorization"] == "Bearer canary"
        return httpx.Response(200, headers={"content-type": "text/event-stream"})

    stream = await network(answer).stream("/sse/x", TOKEN)
    assert stream.status == 200
    await stream.close()


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example.com/",
        "http://gunj.example.com/sse/x",
        "https://gunj.example.com:8443/",
        "//evil.example.com/",
        "https://gunj.example.com.evil.com/",
        "",
        None,
    ],
)
async def test_a_redirect_elsewhere_is_refused_and_no_token_travels(location: str | None) -> None:
    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.host)
        return httpx.Response(302, headers={} if location is None else {"Location": location})

    error = await refusal(network(answer).stream("/sse/x", TOKEN))
    assert error.kind == "redirect"
    assert asked == ["gunj.example.com"]


async def test_circles_and_redirected_commands_are_refused() -> None:
    def circle(request: httpx.Request) -> httpx.Response:
        return httpx.Response(302, headers={"Location": f"{request.url.path}x"})

    assert (await refusal(network(circle).stream("/sse", {}))).kind == "redirect"

    def moved(request: httpx.Request) -> httpx.Response:
        return httpx.Response(307, headers={"Location": "/elsewhere"})

    assert (await refusal(network(moved).request("POST", "/api/v1/x", TOKEN, {}))).kind == "redirect"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"error": {"code": "X", "message": "no such\nplatform"}}, ": no such platform"),
        ({"error": "go away"}, ": go away"),
        ({}, ""),
        ([], ""),
        ("text", ""),
        ({"error": {"message": "x" * 5000}}, ""),
    ],
)
async def test_a_refused_stream_says_what_the_server_said(body: object, words: str) -> None:
    error = await refusal(network(lambda request: streamed(404, body, X="y")).stream("/sse/x", {}))
    assert (error.kind, error.status, error.headers["x"]) == ("status", 404, "y")
    assert error.detail == f"gunj.example.com answered 404{words}"


async def test_an_answer_over_the_bound_is_refused() -> None:
    async def endless() -> AsyncIterator[bytes]:
        while True:
            yield b"x" * 300

    error = await refusal(network(lambda request: httpx.Response(200, content=endless())).request("GET", "/x", {}))
    assert "over 1000 bytes" in error.detail


async def test_a_last_event_id_may_hold_any_text_and_no_header() -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(dict(request.headers.raw)[b"Last-Event-ID"])
        return httpx.Response(200)

    await (await network(answer).stream("/sse/x", {"Last-Event-ID": "é…:5"})).close()
    assert seen == ["é…:5".encode()]


def raising(error: Exception) -> Answer:
    def answer(request: httpx.Request) -> httpx.Response:
        raise error

    return answer


def caused(by: BaseException) -> Exception:
    error = httpx.ConnectError("inside")
    error.__cause__ = by
    return error


@pytest.mark.parametrize(
    ("error", "kind", "words"),
    [
        (caused(ConnectionRefusedError()), "network", "nothing listens on gunj.example.com"),
        (caused(socket.gaierror(-2, "x")), "dns", "the host gunj.example.com is not known"),
        (caused(ssl.SSLCertVerificationError("x")), "tls", "certificate of gunj.example.com"),
        (caused(ssl.SSLError("x")), "tls", "does not speak TLS"),
        (caused(OSError(113, "No route to host")), "network", "No route to host"),
        (httpx.ConnectTimeout("x"), "timeout", "did not answer in time"),
        (httpx.RemoteProtocolError("x"), "protocol", "hung up"),
        (httpx.ReadError("x"), "network", "cannot be reached"),
    ],
)
async def test_why_nobody_answered_in_words(error: Exception, kind: str, words: str) -> None:
    for call in (network(raising(error)).stream("/x", TOKEN), network(raising(error)).request("GET", "/x", TOKEN)):
        found = await refusal(call)
        assert found.kind == kind
        assert words in found.detail


async def test_the_end_of_a_stream_is_lost_whether_expected_or_not() -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"data: x\n\n"
        raise httpx.RemoteProtocolError("incomplete chunked read")

    for answer in (streamed(200, b"data: x\n\n"), httpx.Response(200, content=broken())):
        stream = await network(partial(lambda given, request: given, answer)).stream("/x", {})
        chunks = stream.chunks()
        assert await anext(chunks) == b"data: x\n\n"
        with pytest.raises(Lost):
            await anext(chunks)


def test_one_trust_store_for_everything() -> None:
    secure = WebNetwork("https://gunj.example.com", Settings())
    assert secure._tls is not None
    assert secure._tls.verify_mode is ssl.CERT_REQUIRED
    assert secure._tls.check_hostname
    assert WebNetwork("http://127.0.0.1:1", Settings())._tls is None
