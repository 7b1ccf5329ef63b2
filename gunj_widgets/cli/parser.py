"""Parser: the command line, whose options are taken by their whole names."""

from __future__ import annotations

import argparse
from typing import Any

__all__ = ["Parser"]


class Parser(argparse.ArgumentParser):
    """Takes options by their whole names, in each command too: what begins alike may mean something else."""

    def __init__(self, **named: Any) -> None:
        super().__init__(allow_abbrev=False, **named)
