"""What it costs when nothing happens: importing the package, and a session with ten widgets on a quiet operator."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from blaster import blasting
from flood import Browser
from ingest import METRICS
from measure import show

from gunj_widgets.session.handles import LiveLogs, LiveMetrics
from gunj_widgets.session.session import Session
from gunj_widgets.widgets.alerts import AlertsChannel
from gunj_widgets.widgets.chart import MetricsChannel
from gunj_widgets.widgets.kube_events import EventsChannel
from gunj_widgets.widgets.logs import LogsChannel
from gunj_widgets.widgets.operations import OperationsChannel
from gunj_widgets.widgets.pressure import PressureChannel
from gunj_widgets.widgets.status import StatusChannel

ROUNDS = 9
SECONDS = 10.0


def started(code: str) -> float:
    """Return the CPU seconds of a Python that runs this."""
    probe = f"import time; {code}; print(time.process_time())"
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)  # noqa: S603  our own words
    return float(done.stdout)


def imports() -> list[tuple[str, ...]]:
    """Measure by turns; return the table's rows."""
    codes = ("pass", "import gunj_widgets", "import pandas")
    rounds = [[started(code) for code in codes] for _ in range(ROUNDS)]
    more = [statistics.median(times[n] - times[0] for times in rounds) for n in range(len(codes))]
    return [(code, f"{seconds * 1000:.0f} ms") for code, seconds in zip(codes[1:], more[1:], strict=True)]


def idle() -> float:
    """Return the share of a core that a session with ten widgets takes while its operator is silent."""
    with blasting(1) as url:
        session = Session(url)
        browser = Browser(session)
        frame, buffer = session.store.frame("p"), session.store.logs("p")
        live = LiveMetrics.over(frame, window=600.0).attach(session, "p", "p", 600.0, lambda: None)
        lines = LiveLogs(session, buffer, "p", "p", lambda: None)
        hold = browser.feed.hold
        for n in range(4):
            hold(f"metrics:{n}", lambda id, feed: MetricsChannel(id, feed, live))
        hold("logs:1", lambda id, feed: LogsChannel(id, feed, lines))
        hold("alerts:1", lambda id, feed: AlertsChannel(id, feed, session))
        hold("events:1", lambda id, feed: EventsChannel(id, feed, session, None))
        hold("operations:1", lambda id, feed: OperationsChannel(id, feed, session, None))
        hold("pressure:1", lambda id, feed: PressureChannel(id, feed, session))
        hold("status:1", lambda id, feed: StatusChannel(id, feed, session))
        session.manager.watch(METRICS)
        ones = ("logs", "alerts", "events", "operations", "pressure", "status")
        browser.open(*(f"metrics:{n}" for n in range(4)), *(f"{kind}:1" for kind in ones))
        while not frame.version:
            time.sleep(0.01)
        time.sleep(1.0)
        before = time.process_time()
        time.sleep(SECONDS)
        spent = time.process_time() - before
        browser.close()
        session.shut()
    return spent / SECONDS


def main() -> None:
    show("Importing, over a bare Python (goal ≤ 100 ms)", ("", "CPU"), imports())
    title = "A session whose operator is silent, share of a core (goal ≤ 1 %)"
    show(title, ("", "CPU"), [("10 widgets", f"{idle():.2%}")])


if __name__ == "__main__":
    main()
