"""rt.platforms: handles in order, a table that follows nobody, and a small table in a cell."""

from __future__ import annotations

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.errors import UnknownPlatformError
from tests.events.test_shown import EVIL, only_text
from tests.session.conftest import Rig, until


def followed(rig: Rig) -> set[str]:
    return {i.platform or "" for i in rig.session.manager.interests() if i.target == "platform"}


def test_it_is_a_sequence_of_the_handles_that_platform_gives(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    assert [p.name for p in rt.platforms] == ["production", "staging"]
    assert rt.platforms[0] is rt.platform("production")
    assert rt.platforms[-1:] == [rt.platform("staging")]
    assert rt.platform("staging") in rt.platforms
    assert len(rt.platforms) == 2


def test_a_name_finds_its_platform_and_to_look_for_one_follows_none(rig: Rig) -> None:
    rt = rig.session.wait_ready(5)
    assert "production" in rt.platforms
    assert "typo" not in rt.platforms
    assert followed(rig) == set()
    assert rt.platforms["staging"] is rt.platform("staging")
    with pytest.raises(UnknownPlatformError, match="typo"):
        rt.platforms["typo"]


def test_its_table_is_live_and_follows_nobody(rig: Rig) -> None:
    platforms = rig.session.wait_ready(5).platforms
    assert platforms.df.loc["production", ["namespace", "phase"]].tolist() == ["observability", "Ready"]
    assert repr(platforms) == "<Platforms 2, 0 not healthy>"
    assert "staging" in (platforms._repr_html_() or "")
    assert followed(rig) == set()
    rig.do(rig.operator.platform, "third", health="unhealthy")
    until(lambda: len(platforms) == 3)
    assert repr(platforms) == "<Platforms 3, 1 not healthy>"
    assert platforms[2].name == "third"
    assert followed(rig) == {Interest(target="platform", platform="third").platform}


def test_what_a_platform_is_called_is_text(rig: Rig) -> None:
    platforms = rig.session.wait_ready(5).platforms
    rig.publish("platform.evil.status", {"id": "evil", "name": EVIL, "message": EVIL})
    until(lambda: len(platforms) == 3)
    only_text(platforms._repr_html_())
