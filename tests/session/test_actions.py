"""What a session can ask of its operator."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import CommandError, SetupError
from tests.session.conftest import Rig


async def test_unknown_actions_and_scenarios_of_a_real_operator_are_refused(rig: Rig) -> None:
    with pytest.raises(CommandError, match="reconnect"):
        await rig.session.act("explode", {})
    rig.session._demo = False
    with pytest.raises(SetupError, match="not a demo"):
        await rig.session._scenario("GET", "")
