"""Run the benchmarks beside this file and write RESULTS.md; those that are named only say what they find, but `browser` or `rivals`
alone, which take some minutes more, write a RESULTS of their own. `python benchmarks/run.py [name …]`
"""

from __future__ import annotations

import ast
import os
import platform
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).parent
NOT_BENCHMARKS = {"run", "measure", "soak", "blaster", "browser_peers", "rival_cells"}
LONG = {"browser": (), "rivals": ("panel", "bokeh", "perspective-python")}
"""What takes too long for a run of all, and the libraries it compares with."""
LIBRARIES = ("websockets", "msgspec", "pysimdjson", "numpy", "pandas", "httpx-sse")


def main(names: list[str]) -> int:
    known = sorted({path.stem for path in HERE.glob("*.py")} - NOT_BENCHMARKS)
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there is {', '.join(known)}")
        return 2
    said: dict[str, str] = {}
    load = os.getloadavg()[0]
    failed = 0
    for name in names or [name for name in known if name not in LONG]:
        began = time.monotonic()
        code, text = run(name)
        failed += code != 0
        said[name] = f"{text.strip()}\n\n({time.monotonic() - began:.0f} s)"
    pages = {(): "RESULTS.md", **{(name,): f"RESULTS-{name}.md" for name in LONG}}
    page = pages.get(tuple(names))
    if page and not failed:
        (HERE / page).write_text(results(said, load, f"benchmarks/run.py {' '.join(names)}".strip()), encoding="utf-8")
    return 1 if failed else 0


def run(name: str) -> tuple[int, str]:
    """Run one benchmark in a process of its own, so that none finds what another left; show and return what it says."""
    command = [sys.executable, "-u", str(HERE / f"{name}.py")]
    said = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  our own file
        for line in process.stdout or ():
            print(line, end="", flush=True)
            said.append(line)
    return process.returncode, "".join(said)


def results(said: dict[str, str], load: float, command: str) -> str:
    """Return the page: what was measured where, each benchmark's own words. `load`: tasks that wanted a core at its beginning."""
    python = f"Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}, {platform.system()}"
    compared = [peer for name in said for peer in LONG.get(name, ())]
    libraries = ", ".join(f"{name} {version(name)}" for name in (*LIBRARIES, *compared))
    parts = [
        "# Results",
        f"Written by `{command}`; every figure is from one run on a shared machine, so only ratios within a table count.",
        f"{time.strftime('%Y-%m-%d')}: {python}; {libraries}.",
        f"Tasks that wanted a core, on average: {load:.1f} when it began, {os.getloadavg()[0]:.1f} when it ended.",
    ]
    for name, text in said.items():
        title = (ast.get_docstring(ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))) or name).splitlines()[
            0
        ]
        parts.append(f"## {name}\n\n{title}\n\n```\n{text}\n```")
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
