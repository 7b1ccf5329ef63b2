"""SampleTable: the samples that a MetricFrame and all its views share; what is kept, and for how long."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeAlias

import msgspec
import numpy as np
from numpy.typing import ArrayLike, NDArray

from gunj_widgets.arguments import needed
from gunj_widgets.errors import SettingsError
from gunj_widgets.store.ahead import Tell, ceiling, problem, untold
from gunj_widgets.store.block import block
from gunj_widgets.store.gaps import MAX_GAPS
from gunj_widgets.store.held import Held
from gunj_widgets.store.holder import Listeners
from gunj_widgets.store.retention import MAX_TIME, Duration
from gunj_widgets.store.rows import Rows, newest_of_each, tidy_order
from gunj_widgets.store.series import Registry, Series
from gunj_widgets.store.slab import MICRO, Bools, Indices, Slab, Times, Values, micros
from gunj_widgets.store.unusable import LABELS, NO_SAMPLE, age_of, check_bounds, unusable

__all__ = ["MAX_SAMPLES", "Batch", "FrameStats", "SampleTable", "Snapshot"]

Batch: TypeAlias = tuple[str, Mapping[str, str], ArrayLike, ArrayLike, str]
"""Samples of one series: metric, labels, times in epoch seconds, values, unit. One sample may be two plain floats; bytes are
float64 side by side.
"""

MAX_SAMPLES = 20_000_000
"""Samples one table keeps (430 MB), whatever its retention says: the sender chooses how many come."""
UNTIDY_SHARE = 4
"""The table puts itself in order once a quarter of it is late rows: every read of an untidy table sorts it."""
FOREVER = 1 << 62
COLUMN = (list, array, bytes)


class FrameStats(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the samples, each fate counted apart."""

    rows: int
    """Held now."""
    series: int
    appended: int
    """Taken in, ever."""
    late: int
    """Of these: not newer than what their series already had, and put in their place."""
    duplicates: int
    """Same series and time as another; the one that came last stayed."""
    expired: int
    """Older than the retention on arrival: not taken in."""
    evicted: int
    """Taken in and removed since, by age or by number."""
    refused: int
    """Of a series over a bound (number of series, of labels, of characters): not taken in."""
    bad_time: int
    """Time was not a number, negative or more than two minutes ahead of the clock: not taken in."""
    gaps: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The table at one moment. Times are in microseconds; row numbers count from the first sample ever."""

    rows: Rows
    base: int
    newest: int
    oldest: int
    rewritten: int
    gone: int
    keys: NDArray[np.int32]
    registry_version: int
    version: int
    max_rows: int | None
    gaps: tuple[tuple[int, int], ...]


class SampleTable:
    """All samples of one platform. Any thread may call anything; a write of many samples is seen whole or not at all.

    Age is measured from the newest sample seen, not from the wall clock: a kernel whose clock is wrong, or a recording,
    loses nothing, and what a dead feed said last stays readable. `max_age` in seconds, `max_rows` per series.
    """

    def __init__(self, max_age: Duration | None, max_rows: int | None, max_series: int, tell: Tell = untold) -> None:
        check_bounds(max_rows, max_series)
        self.max_age = age_of(max_age)
        self.max_rows = max_rows
        self.version = 0
        self._tell = tell
        self.listeners = Listeners()
        self._lock = Lock()
        self._acquire, self._release = self._lock.acquire, self._lock.release
        self._registry = Registry(max_series)
        self._slab = Slab(0)
        self._gaps: deque[tuple[int, int]] = deque(maxlen=MAX_GAPS)
        self._gap_end = -FOREVER
        self._ceiling = MAX_TIME
        self._age = _in_micros(self.max_age)  # as all times that follow
        self._newest = -FOREVER
        self._late_rows = 0  # rows that are late or replaced another, and not yet in their place
        self._untidy = 0  # their numbers are all below this
        self._rewritten = 0  # a reader that stopped below this must begin anew
        self._gone = 0  # retention has taken rows numbered below this
        self._retried = -FOREVER
        self._appended = self._late = self._duplicates = self._expired = self._evicted = self._refused = (
            self._bad_time
        ) = 0

    # Writing

    def append(self, metric: str, labels: Mapping[str, str], time: float, value: float, unit: str = "") -> None:
        """Take in one sample; time in epoch seconds."""
        self._acquire()  # what `with` does, in half the time
        try:
            changed = self._put_one(metric, labels, time, value, unit)
        except NO_SAMPLE:
            raise unusable(metric, labels, time, value) from None
        finally:
            self._release()
        if changed and self.listeners.entries:
            self.listeners.tell()

    def writer(self, metric: str, labels: Mapping[str, str], unit: str = "") -> Callable[[float, float], None]:
        """Return `write(time, value)`, which does what `append` does for one series without looking for it each time."""
        needed(labels, Mapping, "labels are a dict", LABELS)
        labels = dict(labels)
        slots, listeners, acquire, release = self._registry.slots, self.listeners, self._acquire, self._release
        series: Series | None = None

        def write(time: float, value: float) -> None:
            nonlocal series
            acquire()
            try:
                slab = self._slab
                count = slab.count
                if (
                    series is not None
                    and slots[series.slot] is series
                    and count < slab.capacity
                    and 0.0 <= time < self._ceiling
                    and (moment := int(time * MICRO + 0.5)) > series.last
                    and moment >= self._gap_end
                    and (moment >= self._newest or moment >= self._oldest)
                ):
                    slab.values_out[count] = value
                    slab.times_out[count] = moment
                    slab.slots_out[count] = series.slot
                    slab.count = count + 1
                    series.last = moment
                    series.last_value = value
                    if moment > self._newest:
                        self._newest = moment
                    self._appended += 1
                    self.version += 1
                    changed = True
                else:  # new, late, the same again, expired, impossible, or there is no room
                    changed = self._put_one(metric, labels, time, value, unit)
                    series = self._registry.aliases.get((metric, *labels.items()))
            except NO_SAMPLE:
                raise unusable(metric, labels, time, value) from None
            finally:
                release()
            if changed and listeners.entries:
                listeners.tell()

        return write

    def extend_many(self, batches: Iterable[Batch], now: float | None = None) -> None:
        """Take in samples of many series as one change. `now` (epoch seconds) tells which times are impossible."""
        before = self.version
        try:
            with self._lock:
                self._ceiling = ceiling(now)
                try:
                    self._put_batches(batches)
                finally:
                    self._ceiling = MAX_TIME  # whoever writes next was told nothing
                if self._late_rows * UNTIDY_SHARE > self._slab.count:
                    self._repack(0)
        finally:
            if self.version != before:
                self.listeners.tell()

    def mark_gap(self, start: float, end: float) -> None:
        """Note that nothing is known between two epoch seconds; readers see NaN there while no sample fills it."""
        with self._lock:
            self._gaps.append((int(start * MICRO + 0.5), int(end * MICRO + 0.5)))
            self._gap_end = max(gap_end for _, gap_end in self._gaps)
            self._renumber()
        self.listeners.tell()

    def clear(self, chosen: Iterable[int] | None = None) -> None:
        """Forget all samples, or those of the chosen slots."""
        with self._lock:
            slab = self._slab
            rows = np.empty(0, np.intp)
            if chosen is None:
                self._gaps.clear()
                self._gap_end = -FOREVER
                self._newest = self._retried = -FOREVER
            else:
                rows = self._tidied(np.flatnonzero(~np.isin(slab.slots[: slab.count], list(chosen))))
            self._replace(rows, 0)
            self._renumber()
        self.listeners.tell()

    def restore(self, held: Held) -> None:
        """Forget all samples and hold these instead, as one change."""
        with self._lock:
            registry = self._registry
            registry.retire(np.zeros(len(registry.by_slot), np.bool_))
            self._newest = held.newest
            self._slab = held.settle(registry, self._oldest, self.max_rows, MAX_SAMPLES, self._slab.end)
            self._gaps = deque(held.gaps, maxlen=MAX_GAPS)
            self._gap_end = max((end for _, end in self._gaps), default=-FOREVER)
            self._late_rows = 0
            self._retried = -FOREVER
            self._renumber()
        self.listeners.tell()

    def prune(self) -> None:
        """Put late rows in place and give back the memory of expired ones."""
        with self._lock:
            while self._gaps and self._gaps[0][1] < self._oldest:
                self._gaps.popleft()
            slab = self._slab
            expired = int((slab.times[: slab.count] < self._oldest).sum())
            if self._late_rows or expired * 5 > slab.count:
                self._repack(0)

    def keep_at_least(self, max_age: float) -> None:
        """Raise the retention, because somebody wants to look back that far."""
        with self._lock:
            if self.max_age is not None and max_age > self.max_age:
                self.max_age = max_age
                self._age = _in_micros(max_age)

    # Reading

    def snapshot(self) -> Snapshot:
        """Return a view of all rows that later writes do not touch."""
        with self._lock:
            slab = self._slab
            count = slab.count
            rows = Rows(
                slab.slots[:count], slab.times[:count], slab.values[:count], self._registry.by_slot, not self._late_rows
            )
            return Snapshot(
                rows=rows,
                base=slab.base,
                newest=self._newest,
                oldest=self._oldest,
                rewritten=self._rewritten,
                gone=self._gone,
                keys=self._registry.keys,
                registry_version=self._registry.version,
                version=self.version,
                max_rows=self.max_rows,
                gaps=tuple(self._gaps),
            )

    def stats(self) -> FrameStats:
        with self._lock:
            slab = self._slab
            slots, times = slab.slots[: slab.count], slab.times[: slab.count]
            late = self._late_rows
            stats = FrameStats(
                rows=slab.count,
                series=len(self._registry),
                appended=self._appended,
                late=self._late,
                duplicates=self._duplicates,
                expired=self._expired,
                evicted=self._evicted,
                refused=self._refused,
                bad_time=self._bad_time,
                gaps=len(self._gaps),
                bytes=slab.nbytes,
            )
        if not late:
            return stats
        pending = len(times) - len(tidy_order(slots, times))
        return msgspec.structs.replace(stats, rows=stats.rows - pending, duplicates=stats.duplicates + pending)

    # Under the lock

    @property
    def _oldest(self) -> int:
        """The oldest time that is still kept. Computed when asked for: most samples are newer than all, or as new, and never ask."""
        return self._newest - self._age

    def _bad(self, metric: str, labels: Mapping[str, str], time: float, count: int = 1) -> None:
        self._bad_time += count
        self._tell(problem(metric, labels, time, self._ceiling))

    def _series(self, metric: str, labels: Mapping[str, str], unit: str, room: int) -> Series | None:
        """Find or register a series; None where a bound forbids it. `room` rows stay free."""
        registry = self._registry
        series = registry.find(metric, labels)
        if series is not None:
            return series
        if registry.full and self._newest - self._retried > MICRO:
            self._retried = (
                self._newest
            )  # series that ended may give way; looked for once a second of the feed's own time
            self._repack(room)
        return registry.add(metric, labels, unit, self._slab.end)

    def _put_one(self, metric: str, labels: Mapping[str, str], time: float, value: float, unit: str) -> bool:
        """Write one sample; False where it was not taken in, which is then counted."""
        if self._slab.count == self._slab.capacity:  # before the series is looked up: repacking may retire it
            self._repack(1)
        if not 0.0 <= time < self._ceiling:
            self._bad(metric, labels, time)
            return False
        moment = int(time * MICRO + 0.5)
        if moment > self._newest:
            self._newest = moment
        elif moment != self._newest and moment < self._oldest:
            self._expired += 1
            return False
        series = self._registry.aliases.get((metric, *labels.items())) or self._series(metric, labels, unit, 1)
        if series is None:
            self._refused += 1
            return False
        slab = self._slab
        if (moment <= series.last or moment < self._gap_end) and not self._admit(series, moment, value):
            return False
        count = slab.count
        slab.values_out[count] = value  # raises where it is no number, before anything is visible
        slab.times_out[count] = moment
        slab.slots_out[count] = series.slot
        slab.count = count + 1
        if moment >= series.last:
            series.last = moment
            series.last_value = value
        self._appended += 1
        self.version += 1
        return True

    def _put_batches(self, batches: Iterable[Batch]) -> None:
        """Write batches in order: neighbours of one kind, single samples or columns, together."""
        rest = iter(batches)
        batch: Any = self._put_usual(rest)  # of Batch; the tests by type narrow nothing for mypy
        while batch is not None:
            metric, labels, times, values, unit = batch
            if isinstance(times, COLUMN) and isinstance(values, COLUMN):
                if len(times) != 1 or len(values) != 1 or isinstance(times, bytes):
                    batch = self._put_columns(batch, rest)
                    continue
                self._put_one(metric, labels, times[0], values[0], unit)
            elif type(times) is float and type(values) is float:
                self._put_one(*batch)
            else:
                self._put_many(*batch)
            batch = self._put_usual(rest)

    def _put_usual(self, batches: Iterator[Any]) -> Any:
        """Write single samples for as long as each is as usual; return the first batch that is not, for others to look at.

        Not with numpy: the hundred samples of one wake-up do not pay for fetching it into the processor's cache.
        """
        slab, find = self._slab, self._registry.aliases.get
        slots_out, times_out, values_out = slab.slots_out, slab.times_out, slab.values_out
        start = count = slab.count
        newest, age, gap_end, ceiling = self._newest, self._age, self._gap_end, self._ceiling
        try:
            for batch in batches:
                metric, labels, time, value, _ = batch
                if type(time) is not float or type(value) is not float:
                    return batch
                series = find((metric, *labels.items()))
                if series is None or count == slab.capacity or not 0.0 <= time < ceiling:
                    return batch
                moment = int(time * MICRO + 0.5)
                if moment <= series.last or moment < gap_end:
                    return batch
                if moment > newest:
                    newest = moment
                elif moment < newest - age:
                    return batch
                values_out[count] = value
                times_out[count] = moment
                slots_out[count] = series.slot
                count += 1
                series.last = moment
                series.last_value = value
            return None
        finally:
            if count > start:
                slab.count = count
                self._newest = newest
                self._appended += count - start
                self.version += 1

    def _put_columns(self, first: Batch, rest: Iterator[Batch]) -> Batch | None:
        """Write columns that came together, as one block where they are as usual, else one by one; return the next batch."""
        columns, other = [first], None
        for batch in rest:
            if not (isinstance(batch[2], COLUMN) and isinstance(batch[3], COLUMN)):
                other = batch
                break
            columns.append(batch)
        found = block([batch[2] for batch in columns], [batch[3] for batch in columns])  # type: ignore[misc]
        if found is None or not self._put_block(columns, *found):
            for batch in columns:
                self._put_many(*batch)
        return other

    def _put_block(self, columns: list[Batch], moments: Times, values: Values, ends: Indices) -> bool:
        """Write a block whose columns are all newer than what their series have; False = nothing is written."""
        if self._slab.count + len(moments) > self._slab.capacity:
            self._repack(len(moments))
        lengths = np.diff(ends, prepend=0)
        lasts, firsts = moments[ends - 1].tolist(), moments[ends - lengths].tolist()
        newest = max(self._newest, *lasts)
        if min(firsts) < max(0, newest - self._age, self._gap_end) or newest >= self._ceiling * MICRO:
            return False
        latest: dict[int, int] = {}
        found: list[Series] = []
        find = self._registry.aliases.get
        for (metric, labels, _, _, _), first, last in zip(columns, firsts, lasts, strict=True):
            series = find((metric, *labels.items()))
            if series is None or first <= latest.get(series.slot, series.last):
                return False
            latest[series.slot] = last
            found.append(series)
        for series, last, value in zip(found, lasts, values[ends - 1].tolist(), strict=True):
            series.last, series.last_value = last, value
        self._newest = newest
        slots = np.array([series.slot for series in found], np.uint16)
        self._slab.extend(slots.repeat(lengths), moments, values)
        self._appended += len(moments)
        self.version += 1
        return True

    def _put_many(self, metric: str, labels: Mapping[str, str], times: ArrayLike, values: ArrayLike, unit: str) -> None:
        """Write samples of one series in any order; what is not taken in is counted."""
        moments, numbers = self._checked(metric, labels, times, values)
        if not len(moments):
            return
        if self._slab.count + len(moments) > self._slab.capacity:
            self._repack(len(moments))
        series = self._registry.aliases.get((metric, *labels.items())) or self._series(
            metric, labels, unit, len(moments)
        )
        if series is None:
            self._refused += len(moments)
            return
        late = int(np.searchsorted(moments, series.last, side="right"))
        if late and moments[late - 1] == series.last and _same(float(numbers[late - 1]), series.last_value):
            late -= 1
            moments, numbers = np.delete(moments, late), np.delete(numbers, late)
            self._duplicates += 1
        if len(moments):
            self._write(series, moments, numbers, late)

    def _write(self, series: Series, moments: Times, numbers: Values, late: int) -> None:
        """Write rising times, of which the first `late` are not newer than what the series has."""
        slab = self._slab
        slab.extend(series.slot, moments, numbers)
        self._appended += len(moments)
        self.version += 1
        if late:
            self._late += late
            self._late_rows += late
            self._untidy = slab.end - len(moments) + late
        if late or moments[0] < self._gap_end:
            self._rewritten = slab.end
        if moments[-1] >= series.last:
            series.last, series.last_value = int(moments[-1]), float(numbers[-1])

    def _checked(
        self, metric: str, labels: Mapping[str, str], times: ArrayLike, values: ArrayLike
    ) -> tuple[Times, Values]:
        """Return rising microseconds and values, without impossible and expired times; of equal times the last."""
        seconds, numbers = _floats(times), _floats(values)
        if len(seconds) != len(numbers):
            raise SettingsError(
                f"{metric!r:.80} has {len(seconds)} times and {len(numbers)} values", "Give one value a time."
            )
        possible = (seconds >= 0.0) & (seconds < self._ceiling)
        if not possible.all():
            self._bad(metric, labels, float(seconds[~possible][0]), int(len(possible) - possible.sum()))
            seconds, numbers = seconds[possible], numbers[possible]
        moments = micros(seconds)
        if not (moments[1:] > moments[:-1]).all():
            order = np.argsort(moments, kind="stable")
            moments, numbers = moments[order], numbers[order]
            last = np.append(moments[1:] != moments[:-1], True)
            self._duplicates += int(len(last) - last.sum())
            moments, numbers = moments[last], numbers[last]
        if len(moments) and moments[-1] > self._newest:
            self._newest = int(moments[-1])
        too_old = int(np.searchsorted(moments, self._oldest))
        self._expired += too_old
        return moments[too_old:], numbers[too_old:]

    def _admit(self, series: Series, moment: int, value: float) -> bool:
        """Say whether a sample that is not its series' newest, or older than a gap, is to be written, and count it."""
        if moment > series.last:
            self._rewritten = self._slab.end + 1  # it fills a gap that readers may have been shown
            return True
        if moment == series.last and _same(value, series.last_value):
            self._duplicates += 1
            return False
        self._late += 1
        self._late_rows += 1
        self._untidy = self._rewritten = self._slab.end + 1
        return True

    def _repack(self, room: int) -> None:
        """Move what is worth keeping into a new slab: young enough, in order, not too many."""
        slab = self._slab
        young = slab.times[: slab.count] >= self._oldest
        first = int(young.argmax()) if young.any() else len(young)
        usual = not self._late_rows and self.max_rows is None and len(young) - first <= MAX_SAMPLES
        if usual and young[first:].all():  # the old ones lie in front
            rows: Indices | slice = slice(first, None)
            taken, last = first, first - 1
            alive = np.array([s is not None and s.last >= self._oldest for s in self._registry.by_slot], np.bool_)
        else:
            rows, chosen = self._choose(young)
            taken, last = len(chosen), int(chosen.max(initial=-1))
            alive = None
        if taken:
            self._evicted += taken
            self._gone = max(self._gone, slab.base + last + 1)
            self._rewritten = max(self._rewritten, self._gone)
        self._replace(rows, room, alive)

    def _choose(self, young: Bools) -> tuple[Indices, Indices]:
        """Return the rows to keep, and those that retention takes."""
        slots = self._slab.slots
        rows = self._tidied(np.flatnonzero(young))
        taken = [np.flatnonzero(~young)]
        if self.max_rows is not None:
            newest = newest_of_each(slots[rows], self.max_rows)
            taken.append(rows[~newest])
            rows = rows[newest]
        excess = max(0, len(rows) - MAX_SAMPLES)
        taken.append(rows[:excess])
        return rows[excess:], np.concatenate(taken)

    def _tidied(self, rows: Indices) -> Indices:
        """Put late rows where they belong. Rows after the last late one keep their place, and with it their number."""
        if not self._late_rows:
            return rows
        slab = self._slab
        split = int(np.searchsorted(rows, self._untidy - slab.base))
        late = rows[:split]
        tidy = late[tidy_order(slab.slots[late], slab.times[late])]
        self._duplicates += len(late) - len(tidy)
        return np.concatenate([tidy, rows[split:]])

    def _replace(self, rows: Indices | slice, room: int, alive: Bools | None = None) -> None:
        """Put the chosen rows into a new slab. `alive` says of each slot whether it has rows left, where that is known."""
        self._slab = slab = self._slab.kept(rows, room, self._likely())
        self._late_rows = 0
        if alive is None:
            alive = np.bincount(slab.slots[: slab.count], minlength=len(self._registry.by_slot)) > 0
        self._registry.retire(alive)

    def _likely(self) -> int:
        """Guess how many rows there will be once the oldest are `max_age` old, at the rate they have come so far."""
        slab = self._slab
        if not slab.count:
            return 0
        span = self._newest - int(slab.times[0])
        return slab.count * self._age // span if span > 0 else MAX_SAMPLES

    def _renumber(self) -> None:
        """Make every reader begin anew: skip one row number, so that no cursor in use is still current."""
        self._slab.base += 1
        self._untidy += 1
        self._rewritten = self._slab.end
        self.version += 1


def _floats(numbers: ArrayLike) -> Values:
    return np.frombuffer(numbers) if isinstance(numbers, bytes) else np.asarray(numbers, np.float64).ravel()


def _in_micros(age: float | None) -> int:
    return FOREVER if age is None or age > MAX_TIME else round(age * MICRO)


def _same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)
