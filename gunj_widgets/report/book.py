"""A report as a notebook: the same text and pictures as outputs, and the cells that give the evidence again."""

from __future__ import annotations

from typing import Any

import msgspec

from gunj_widgets.report.figure import svg
from gunj_widgets.report.manifest import manifest
from gunj_widgets.report.text import heading, pin_text, timeline_text
from gunj_widgets.store.evidence import Evidence, Pin

__all__ = ["book"]

STYLE = "<style>svg{font-size:11px;fill:#555;background:#fff;max-width:760px}.grid{stroke:#ddd}</style>"


def book(evidence: Evidence) -> str:
    """Return the notebook as JSON, nbformat 4.5. It needs no kernel to be read."""
    cells = [_words(heading(evidence)), _words("## What we saw")]
    for n, pin in enumerate(evidence.pins, 1):
        cells.append(_words(pin_text(n, pin)))
        if pin.kind == "figure" or pin.code:
            cells.append(_code(pin))
    cells.append(_words(f"## What happened\n\n{timeline_text(evidence.happenings)}"))
    hashes = "\n".join(f"{sha}  {name}" for name, sha in manifest(evidence))
    cells.append({"cell_type": "raw", "metadata": {}, "source": f"SHA-256\n{hashes}"})
    for n, cell in enumerate(cells):
        cell["id"] = f"cell-{n}"
    made = {"cells": cells, "metadata": {"language_info": {"name": "python"}}, "nbformat": 4, "nbformat_minor": 5}
    return msgspec.json.format(msgspec.json.encode(made), indent=1).decode() + "\n"


def _words(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": source}


def _code(pin: Pin) -> dict[str, Any]:
    shown = {"text/plain": pin.title, "text/html": f"{STYLE}{svg(pin)}"}
    outputs = [{"output_type": "display_data", "metadata": {}, "data": shown}] if pin.kind == "figure" else []
    return {"cell_type": "code", "execution_count": None, "metadata": {}, "source": pin.code, "outputs": outputs}
