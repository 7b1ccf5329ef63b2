"""One JupyterLab, one Chromium and one operator for the browser tests; a fresh page and notebook copy for each."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.lab import CHROMIUM, FLAGS, Lab, Notebook, OperatorProcess

ROOT = Path(__file__).parents[2]
OUTPUT = ROOT / "test-output" / "screenshots"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.timeout(240))


@pytest.fixture(scope="session")
def operator() -> Iterator[OperatorProcess]:
    process = OperatorProcess()
    process.start()
    yield process
    process.kill()


@pytest.fixture(scope="session")
def lab(tmp_path_factory: pytest.TempPathFactory, operator: OperatorProcess) -> Iterator[Lab]:
    root = tmp_path_factory.mktemp("lab") / "notebooks"
    shutil.copytree(ROOT / "notebooks", root, ignore=shutil.ignore_patterns(".ipynb_checkpoints"))
    server = Lab(root, {"GUNJ_DEMO_URL": operator.url, "GUNJ_DEMO_TOKEN": operator.token})
    yield server
    server.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: `make test` installs it as root, or install the package chromium")
    with sync_playwright() as play:
        chromium = play.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_notebook(browser: Browser, lab: Lab, request: pytest.FixtureRequest) -> Iterator[Callable[..., Notebook]]:
    """Open a copy of a notebook in a page of its own; kernels are stopped and pages closed afterwards.

    No console may have told of an error by then; a test that provokes one is marked `console_errors("words of it", …)`.
    """
    opened: list[Notebook] = []

    def open_one(
        name: str = "01_first_look.ipynb", *, theme: str = "light", width: int = 1400, height: int = 1000
    ) -> Notebook:
        copy = f"{request.node.name.split('[')[0]}-{len(opened)}.ipynb"
        shutil.copy(lab.root / name, lab.root / copy)
        notebook = Notebook(browser.new_page(viewport={"width": width, "height": height}), lab, copy)
        opened.append(notebook)
        notebook.open(theme)
        return notebook

    yield open_one
    told = [error for notebook in opened for error in notebook.errors]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for index, notebook in enumerate(opened):
        if request.session.testsfailed:
            notebook.page.screenshot(path=OUTPUT / f"last-sight-of-{request.node.name}-{index}.png")
        notebook.shut()
        notebook.page.close()
    mark = request.node.get_closest_marker("console_errors")
    provoked = mark.args if mark else ()
    assert [error for error in told if not any(words in error for words in provoked)] == []


@pytest.fixture
def shoot(request: pytest.FixtureRequest) -> Callable[..., Path]:
    """Save a screenshot of a notebook (or of one widget) under test-output/screenshots."""
    OUTPUT.mkdir(parents=True, exist_ok=True)

    def take(notebook: Notebook, name: str, kind: str | None = None) -> Path:
        path = OUTPUT / f"{name}.png"
        target = notebook.page if kind is None else notebook.widget(kind)
        target.screenshot(path=path)
        return path

    return take
