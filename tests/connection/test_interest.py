"""Interest: equal ones are one subscription, in every form it takes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.connection.interest import MAX_ID, Interest
from gunj_widgets.errors import LocalProtocolError, SettingsError

NAMES = st.text("ab,/%~.", min_size=1, max_size=4)
INTERESTS = st.builds(
    Interest,
    st.sampled_from(["platform", "metrics", "logs"]),
    NAMES,
    st.lists(NAMES, max_size=3).map(tuple),
    st.lists(NAMES, max_size=3).map(tuple),
    st.none() | NAMES,
)


def test_order_and_repeats_do_not_matter() -> None:
    one = Interest("metrics", "p", metrics=("b", "a", "b"))
    assert one == Interest("metrics", "p", metrics=("a", "b"))
    assert hash(one) == hash(Interest("metrics", "p", metrics=("a", "b")))
    assert one.id == "metrics/p///a,b"


@given(INTERESTS, INTERESTS)
def test_different_interests_have_different_ids(one: Interest, two: Interest) -> None:
    assert (one.id == two.id) == (one == two)


def test_a_comma_in_a_name_is_no_separator() -> None:
    assert Interest("metrics", "p", metrics=("a,b",)).id != Interest("metrics", "p", metrics=("a", "b")).id
    assert Interest("logs", "a/b").id != Interest("logs", "a", component="b").id


def test_a_long_id_is_shortened_and_still_its_own() -> None:
    names = tuple(f"metric_{n}" for n in range(100))
    one, two = Interest("metrics", "p", metrics=names), Interest("metrics", "p", metrics=names[:-1])
    assert len(one.id) <= MAX_ID
    assert one.id != two.id


@pytest.mark.parametrize(
    ("interest", "path"),
    [
        (Interest("platforms"), "/sse/platforms"),
        (Interest("alerts"), "/sse/alerts"),
        (Interest("platform", "prod.eu/1"), "/sse/platforms/prod.eu%2F1/events"),
        (Interest("platform", "p", events=("status", "health")), "/sse/platforms/p/events?events=health,status"),
        (Interest("metrics", "p", metrics=("b", "a&c")), "/sse/platforms/p/metrics?metrics=a%26c,b"),
        (Interest("metrics", "p"), "/sse/platforms/p/metrics"),
        (Interest("logs", "p"), "/sse/platforms/p/logs"),
        (Interest("logs", "p", component="a b"), "/sse/platforms/p/logs/a%20b"),
    ],
)
def test_its_stream(interest: Interest, path: str) -> None:
    assert interest.sse_path == path


def test_its_messages() -> None:
    interest = Interest("metrics", "p", metrics=("cpu",))
    assert interest.subscribe_message() == {
        "type": "subscribe", "id": interest.id, "target": "metrics", "platform": "p", "metrics": ["cpu"]
    }  # fmt: skip
    assert interest.subscribe_message("e:5")["since"] == "e:5"
    assert interest.unsubscribe_message() == {"type": "unsubscribe", "id": interest.id}
    assert Interest("platforms").subscribe_message() == {"type": "subscribe", "id": "platforms", "target": "platforms"}


def test_what_the_operators_ui_would_send() -> None:
    assert Interest("platform", "p").legacy_message("subscribe") == {
        "type": "subscribe", "target": "platform", "id": "p", "events": ["status", "health"]
    }  # fmt: skip
    assert Interest("platform", "p").legacy_message("unsubscribe") == {
        "type": "unsubscribe",
        "target": "platform",
        "id": "p",
    }
    assert Interest("metrics", "p", metrics=("cpu",)).legacy_message("subscribe") == {
        "type": "subscribe", "target": "metrics", "platformId": "p", "metrics": ["cpu"]
    }  # fmt: skip
    assert Interest("platforms").legacy_message("subscribe") is None


@pytest.mark.parametrize("target", ["platform", "metrics", "logs"])
def test_a_platform_must_be_named(target: str) -> None:
    with pytest.raises(LocalProtocolError, match="names a platform"):
        Interest(target)


def test_an_unknown_target_lists_the_known_ones() -> None:
    with pytest.raises(LocalProtocolError, match="platforms, platform, metrics, logs, alerts"):
        Interest("weather")


@pytest.mark.parametrize("name", [1, None, b"cpu", ("cpu",), "\ud800"])
def test_what_is_no_name_is_refused_in_words(name: Any) -> None:
    with pytest.raises(SettingsError, match=r"is no name to subscribe to\. Names are text"):
        Interest(target="metrics", platform="p", metrics=("cpu", name))
    with pytest.raises(SettingsError, match="Names are text"):
        Interest(target="platform", platform="p", events=(name,))
