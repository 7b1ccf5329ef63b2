"""An operator's session with back ends beside it: its status and its counts. All else: tests/live/sources/test_discovery.py."""

from __future__ import annotations

import pytest

from gunj_widgets.errors import SetupError
from gunj_widgets.session.backends import added, merged
from tests.session.conftest import Rig, until


def test_a_back_end_is_one_of_the_transports_and_does_not_decide(rig: Rig) -> None:
    rt = rig.session.wait_ready()
    before = [one.name for one in rt.status().transports]
    rig.publish(
        "platform.production.status",
        {"name": "production", "namespace": "observability", "endpoints": {"prometheus": "http://127.0.0.1:1"}},
    )
    until(lambda: rt.store.platforms.get("production").endpoints)
    with pytest.raises(Exception, match="nothing listens on 127"):
        rt.targets()
    assert [one.name for one in rt.status().transports] == [*before, "Prometheus of production"]
    assert rt.state == "open"
    assert rt.stats()["prometheus_failures"] >= 1


def test_no_platform_tells_of_one(rig: Rig) -> None:
    with pytest.raises(SetupError, match="no platform tells where its Loki is"):
        rig.session.logql('{app="x"}')


def test_a_manager_that_is_its_own_back_ends_is_not_counted_twice(rig: Rig) -> None:
    manager = rig.session.manager
    status = manager.status()
    assert merged(status, None, manager) is status
    assert added({"a": 1}, None, manager) == {"a": 1}
