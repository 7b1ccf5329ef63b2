"""The shared models."""

from __future__ import annotations

from gunj_widgets.widgets import bundle
from gunj_widgets.widgets.hub import Control, Hub


def test_the_hub_holds_the_bundle_and_control_only_a_door() -> None:
    assert Hub()._esm == bundle.source("hub")
    assert Control()._esm == bundle.source("control")


def test_nothing_pins_controls_replies_to_the_shell_that_opened_it() -> None:
    assert not hasattr(Control().comm, "_reply_subshell_id")
