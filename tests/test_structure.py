"""The shape of the repository: a test file per module, modules of a size one can read, one public surface."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "gunj_widgets"
MAX_LINES = 600

MODULES = sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py")
SOURCES = [*MODULES, *sorted((ROOT / "js" / "src").rglob("*.ts"))]


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def its_test_file(module: Path) -> Path:
    """gunj_widgets/store/logs.py is tested by tests/store/test_logs.py."""
    inside = module.relative_to(PACKAGE)
    return ROOT / "tests" / inside.parent / f"test_{inside.stem}.py"


def has_code(module: Path) -> bool:
    """Whether a module defines anything; an `__init__.py` that only describes and re-exports does not."""
    kinds = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
    return any(isinstance(node, kinds) for node in ast.parse(module.read_text(encoding="utf-8")).body)


@pytest.mark.parametrize("module", [m for m in MODULES if m.name != "__init__.py"], ids=name_of)
def test_module_has_its_test_file(module: Path) -> None:
    wanted = its_test_file(module)
    assert wanted.is_file(), f"{name_of(module)} has no {name_of(wanted)}"


@pytest.mark.parametrize("module", [m for m in MODULES if m.name == "__init__.py" and m.parent != PACKAGE], ids=name_of)
def test_code_of_a_room_lives_in_a_named_module_or_is_small(module: Path) -> None:
    lines = len(module.read_text(encoding="utf-8").splitlines())
    assert not has_code(module) or lines <= 60, (
        f"{name_of(module)}: {lines} lines of code that no test file is named after"
    )


@pytest.mark.parametrize("source", SOURCES, ids=name_of)
def test_source_is_short_enough_to_read(source: Path) -> None:
    lines = len(source.read_text(encoding="utf-8").splitlines())
    assert lines <= MAX_LINES, f"{name_of(source)}: {lines} lines"


@pytest.mark.parametrize("module", MODULES, ids=name_of)
def test_module_says_what_it_is_for(module: Path) -> None:
    assert ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))), f"{name_of(module)} has no docstring"
