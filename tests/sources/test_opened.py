"""One source: what it has, what runs for it, and what it is called."""

from __future__ import annotations

from random import Random

import pytest

from gunj_widgets.errors import ConnectError
from gunj_widgets.settings import Settings
from gunj_widgets.sources.opened import TITLES, Opened
from gunj_widgets.sources.source import Source
from gunj_widgets.testing import FakeClock
from tests.sources.fake import FakeNetwork


def opened(kind: str, platform: tuple[str, str] = ("", ""), url: str = "http://127.0.0.1:1", **source: str) -> Opened:
    return Opened(
        kind,
        Source.of(Source(url=url, **source)),  # type: ignore[arg-type]
        settings=Settings(),
        clock=FakeClock(),
        rng=Random(1),
        changed=lambda: None,
        emit=lambda events: None,
        network=FakeNetwork(lambda path, asked: (200, {})),
        platform=platform,
    )


@pytest.mark.parametrize(("kind", "runs"), [("prometheus", 2), ("alertmanager", 2), ("loki", 1), ("kubernetes", 2)])
def test_each_has_its_client_and_what_runs(kind: str, runs: int) -> None:
    one = opened(kind)
    work = one.work()
    for each in work:
        each.close()
    assert len(work) == runs
    assert (one.health.name, one.tag, one.key) == (TITLES[kind], "", (kind, ""))
    assert [one.prometheus, one.alerts, one.loki, one.cluster].count(None) == (2 if kind == "loki" else 3)


def test_one_that_a_platform_told_of_is_called_after_it_and_tells_no_alerts_unasked() -> None:
    one = opened("alertmanager", ("u1", "prod"))
    work = one.work()
    for each in work:
        each.close()
    assert len(work) == 1
    assert (one.health.name, one.tag) == ("Alertmanager of prod", "u1 http://127.0.0.1:1")
    assert one.place == "Alertmanager of prod at 127.0.0.1:1"


def test_no_token_in_clear_text() -> None:
    with pytest.raises(ConnectError, match="clear text"):
        opened("loki", url="http://loki.example.com", token="t")
