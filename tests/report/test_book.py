"""The notebook: valid, readable without a kernel, its cells give the evidence again."""

from __future__ import annotations

import nbformat

from gunj_widgets.report.book import book
from tests.report.evidence import EVIL, made


def test_it_is_a_notebook_with_figures_and_the_cells_that_made_them() -> None:
    found = nbformat.reads(book(made()), as_version=4)
    nbformat.validate(found)
    figures = [cell for cell in found.cells if cell.cell_type == "code"]
    assert figures[0].source == "rt.metrics('production')"
    assert "<svg" in figures[0].outputs[0].data["text/html"]
    assert "rolled back" in "".join(cell.source for cell in found.cells)


def test_foreign_text_is_text() -> None:
    found = nbformat.reads(book(made(EVIL)), as_version=4)
    shown = "".join(o.data["text/html"] for c in found.cells if c.cell_type == "code" for o in c.outputs)
    assert "<script" not in shown
    assert not any("](" in cell.source for cell in found.cells if cell.cell_type == "markdown")
