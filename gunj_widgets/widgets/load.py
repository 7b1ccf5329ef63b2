"""How busy the kernel's process is, of what it may use: a container's limits count, where there are some."""

from __future__ import annotations

import os
from pathlib import Path

import psutil

__all__ = ["CGROUP", "Load"]

CGROUP = Path("/sys/fs/cgroup")
"""Where a container of today (cgroup v2) tells its limits. Elsewhere the machine's own count."""


class Load:
    """Readings of one process; `cgroup` is where its limits stand."""

    def __init__(self, cgroup: Path = CGROUP) -> None:
        self._process = psutil.Process()
        self._cgroup = cgroup
        self._cpus = self._allowed_cpus()

    def cpu(self) -> float:
        """Return the share of its CPUs that the process took since the last call: 0 to 1."""
        return self._process.cpu_percent() / 100 / self._cpus

    def memory(self) -> float:
        """Return the share of memory that is taken, of the container's or of the machine's: 0 to 1."""
        limit, taken = self._number("memory.max"), self._number("memory.current")
        machine = psutil.virtual_memory()
        if limit is None or taken is None or not 0 < limit < machine.total:
            return float(machine.percent) / 100
        return (taken - self._given_back()) / limit

    def _allowed_cpus(self) -> float:
        """Return how many CPUs the process may use, as a scheduler or a quota has it."""
        cpus = float(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else psutil.cpu_count() or 1)
        quota, _, period = (self._text("cpu.max") or "max").partition(" ")
        if quota.isdigit() and period.isdigit() and int(period):
            cpus = min(cpus, int(quota) / int(period))
        return max(cpus, 0.01)

    def _given_back(self) -> int:
        """Return the bytes that count as taken and would be given back before anything fails: files read long ago."""
        for line in (self._text("memory.stat") or "").splitlines():
            name, _, value = line.partition(" ")
            if name == "inactive_file" and value.isdigit():
                return int(value)
        return 0

    def _number(self, name: str) -> int | None:
        text = self._text(name)
        return int(text) if text is not None and text.isdigit() else None

    def _text(self, name: str) -> str | None:
        try:
            return (self._cgroup / name).read_text().strip()
        except OSError:
            return None
