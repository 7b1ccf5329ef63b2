"""The templates: every word in them can be filled in."""

from __future__ import annotations

from random import Random

import pytest

from gunj_widgets.demo.effects import Chatter
from gunj_widgets.demo.log_lines import STEADY
from gunj_widgets.demo.logs import Words
from gunj_widgets.demo.scenarios import SCENARIOS

CHATTER = [
    template
    for scenario in SCENARIOS.values()
    for _, effect in (*scenario.steps, *scenario.recovery)
    if isinstance(effect, Chatter)
    for template in effect.templates
]


@pytest.mark.parametrize("template", [t for lines in STEADY.values() for t in lines] + CHATTER, ids=str)
def test_every_template_can_be_written(template: tuple[float, str, str]) -> None:
    weight, level, text = template
    assert weight > 0
    assert level in ("debug", "info", "warn", "error", "fatal")
    written = text.format_map(Words(Random(1), 1_750_000_000.0))
    assert "{{" not in written
    assert len(written) < 1000


def test_in_ordinary_times_most_lines_are_no_trouble() -> None:
    for lines in STEADY.values():
        trouble = sum(weight for weight, level, _ in lines if level in ("warn", "error"))
        assert trouble < 0.25 * sum(weight for weight, _, _ in lines)
