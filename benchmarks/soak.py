"""An hour at 1,000 messages a second: does memory grow? `python benchmarks/soak.py [--minutes 60]`

RSS is read every second; after the warm-up the medians of equal blocks are fitted by a line. Memory grows where the slope's
95 % confidence interval lies above 0, and by more than noise. Exit code 1 then, or where anything was lost.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import NamedTuple

import numpy as np
import psutil
from blaster import blasting

from gunj_widgets.connection.interest import Interest
from gunj_widgets.session.session import Session
from gunj_widgets.settings import Settings

RATE = 1_000
WARM_UP = 0.4
"""Share of the run until every buffer is as full as it gets."""
BLOCKS = 12
NOISE = 2.0
"""Megabytes in all: RSS moves by pages and arenas, so less than this is no growth, however straight the line."""
T_10 = 2.228
"""Student's t for 95 % and the ten degrees of freedom that a line through twelve blocks leaves."""


class Trend(NamedTuple):
    """Megabytes an hour: the slope, and its 95 % confidence interval."""

    slope: float
    low: float
    high: float


def trend(megabytes: list[float], every: float) -> Trend:
    """Fit a line to the medians of equal blocks of readings taken `every` seconds."""
    blocks = np.array([np.median(block) for block in np.array_split(np.asarray(megabytes), BLOCKS)])
    hours = (np.arange(BLOCKS) + 0.5) * len(megabytes) * every / BLOCKS / 3600
    slope, offset = np.polyfit(hours, blocks, 1)
    left = blocks - (slope * hours + offset)
    error = float(np.sqrt((left**2).sum() / (BLOCKS - 2) / ((hours - hours.mean()) ** 2).sum()))
    return Trend(float(slope), float(slope) - T_10 * error, float(slope) + T_10 * error)


def soak(seconds: float) -> int:
    """Run; print what was seen; return the exit code."""
    count = int(seconds * RATE)
    # Retention is short, so that the buffers are full well before the warm-up is over.
    age = max(5.0, seconds * WARM_UP / 4)
    settings = Settings.load(retention={"metrics_age": age})
    process, megabytes = psutil.Process(), []
    with blasting(count, rate=RATE) as url:
        session = Session(url, settings=settings)
        frame = session.store.frame("p")
        session.manager.watch(Interest("metrics", "p"))
        began = time.monotonic()
        while frame.stats().appended < count and time.monotonic() - began < seconds * 1.5 + 30:
            time.sleep(1.0)
            frame.value("avg", window="5s")
            megabytes.append(process.memory_info().rss / 2**20)
        stats, stored = session.manager.stats(), frame.stats()
        session.shut()
    grown = trend(megabytes[int(len(megabytes) * WARM_UP) :], 1.0)
    lost = count - stored.appended
    print(
        f"soak: {stored.appended:,} of {count:,} messages stored in {time.monotonic() - began:.0f} s, {lost} lost; "
        f"RSS {megabytes[-1]:.0f} MB, slope {grown.slope:+.1f} MB/h (95 %: {grown.low:+.1f} to {grown.high:+.1f})"
    )
    grows = grown.low > 0 and grown.slope * seconds * (1 - WARM_UP) / 3600 > NOISE
    return int(grows or lost != 0 or stats.unaccounted != 0)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    sys.exit(soak(parser.parse_args().minutes * 60))
