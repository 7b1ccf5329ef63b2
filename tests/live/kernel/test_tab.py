"""The tab key in a real kernel: what JupyterLab's completer is told by the protocol's complete_reply."""

from __future__ import annotations

from pathlib import Path

import pytest

from gunj_widgets.demo.operator import Operator
from tests.live.kernel.kernels import Kernel

SETUP = "%load_ext gunj_widgets\nm, rt = book.metrics, book.rt\nbook.wait_fresh(time.time())"


@pytest.mark.timeout(120)
def test_a_kernel_offers_what_its_session_knows(tmp_path: Path) -> None:
    with Operator(seed=7) as operator, Kernel(tmp_path) as kernel:
        assert "production" not in kernel.complete('rt.platform("')[1]
        kernel.prepare(operator.url, operator.token).run(SETUP)
        begun = 'x = rt.platform("pro'
        assert kernel.complete(begun) == (len(begun) - 3, ["production"])
        assert "cpu_usage" in kernel.complete('rt.metrics("production", "')[1]
        assert "loki" in kernel.complete('rt.logs("production",\n    component="')[1]
        assert kernel.complete('m.select("cpu_usage", {"component": "lok')[1] == ["loki"]
        assert kernel.complete('m["cpu_us')[1] == ["cpu_usage"]
