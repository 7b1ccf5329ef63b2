"""Fails where something that must not be is committed: built files, registry addresses, paths of somebody's machine."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

MAX_BYTES = 1_000_000

BUILT = re.compile(
    r"(^|/)(node_modules|dist|build|__pycache__|\.venv|\.stamp-[^/]*)(/|$)|widgets/static/|\.(whl|tar\.gz|pyc|tsbuildinfo)$"
)
"""Paths that only a build makes."""

FORBIDDEN = {
    "a package index or registry address": re.compile(
        r"registry\.(npmjs|yarnpkg)\.|pypi\.org/simple|files\.pythonhosted\.org"
        r"|--(extra-)?index-url|find-links|\"resolved\": *\"http"
    ),
    "a path of one machine": re.compile(r"(?<![\w.~}-])/(work|root|home|Users|opt|mnt)/[\w.]"),
}


def tracked() -> list[str]:
    """Every file git would commit, also the new ones."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], capture_output=True, check=True
    )
    return [name for name in listing.stdout.decode().split("\0") if name and Path(name).is_file()]


def problems(name: str) -> list[str]:
    path = Path(name)
    found = [f"{name}: built, not written"] if BUILT.search(name) else []
    if path.stat().st_size > MAX_BYTES:
        found.append(f"{name}: {path.stat().st_size:,} bytes, over {MAX_BYTES:,}")
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return found
    if path == Path("scripts/check_tree.py"):  # holds the patterns
        return found
    for number, line in enumerate(lines, 1):
        found += [f"{name}:{number}: {what}" for what, pattern in FORBIDDEN.items() if pattern.search(line)]
    return found


def main() -> int:
    found = [problem for name in tracked() for problem in problems(name)]
    print("\n".join(found) if found else "tree: nothing built, no registry address, no machine path")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
