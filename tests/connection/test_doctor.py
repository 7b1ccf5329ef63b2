"""The doctor's judgements that need no network; tests/live/test_doctor.py has the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from email.utils import formatdate
from typing import Any

import pytest

from gunj_widgets.connection.auth import Auth
from gunj_widgets.connection.doctor import EXPIRES_SOON, _issuer, _Way
from gunj_widgets.settings import Settings
from gunj_widgets.testing import FakeClock

NOW = 1_800_000_000.0


@pytest.fixture
async def way() -> AsyncIterator[_Way]:
    made = _Way("http://127.0.0.1:1", Auth(), Settings(), FakeClock(NOW), True)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("skew", "grade", "words"),
    [
        (0.0, "ok", "agrees"),
        (4.0, "ok", "agrees"),
        (60.0, "warning", "60 s ahead of"),
        (-3600.0, "warning", "1 h behind"),
    ],
)
async def test_clocks_that_differ_are_told(way: _Way, skew: float, grade: str, words: str) -> None:
    way._date = (formatdate(NOW + skew, usegmt=True), NOW + 0.5)
    finding = await way.clocks()
    assert (finding.grade, words in finding.found) == (grade, True)


@pytest.mark.parametrize("date", [None, ("yesterday", NOW)])
async def test_a_clock_that_is_not_told_is_not_judged(way: _Way, date: Any) -> None:
    way._date = date
    assert (await way.clocks()).grade == "skipped"


@pytest.mark.parametrize(
    ("left", "grade"), [(EXPIRES_SOON + 86_400, "ok"), (EXPIRES_SOON - 86_400, "warning"), (-86_400, "warning")]
)
async def test_a_certificate_that_ends_soon_is_told(way: _Way, left: float, grade: str) -> None:
    class Shaken:
        def version(self) -> str:
            return "TLSv1.3"

        def getpeercert(self) -> dict[str, object]:
            until = formatdate(NOW + left, usegmt=True)[5:]  # 15 Jan 2027 08:00:00 GMT
            day, month, year, rest = until.split(" ", 3)
            return {"notAfter": f"{month} {day} {rest.removesuffix(' GMT')} {year} GMT", "issuer": ()}

    finding = way._certificate(Shaken())  # type: ignore[arg-type]
    assert finding.grade == grade
    assert bool(finding.remedy) is (grade == "warning")


def test_the_issuer_is_named_as_people_know_it() -> None:
    assert _issuer({"issuer": ((("commonName", "R3"),), (("organizationName", "Let's Encrypt"),))}) == "Let's Encrypt"
    assert _issuer({"issuer": ((("commonName", "R3"),),)}) == "R3"
    assert _issuer({}) == "somebody unknown"
