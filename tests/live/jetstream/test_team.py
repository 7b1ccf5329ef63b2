"""Two relays, one nats-server, five kernels and a late one: each sees every event once and in order, whatever is killed."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.live.client import PLATFORM, wait_for
from tests.live.faults.conftest import SOAK
from tests.live.faults.numbers import Numbers
from tests.live.jetstream.servers import Child, NatsServer, relay

RATE = 2_000
SECONDS = 60.0 if SOAK else 9.0
KERNELS = 5
SINCE = "30s"
TICK = 0.02
DOWN = 2.0


@pytest.mark.timeout(240)
def test_a_team_misses_nothing_through_the_deaths_of_the_server_and_of_a_relay(tmp_path: Path) -> None:
    nats = NatsServer(tmp_path / "nats")
    children: list[Child] = []
    with Numbers(ring=400_000, max_lag=400_000, heartbeat=0.5, retry=None) as operator:
        try:
            relays = [relay(operator, nats) for _ in range(2)]
            kernels = [_kernel(nats, "1h") for _ in range(KERNELS)]
            children += relays + kernels
            wait_for(lambda: operator.stats()["feeds"] >= len(relays) * (2 + 3 * 2), 10)  # all, of two platforms
            began = time.monotonic()
            killed = up = 0.0
            while (spent := time.monotonic() - began) < SECONDS:
                operator.publish(max(0, int(spent * RATE) - operator.said))
                if not killed and spent > SECONDS * 0.3:
                    nats.kill()
                    killed = spent
                if killed and not up and spent > killed + DOWN:
                    nats.start()
                    up = time.time()
                if len(relays) == 2 and spent > SECONDS * 0.75:
                    relays.pop().kill()
                time.sleep(TICK)
            late = _kernel(nats, SINCE)
            children.append(late)
            time.sleep(1.0)  # for what might come twice
            told = list(range(1, operator.said + 1))
            seen = [kernel.answer(operator.said) for kernel in [*kernels, late]]
        finally:
            for child in children:
                child.kill()
            nats.kill()
    joined = seen[-1]["numbers"][0]  # how far back the late one reaches
    assert joined == 1 or operator.said - joined >= 28 * RATE
    expected = [told] * KERNELS + [told[joined - 1 :]]
    for one, wanted in zip(seen, expected, strict=True):
        lost = sorted(set(wanted) - set(one["numbers"]))
        assert not lost, (len(lost), lost[:5], one["state"], one["problem"])
        assert one["numbers"] == wanted, "doubled, or out of order"
        assert one["stored"] == wanted
        assert one["platforms"] == seen[0]["platforms"]
        assert one["counts"]["reset"] == 0
    first_after = [min(t for t in one["times"] if t > up) - up for one in seen[:KERNELS]]
    sys.stdout.write(
        f"{len(told):,} numbers, {KERNELS} kernels; first event after the server was back: {max(first_after):.2f} s\n"
    )
    assert max(first_after) < 3.0, first_after


def _kernel(nats: NatsServer, since: str) -> Child:
    child = Child("tests/live/jetstream/reading_child.py", nats.url, PLATFORM, since)
    assert child.said() == "ready"
    return child
