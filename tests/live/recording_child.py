"""Records 5,000 events a second until it is killed. `python recording_child.py FILE`"""

from __future__ import annotations

import sys
import time

from gunj_widgets.events.event import Event
from gunj_widgets.recording.recorder import Recorder

RATE = 5_000
TICK = 0.01


def main() -> None:
    recorder = Recorder(sys.argv[1], source="child")
    n = 0
    due = time.time()
    sys.stdout.write("recording\n")
    sys.stdout.flush()
    while True:
        now = time.time()
        batch = []
        for _ in range(round(RATE * TICK)):
            n += 1
            sample = {"labels": {"pod": f"loki-{n % 10}"}, "time": now + n % 50 * 1e-4, "value": n % 977 / 7}
            data = {"metric": "cpu_usage", "samples": [sample]}
            batch.append(
                Event(topic="platform.p.metrics.cpu_usage", data=data, id=f"f{n:07d}", time=now, arrived=now, seq=n)
            )
        recorder.take(batch)
        due += TICK
        time.sleep(max(0.0, due - time.time()))


if __name__ == "__main__":
    main()
