"""What is shipped and what importing it costs."""

from __future__ import annotations

import importlib.metadata
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import gunj_widgets
from gunj_widgets import errors

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "gunj_widgets" / "widgets" / "static"
BUILT = ("hub.js", "leaf.js", "control.js", "part-activity.js", "part-alerts.js", "part-logs.js")

HEAVY = {
    "pandas", "numpy", "bqplot", "traitlets", "ipywidgets", "anywidget", "IPython",
    "httpx", "httpx_sse", "websockets", "msgspec", "asyncio", "starlette", "uvicorn",
}  # fmt: skip


def fresh(code: str) -> str:
    """What a new interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT, timeout=50
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def project() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """A wheel of this checkout; its browser code must be built, because this test opens no network."""
    missing = [name for name in BUILT if not (STATIC / name).is_file()]
    if missing:
        pytest.skip(f"the browser code is not built ({', '.join(missing)}): run make test")
    out = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, timeout=50)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))


def test_import_loads_nothing_heavy() -> None:
    loaded = set(json.loads(fresh("import sys, json, gunj_widgets; print(json.dumps(list(sys.modules)))")))
    assert loaded.isdisjoint(HEAVY), sorted(loaded & HEAVY)


def test_every_exported_name_exists_and_is_listed() -> None:
    for name in gunj_widgets.__all__:
        assert getattr(gunj_widgets, name) is not None
        assert name in dir(gunj_widgets)


def test_every_error_can_be_caught_by_its_name_here() -> None:
    for name in errors.__all__:
        assert name in gunj_widgets.__all__
        assert getattr(gunj_widgets, name) is getattr(errors, name)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = gunj_widgets.no_such_name


def test_versions_agree() -> None:
    package_json = json.loads((ROOT / "js" / "package.json").read_text(encoding="utf-8"))
    assert gunj_widgets.__version__ == project()["version"] == package_json["version"]
    assert importlib.metadata.version("gunj-widgets") == gunj_widgets.__version__


def test_wheel_holds_the_browser_code_types_and_licences(wheel: zipfile.ZipFile) -> None:
    names = set(wheel.namelist())
    assert {f"gunj_widgets/widgets/static/{name}" for name in BUILT} <= names
    assert "gunj_widgets/py.typed" in names
    assert {Path(name).name for name in names} >= {"LICENSE", "NOTICE"}


def test_wheel_holds_nothing_but_the_package(wheel: zipfile.ZipFile) -> None:
    config = f"gunj_widgets-{gunj_widgets.__version__}.data/data/etc/jupyter/jupyter_server_config.d/gunj_widgets.json"
    assert config in wheel.namelist()
    strange = [
        n
        for n in wheel.namelist()
        if n.split("/")[0] not in {"gunj_widgets", f"gunj_widgets-{gunj_widgets.__version__}.dist-info"} and n != config
    ]
    assert strange == []
    assert not [name for name in wheel.namelist() if "node_modules" in name or name.endswith((".ts", ".pyc", ".map"))]


def test_wheel_holds_every_module(wheel: zipfile.ZipFile) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "gunj_widgets").rglob("*.py")}
    assert modules <= set(wheel.namelist())


def test_wheel_holds_the_notebooks_that_the_demo_opens(wheel: zipfile.ZipFile) -> None:
    notebooks = {f"gunj_widgets/demo/notebooks/{path.name}" for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert notebooks
    assert notebooks <= set(wheel.namelist())


def test_wheel_holds_the_same_text_as_the_checkout(wheel: zipfile.ZipFile) -> None:
    for name in BUILT:
        assert wheel.read(f"gunj_widgets/widgets/static/{name}") == (STATIC / name).read_bytes()


def test_bundle_carries_no_address_of_a_cdn_or_source_map() -> None:
    for path in STATIC.glob("*.js"):
        text = path.read_text(encoding="utf-8")
        assert "sourceMappingURL" not in text
        assert not [host for host in ("unpkg.com", "jsdelivr", "esm.sh", "cdnjs", "skypack") if host in text]
