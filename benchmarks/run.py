"""Run the benchmarks beside this file, all of them or those named, and write RESULTS.md. `python benchmarks/run.py [name …]`"""

from __future__ import annotations

import contextlib
import importlib
import io
import os
import platform
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"run", "measure", "soak", "blaster"}
"""Helpers, and what takes too long for a run of all."""
LIBRARIES = ("websockets", "msgspec", "numpy", "pandas", "httpx-sse")


class Tee(io.StringIO):
    """Prints, and remembers what was printed."""

    def write(self, text: str) -> int:
        sys.__stdout__.write(text)
        return super().write(text)


def main(names: list[str]) -> int:
    sys.path.insert(0, str(HERE))
    known = sorted({path.stem for path in HERE.glob("*.py")} - NOT_BENCHMARKS)
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there is {', '.join(known)}")
        return 2
    said: dict[str, str] = {}
    for name in names or known:
        began = time.monotonic()
        tee = Tee()
        with contextlib.redirect_stdout(tee):
            importlib.import_module(name).main()
        said[name] = f"{tee.getvalue().strip()}\n\n({time.monotonic() - began:.0f} s)"
    if not names:
        (HERE / "RESULTS.md").write_text(results(said), encoding="utf-8")
    return 0


def results(said: dict[str, str]) -> str:
    """Return the page: what was measured where, each benchmark's own words."""
    python = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    parts = [
        "# Results",
        "Written by `make bench`; every figure is from one run on a shared machine, so only ratios within a table count.",
        f"{time.strftime('%Y-%m-%d')}: {python}; {libraries}.",
    ]
    for name, text in said.items():
        title = (importlib.import_module(name).__doc__ or name).strip().splitlines()[0]
        parts.append(f"## {name}\n\n{title}\n\n```\n{text}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
