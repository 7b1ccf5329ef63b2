"""Inbox against heapq, asyncio.PriorityQueue and a sorted list: one message in, one out, at a standing backlog."""

from __future__ import annotations

import asyncio
import heapq
from bisect import insort
from collections import deque
from collections.abc import Callable
from itertools import count

from measure import by_turns, show

from gunj_widgets.backpressure.inbox import Inbox

BACKLOGS = (100, 10_000, 100_000)
BATCH = 100
TIMES = 100
PRIORITIES = 4
PLAN = [number % PRIORITIES for number in range(BATCH * TIMES)]


def inbox(backlog: int, batch: int, *, policy: str = "lowest_priority", keyed: bool = False) -> Callable[[], int]:
    """`batch` messages are offered one by one and drained together, as a feed does."""
    box: Inbox[int] = Inbox(backlog + BATCH, policy, high_water=backlog + BATCH)
    for number in range(backlog):
        box.offer(number, number % PRIORITIES, 0.0)
    work = [(number % PRIORITIES, f"platform.p{number}" if keyed else None) for number in range(batch)]

    def run() -> int:
        for _ in range(BATCH * TIMES // batch):
            for priority, key in work:
                box.offer(7, priority, 1.0, key)
            box.drain(1.0, batch)
        return BATCH * TIMES

    return run


def conflating(backlog: int) -> Callable[[], int]:
    """Every message replaces the one of its key."""
    box: Inbox[int] = Inbox(backlog, policy="conflate")
    keys = [f"platform.p{number}" for number in range(backlog)]
    for key in keys:
        box.offer(0, 0, 0.0, key)

    def run() -> int:
        for key in keys[: BATCH * TIMES]:
            box.offer(1, 0, 1.0, key)
        return min(backlog, BATCH * TIMES)

    return run


def heap(backlog: int) -> Callable[[], int]:
    order = count()
    queue = [(-(number % PRIORITIES), next(order), number) for number in range(backlog)]
    heapq.heapify(queue)

    def run() -> int:
        for priority in PLAN:
            heapq.heappush(queue, (-priority, next(order), 7))
            heapq.heappop(queue)
        return BATCH * TIMES

    return run


def bare_deques(backlog: int) -> Callable[[], int]:
    """The floor: no bound, no counts, no keys, four priorities known beforehand."""
    levels = [deque(range(backlog // PRIORITIES)) for _ in range(PRIORITIES)]
    falling = levels[::-1]

    def run() -> int:
        for priority in PLAN:
            levels[priority].append(7)
            for level in falling:
                if level:
                    level.popleft()
                    break
        return BATCH * TIMES

    return run


def priority_queue(backlog: int) -> Callable[[], int]:
    order = count()
    queue: asyncio.PriorityQueue[tuple[int, int, int]] = asyncio.PriorityQueue()
    for number in range(backlog):
        queue.put_nowait((-(number % PRIORITIES), next(order), number))

    def run() -> int:
        for priority in PLAN:
            queue.put_nowait((-priority, next(order), 7))
            queue.get_nowait()
        return BATCH * TIMES

    return run


def sorted_list(backlog: int) -> Callable[[], int]:
    order = count()
    queue = sorted((-(number % PRIORITIES), next(order), number) for number in range(backlog))

    def run() -> int:
        for priority in PLAN:
            insort(queue, (-priority, next(order), 7))
            queue.pop(0)
        return BATCH * TIMES

    return run


def main() -> None:
    makers: dict[str, Callable[[int], Callable[[], int]]] = {
        "Inbox, drained by the hundred": lambda backlog: inbox(backlog, BATCH),
        "Inbox, drained one by one": lambda backlog: inbox(backlog, 1),
        "Inbox, every message with a key": lambda backlog: inbox(backlog, BATCH, keyed=True),
        "Inbox, policy oldest": lambda backlog: inbox(backlog, BATCH, policy="oldest"),
        "Inbox, only conflating (no drain)": conflating,
        "four bare deques": bare_deques,
        "heapq": heap,
        "asyncio.PriorityQueue": priority_queue,
        "sorted list": sorted_list,
    }
    spent = by_turns({f"{name} {backlog}": make(backlog) for backlog in BACKLOGS for name, make in makers.items()})
    ours = "Inbox, drained by the hundred 10000"
    rows = [
        (
            name,
            *(f"{spent[f'{name} {backlog}']:,.0f}" for backlog in BACKLOGS),
            spent.ratio(f"{name} 10000", ours, ".1f"),
        )
        for name in makers
    ]
    heads = ("ns per message in and out; backlog", *(f"{backlog:,}" for backlog in BACKLOGS), "at 10,000")
    show("Inbox (goal: at most 250 ns, the same at every backlog)", heads, rows)


if __name__ == "__main__":
    main()
