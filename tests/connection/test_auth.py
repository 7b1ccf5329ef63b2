"""The token: fetched once, renewed in time, and nowhere to be seen."""

from __future__ import annotations

import asyncio
import base64
import json
import pickle
import traceback
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from gunj_widgets.connection.auth import Auth, TokenFile
from gunj_widgets.errors import AuthError
from gunj_widgets.testing import FakeClock

CANARY = "canary-7f3a9b2c-token"


def jwt(**claims: Any) -> str:
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{part}.sig"


async def test_no_token_no_header() -> None:
    auth = Auth.of(None)
    assert (await auth.headers(), auth.exists, auth.renewable) == ({}, False, False)
    assert not Auth.of("").exists


async def test_a_string_becomes_a_bearer_header() -> None:
    auth = Auth.of(f" Bearer {CANARY}\n")
    assert await auth.headers() == {"Authorization": f"Bearer {CANARY}"}
    assert not auth.renewable


async def test_every_source(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text(f"{CANARY}\n", encoding="utf-8")

    async def later() -> str:
        return CANARY

    for source in (CANARY, lambda: CANARY, later, partial(later), CANARY.encode, TokenFile(file)):
        assert await Auth.of(source).token() == CANARY
    auth = Auth.of(CANARY)
    assert Auth.of(auth) is auth


async def test_a_hundred_who_ask_share_one_fetch() -> None:
    calls = []

    async def source() -> str:
        calls.append(1)
        await asyncio.sleep(0)
        return f"token-{len(calls)}"

    auth = Auth.of(source)
    assert set(await asyncio.gather(*(auth.token() for _ in range(100)))) == {"token-1"}
    assert set(await asyncio.gather(*(auth.renew() for _ in range(100)))) == {"token-2"}
    assert len(calls) == 2


async def test_one_who_gives_up_does_not_cost_the_others_their_answer() -> None:
    go = asyncio.Event()

    async def source() -> str:
        await go.wait()
        return CANARY

    auth = Auth.of(source)
    first, second = asyncio.ensure_future(auth.token()), asyncio.ensure_future(auth.token())
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    go.set()
    assert await second == CANARY


async def test_it_is_renewed_at_four_fifths_of_its_life_and_when_it_is_over() -> None:
    now = [1000.0]
    tokens = iter([jwt(exp=1100), jwt(exp=1200)])
    auth = Auth(lambda: next(tokens), now=lambda: now[0])
    assert auth.renew_in(now[0]) is None
    first = await auth.token()
    assert auth.renew_in(1000.0) == pytest.approx(80.0)
    assert auth.renew_in(1090.0) == 0.0
    now[0] = 1099.0
    assert await auth.token() == first
    now[0] = 1100.0
    assert await auth.token() != first
    auth.expires(1150.0)
    assert auth.renew_in(1100.0) == pytest.approx(40.0)
    auth.expires(None)
    assert auth.renew_in(1100.0) == pytest.approx(40.0)


async def test_what_cannot_be_renewed_is_not() -> None:
    auth = Auth(jwt(exp=1), now=lambda: 1000.0)
    await auth.token()
    assert auth.renew_in(1000.0) is None


@pytest.mark.parametrize(
    "token", ["a.b.c", "..", "e30.e30.x", "a.!!!.c", jwt(exp="soon"), jwt(exp=True), "e30.NTU.x", "opaque"]
)
async def test_a_token_that_is_no_jwt_has_no_known_end(token: str) -> None:
    auth = Auth(lambda: token)
    await auth.token()
    assert auth.renew_in(0.0) is None


@pytest.mark.parametrize("token", [f"{CANARY}\r\nX: y", f"{CANARY} x", f"{CANARY}\0", f"{CANARY}é", "", "  ", None, 7])
async def test_nothing_is_smuggled_into_the_header(token: object) -> None:
    with pytest.raises(AuthError) as caught:
        await Auth.of(lambda: token).headers()
    assert CANARY not in str(caught.value)


async def test_a_source_that_raises_is_named_without_its_words() -> None:
    def source() -> str:
        raise RuntimeError(f"cannot use {CANARY}")

    auth = Auth.of(source)
    with pytest.raises(AuthError, match="raised RuntimeError") as caught:
        await auth.token()
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    with pytest.raises(AuthError):
        await auth.token()  # asked again, not stuck with the first failure


async def test_a_file_that_is_not_there() -> None:
    with pytest.raises(AuthError, match="cannot read the token file"):
        await Auth.of(TokenFile("/nowhere/token")).token()


async def test_it_is_nowhere_to_be_seen() -> None:
    for source in (CANARY, lambda: CANARY):
        auth = Auth.of(source)
        await auth.token()
        assert CANARY not in f"{auth!r}{auth}"
        assert auth.redact(f"see {CANARY}!") == "see ***!"
        with pytest.raises(TypeError):
            pickle.dumps(auth)


def test_identities() -> None:
    def one() -> str:
        return ""

    def two() -> str:
        return ""

    sources: list[Any] = [None, "a", "b", one, two, TokenFile("/a"), TokenFile("/b")]
    assert len({Auth.of(source).identity() for source in sources}) == len(sources)
    assert Auth.of(one).identity() == Auth.of(one).identity()


def test_two_token_functions_are_two_users_and_a_cell_run_again_is_one() -> None:
    cell = "ann, bob = (lambda: vault['ann']), (lambda: vault['bob'])"
    runs: list[dict[str, Any]] = [{}, {}]
    for run in runs:
        exec(compile(cell, "<cell 1>", "exec"), run)  # noqa: S102  what a notebook does
    for name in ("ann", "bob"):
        assert Auth.of(runs[0][name]).identity() == Auth.of(runs[1][name]).identity()
    assert Auth.of(runs[0]["ann"]).identity() != Auth.of(runs[0]["bob"]).identity()

    def of(user: str) -> Any:
        return lambda: user

    assert Auth.of(of("ann")).identity() != Auth.of(of("bob")).identity()
    assert Auth.of(of("ann")).identity() == Auth.of(of("ann")).identity()
    vaults = [partial(of, "ann"), partial(of, "bob")]
    assert len({Auth.of(vault).identity() for vault in vaults}) == 2


async def test_whoever_was_refused_with_an_older_token_gets_the_newer_one() -> None:
    calls = iter(range(100))
    auth = Auth(lambda: f"token-{next(calls)}")
    await auth.token()
    refused = auth.generation
    assert set(await asyncio.gather(*(auth.renew(since=refused) for _ in range(100)))) == {"token-1"}
    assert await auth.renew(since=refused) == "token-1"  # one who comes late
    assert await auth.renew(since=auth.generation) == "token-2"


async def test_a_source_may_say_how_long_a_token_lives() -> None:
    auth = Auth(lambda: ("opaque", 100.0), now=lambda: 1000.0)
    await auth.token()
    assert auth.renew_in(1000.0) == pytest.approx(80.0)


async def test_an_end_that_is_over_already_is_another_clock_s() -> None:
    auth = Auth(lambda: jwt(exp=500), now=lambda: 1000.0)
    await auth.token()
    assert auth.renew_in(1000.0) is None


async def test_a_file_written_anew_is_read_anew(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("first", encoding="utf-8")
    auth = Auth(TokenFile(file))
    assert [await auth.token(), await auth.token(), auth.generation] == ["first", "first", 1]
    file.write_text("the-second", encoding="utf-8")
    assert await auth.token() == "the-second"
    file.unlink()  # half-way through a rotation
    assert await auth.token() == "the-second"


class Kept:
    """An Auth whose tokens live 100 s, under a clock that the test moves, and its keeper."""

    def __init__(self, *answers: Any) -> None:
        self.clock = FakeClock()
        self.answers = list(answers)
        self.calls: list[float] = []
        self.heard: list[str] = []
        self.problems: list[str] = []
        self.start = self.clock.time()
        self.auth = Auth(self.source, now=self.clock.time)
        self.auth.listen(self.heard.append)

    async def source(self) -> Any:
        self.calls.append(self.clock.time() - self.start)
        answer = self.answers.pop(0) if self.answers else (f"token-{len(self.calls)}", 100.0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def live(self, seconds: float) -> Kept:
        await self.auth.token()
        keeper = asyncio.ensure_future(self.auth.keep(self.clock, self.problems.append))
        await self.clock.advance(seconds)
        keeper.cancel()
        return self


async def test_it_is_kept_fresh() -> None:
    kept = await Kept().live(250.0)
    assert kept.calls == pytest.approx([0.0, 80.0, 160.0, 240.0])
    assert kept.heard == ["token-2", "token-3", "token-4"]


async def test_a_renewal_that_fails_is_tried_again_while_the_old_token_still_works() -> None:
    kept = await Kept(("first", 100.0), RuntimeError("no network")).live(90.0)
    assert kept.calls == pytest.approx([0.0, 80.0, 85.0])
    assert kept.problems == ["the token function raised RuntimeError"]


async def test_a_source_that_says_no_for_good_is_not_asked_again() -> None:
    kept = await Kept(("first", 100.0), AuthError("logged out", status=401)).live(3600.0)
    assert len(kept.calls) == 2
    assert kept.problems == ["logged out"]


async def test_a_life_too_short_to_live_is_no_hot_loop() -> None:
    kept = await Kept(*[("brief", 0.001)] * 1000).live(10.0)
    assert len(kept.calls) <= 12


async def test_what_a_server_tells_of_the_end_is_heard_at_once() -> None:
    kept = Kept("opaque")
    await kept.auth.token()
    keeper = asyncio.ensure_future(kept.auth.keep(kept.clock, kept.problems.append))
    await kept.clock.advance(1.0)
    kept.auth.expires(kept.clock.time() + 9.0)
    await kept.clock.advance(8.0)
    assert kept.calls == pytest.approx([0.0, 8.0])
    keeper.cancel()


async def test_a_new_login_takes_the_old_one_s_place() -> None:
    auth = Auth(lambda: "old")
    await auth.token()
    auth.adopt(Auth(lambda: "new"))
    assert await auth.token() == "new"
    auth.adopt(Auth("a plain token has nothing to be asked"))
    assert await auth.token() == "new"


async def test_after_a_sleep_the_token_is_looked_at_again_by_the_wall_clock() -> None:
    kept = Kept()
    await kept.auth.token()
    keeper = asyncio.ensure_future(kept.auth.keep(kept.clock, kept.problems.append))
    await kept.clock.advance(1.0)
    kept.clock.jump(3600.0)
    await kept.clock.advance(0.1)
    assert len(kept.calls) == 1  # the timer slept, too
    kept.auth.recheck()
    await kept.clock.advance(0.1)
    assert len(kept.calls) == 2
    keeper.cancel()
