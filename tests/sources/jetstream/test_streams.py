"""The declared streams: every topic has one at most, and a file of the user's changes limits only."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.sources.jetstream.streams import FEED, LOGS, METRICS, NOTES, STATE, plans, stream_of
from gunj_widgets.sources.jetstream.subjects import subject_of
from tests.sources.jetstream.fake import FakeConsumer

SHIPPED = files("gunj_widgets.sources.jetstream").joinpath("streams.toml").read_text(encoding="utf-8")
TOPICS = {
    "platform.p.status": STATE,
    "platform.p.deleted": STATE,
    "platform.p.component.loki.health": STATE,
    "platform.p.operation.o1.progress": STATE,
    "alert.abc.firing": STATE,
    "platform.p.events": FEED,
    "platform.p.metrics.cpu": METRICS,
    "platform.p.logs.loki": LOGS,
    "note.1-a": NOTES,
    "heartbeat": None,
    "connection.reset": None,
    "platform.p.logs": LOGS,
    "query.promql:1": STATE,
    "query.promql:1.more": None,
    "platform.p.surprise": None,
}


@pytest.mark.parametrize(("topic", "stream"), TOPICS.items())
def test_the_stream_of_a_topic_takes_its_subject_and_no_other_does(topic: str, stream: str | None) -> None:
    assert stream_of(topic) == stream
    subject = subject_of(topic)
    taking = [p.name for p in plans() if any(FakeConsumer(s, None).wants(subject) for s in p.subjects)]  # type: ignore[arg-type]
    assert taking == ([] if stream is None else [stream])


def test_the_shipped_plan() -> None:
    found = {plan.name: plan for plan in plans()}
    assert found[STATE].max_msgs_per_subject == 1
    assert found[METRICS].max_age == 3600
    assert found[METRICS].max_bytes == 512 << 20
    assert found[NOTES].bucket == "GUNJ_NOTES"
    assert found[STATE].bucket == ""
    assert sum(plan.max_bytes for plan in plans()) < 1 << 30, "it fits a server with the usual gigabyte"


def test_limits_are_the_users(tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace('max_age = "24h"', 'max_age = "7d"').replace("replicas = 1", "replicas = 3"))
    found = {plan.name: plan for plan in plans(file)}
    assert found[FEED].max_age == 7 * 86400
    assert {plan.replicas for plan in found.values()} == {3}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("[streams.GUNJ_LOGS]", "[streams.OTHER]"), "GUNJ_LOGS, OTHER"),
        (("gunj.v1.alert.>", "orders.>"), "not ours to choose"),
        (("max_age", "max_edge"), "no limit called max_edge"),
        (('max_bytes = "512M"', 'max_bytes = "lots"'), "max_bytes of GUNJ_METRICS"),
        (('"1h"', '"soon"'), "not a duration"),
        (("[defaults]", "[defaults"), "not TOML"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_in_words(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(SHIPPED.replace(*change))
    with pytest.raises(SettingsError, match=words):
        plans(file)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot read"):
        plans(tmp_path / "none.toml")
