"""The shape of the repository: a test file per module, and modules of a size one can read."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gunj_widgets"
MAX_LINES = 600
MAX_ROOM_LINES = 60
"""Of an `__init__.py` that defines something itself: no test file is named after it."""

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")
ROOMS = [path for path in MODULES if path.name == "__init__.py" and path.parent != PACKAGE]
NAMED = [path for path in MODULES if path.name != "__init__.py"]
SCRIPTS = sorted((ROOT / "js" / "src").rglob("*.ts"))


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def its_test_file(module: Path) -> Path:
    """gunj_widgets/store/logs.py is tested by tests/store/test_logs.py."""
    inside = module.relative_to(PACKAGE)
    return ROOT / "tests" / inside.parent / f"test_{inside.stem}.py"


def defines_something(module: Path) -> bool:
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) for node in ast.parse(module.read_text(encoding="utf-8")).body)


def test_the_package_was_found() -> None:
    assert len(NAMED) > 20
    assert len(SCRIPTS) > 5


def test_every_module_has_its_test_file() -> None:
    missing = [name_of(its_test_file(m)) for m in NAMED if not its_test_file(m).is_file()]
    assert not missing, "\n".join(missing)


def test_code_of_a_room_lives_in_named_modules() -> None:
    assert [name_of(room) for room in ROOMS if defines_something(room) and lines_of(room) > MAX_ROOM_LINES] == []


def test_no_source_is_too_long_to_read() -> None:
    assert [(name_of(path), lines_of(path)) for path in [*MODULES, *SCRIPTS] if lines_of(path) > MAX_LINES] == []


def test_every_module_says_what_it_is_for() -> None:
    trees = {module: ast.parse(module.read_text(encoding="utf-8")) for module in MODULES}
    assert [name_of(module) for module, tree in trees.items() if not ast.get_docstring(tree)] == []


HTML = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|srcdoc|\beval\(|new Function|\bHTML\(|_repr_html_"
)
"""Ways from text to markup or code. What a server says is shown as text, always."""
SHOWN = PACKAGE / "events" / "shown.py"
"""Gives notebooks HTML, of which everything is escaped there: tests/events/test_shown.py."""


def test_no_source_makes_markup_of_text() -> None:
    assert [name_of(p) for p in [*MODULES, *SCRIPTS] if p != SHOWN and HTML.search(p.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(("name", "least"), [("reliability.md", 50), ("front-ends/*.md", 6)])
def test_the_tests_that_a_page_names_are_there(name: str, least: int) -> None:
    page = "".join(found.read_text(encoding="utf-8") for found in (ROOT / "docs").glob(name))
    named = re.findall(r"`((?:js/)?tests/[\w/.]+)(?:::(\w+))?`", page)
    assert len(named) >= least
    missing = [
        f"{file}::{test}"
        for file, test in named
        if not (ROOT / file).exists() or (test and f"def {test}(" not in (ROOT / file).read_text(encoding="utf-8"))
    ]
    assert missing == []


def test_make_soak_runs_every_test_that_has_a_long_form() -> None:
    line = re.search(r"^SOAK := (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    assert line is not None
    run = [ROOT / path for path in line[1].split()]
    long = [path for path in (ROOT / "tests").rglob("*.py") if "GUNJ_" + "SOAK" in path.read_text(encoding="utf-8")]
    assert len(long) > 5
    assert [name_of(path) for path in long if not any(path.is_relative_to(one) for one in run)] == []
