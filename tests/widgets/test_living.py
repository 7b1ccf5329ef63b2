"""`gunj.close_all()`: of ours no model stays, whatever shows it; what is not ours does, and one begins anew afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import ipywidgets
import pytest
from ipywidgets.widgets.widget import _instances

import gunj_widgets as gunj
from gunj_widgets.widgets import base
from gunj_widgets.widgets.living import born, living
from tests.session.conftest import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    gunj.close_all()  # what other tests left
    made = Rig()
    made.do(made.operator.platform, "production", namespace="observability", phase="Ready")
    yield made
    made.session.shut()


def models() -> dict[str, str]:
    return {number: type(model).__name__ for number, model in _instances.items()}


def fill(rig: Rig) -> list[object]:
    rt = rig.session.wait_ready(5)
    frame = rt.metrics("production")
    frame.extend("cpu", {"pod": "a"}, [1.0, 2.0], [1.0, 2.0])
    board = gunj.Dashboard([[rt.platform("production"), frame], rt.alerts])
    return [
        board,
        frame.to_bqplot(),
        gunj.CommandPanel(rt, "production"),
        rt.view(),
        gunj.MetricChart(rt, frame, key="k"),
    ]


def test_no_model_of_ours_stays(rig: Rig) -> None:
    mine = ipywidgets.IntSlider()
    before = models()
    kept = fill(rig)
    assert len(models()) > len(before) + 20
    gunj.close_all()
    left = {number: name for number, name in models().items() if number not in before}
    assert left == {}, kept
    assert mine.comm is not None
    gunj.close_all()
    mine.close()


def test_widgets_can_be_made_anew(rig: Rig) -> None:
    fill(rig)
    gunj.close_all()
    again = rig.session.view()
    assert again.comm is not None
    assert base.room(rig.session).open
    gunj.close_all()
    assert living() == []


class Broken:
    def close(self) -> None:
        raise OSError


def test_one_that_cannot_be_closed_keeps_no_other_open(rig: Rig) -> None:
    broken = Broken()
    born(broken)
    chart = gunj.MetricChart(rig.session.wait_ready(5), "production")
    gunj.close_all()
    assert chart.comm is None


def test_what_is_gone_is_not_held(rig: Rig) -> None:
    count = len(living())
    broken = Broken()
    born(broken)
    assert len(living()) == count + 1
    del broken
    assert len(living()) == count
