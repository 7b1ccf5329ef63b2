"""The built browser code, read once."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from gunj_widgets.errors import SetupError

__all__ = ["PARTS", "source"]

PARTS = ("activity", "alerts", "chart", "logs", "platform")
"""Parts of the browser code that the hub fetches when the first widget that needs one is there (`part-<name>.js`)."""


@cache
def source(name: str) -> str:
    """Return the text of a built file (`hub`, `leaf`, `control`, `part-logs` …); SetupError with the remedy where it was not built."""
    try:
        return files("gunj_widgets.widgets").joinpath("static", f"{name}.js").read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SetupError(
            f"the browser code ({name}.js) was not built",
            "Run 'make demo' in a checkout, or reinstall: pip install --force-reinstall gunj-widgets",
        ) from None
