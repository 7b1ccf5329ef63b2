"""20,000 and 50,000 events a second, with a browser that paints five frames a second: nothing lost, alerts in time.

The browser is a stand-in that takes the real feed's envelopes and acknowledges five times a second.
"""

from __future__ import annotations

import statistics
import threading
import time
from typing import Any

import psutil
from blaster import blasting
from measure import show

from gunj_widgets.connection.interest import Interest
from gunj_widgets.connection.loop import get_io
from gunj_widgets.session.handles import LiveMetrics
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings
from gunj_widgets.widgets.alerts import AlertsChannel
from gunj_widgets.widgets.chart import MetricsChannel
from gunj_widgets.widgets.feed import Feed

RATE, SECONDS, ALERTS_EVERY = 20_000, 60, 5_000
FPS = 5.0


class Browser:
    """Takes envelopes, notes when each alert first came, and paints what it has `FPS` times a second."""

    def __init__(self, session: Session) -> None:
        self.latencies: dict[str, float] = {}
        self.envelopes = 0
        self._painting = threading.Event()
        self.feed = Feed(self.take, get_io(), session.settings.feed, session.settings.pressure)
        self._thread = threading.Thread(target=self._paint, daemon=True)

    def open(self, *channels: str) -> None:
        self.feed.on_message({"op": "hello", "page": "p", "view": "v", "channels": list(channels)})
        self._thread.start()

    def close(self) -> None:
        self._painting.set()
        self._thread.join()

    def take(self, envelope: dict[str, Any], _buffers: list[bytes]) -> None:
        now = time.time()
        self.envelopes = envelope["n"]
        for part in envelope["parts"]:
            if part["kind"] == "alerts":
                for alert in part["body"]["active"]:
                    self.latencies.setdefault(alert["summary"], now - float(alert["summary"]))

    def _paint(self) -> None:
        while not self._painting.wait(1 / FPS):
            told = {"n": self.envelopes, "fps": FPS, "paintMs": 1000 / FPS, "hidden": False, "views": 1}
            self.feed.on_message({"op": "credit", "page": "p", **told})


def flood(seconds: float = SECONDS, rate: int = RATE) -> dict[str, Any]:
    """Run; return what was seen. Latencies are seconds from the sender's clock to the envelope."""
    count = int(rate * seconds)
    process, megabytes = psutil.Process(), []
    with blasting(count, rate=rate, alerts_every=ALERTS_EVERY) as url:
        session = Session(url, settings=Settings.load(retention={"metrics_age": 10.0}))
        browser = Browser(session)
        frame = session.store.frame("p")
        live = LiveMetrics.over(frame, window=10.0).attach(session, "p", "p", 10.0, lambda: None)
        browser.feed.hold("alerts:1", lambda id, feed: AlertsChannel(id, feed, session))
        browser.feed.hold("metrics:1", lambda id, feed: MetricsChannel(id, feed, live))
        session.manager.watch(Interest("metrics", "p"))
        browser.open("alerts:1", "metrics:1")
        began, cpu = time.monotonic(), time.process_time()
        while frame.stats().appended < count and time.monotonic() - began < seconds * 3 + 20:
            time.sleep(0.5)
            megabytes.append(process.memory_info().rss / 2**20)
        took, cpu = time.monotonic() - began, time.process_time() - cpu
        time.sleep(0.5)
        stats, pressure = session.stats(), browser.feed.pressure.stats()
        browser.close()
        session.shut()
    steady = megabytes[len(megabytes) // 3 :]
    return {
        "sent": count,
        "stored": frame.stats().appended,
        "seconds": took,
        "cpu": cpu / took,
        "unaccounted": session.manager.stats().unaccounted,
        "alerts": count // ALERTS_EVERY,
        "latencies": sorted(browser.latencies.values()),
        "envelopes": browser.envelopes,
        "memory": max(steady) - min(steady),
        "dropped": pressure.dropped,
        "conflated": pressure.conflated,
        "counts": stats.counts,
    }


def shown(seconds: int, rate: int) -> None:
    seen = flood(seconds, rate)
    late = seen["latencies"]
    p99 = late[min(len(late) - 1, int(len(late) * 0.99))] if late else float("nan")
    rows = [
        ("samples stored of those sent", f"{seen['stored']:,} of {seen['sent']:,}", "all"),
        ("critical alerts seen by the widget", f"{len(late)} of {seen['alerts']}", "all"),
        ("alert: sender to envelope, median", f"{statistics.median(late) * 1000:.0f} ms" if late else "–", ""),
        ("alert: p99", f"{p99 * 1000:.0f} ms", "< 250 ms"),
        ("memory after the warm-up, spread", f"{seen['memory']:.1f} MB", "≤ 20 MB"),
        ("messages whose fate is not counted", seen["unaccounted"], "0"),
        ("updates conflated, dropped", f"{seen['conflated']:,}, {seen['dropped']:,}", "counted"),
        ("envelopes", f"{seen['envelopes']:,}", ""),
        ("seconds, CPU", f"{seen['seconds']:.0f} s, {seen['cpu']:.0%}", ""),
    ]
    show(f"Flood: {rate:,} events/s for {seconds} s, a browser at {FPS:.0f} fps", ("", "seen", "goal"), rows)


def main() -> None:
    shown(SECONDS, RATE)
    shown(30, 50_000)


if __name__ == "__main__":
    main()
