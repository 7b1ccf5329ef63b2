"""Run the benchmarks beside this file: all of them, or those named. `python benchmarks/run.py [name …]`"""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

BY_HAND = {"run", "measure", "soak"}
"""Not benchmarks, or too long for a run of all."""


def main(names: list[str]) -> int:
    here = Path(__file__).parent
    sys.path.insert(0, str(here))
    known = sorted(path.stem for path in here.glob("*.py"))
    unknown = sorted(set(names) - set(known))
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; there is {', '.join(set(known) - BY_HAND)}")
        return 2
    for name in names or [name for name in known if name not in BY_HAND]:
        module = importlib.import_module(name)
        if hasattr(module, "main"):
            module.main()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
