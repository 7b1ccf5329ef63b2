"""Single values: every spelling of a time and a number, and a field's name in every complaint."""

from __future__ import annotations

from datetime import UTC, datetime
from math import inf, isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.events.values import first, integer, mapping, moment, number, sequence, strings, text

T = 1_750_000_000.0


@pytest.mark.parametrize(
    "value",
    [
        T,
        int(T),
        T * 1000.0,
        int(T) * 10**6,
        int(T) * 10**9,
        str(int(T)),
        f"{T}",
        str(int(T) * 1000),
        "2025-06-15T15:06:40Z",
        "2025-06-15T17:06:40+02:00",
        "2025-06-15 15:06:40",
        "2025-06-15T15:06:40.000000000Z",
    ],
)
def test_every_spelling_of_a_time(value: object) -> None:
    assert moment(value) == T


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00Z"])
def test_what_means_not_set(value: object) -> None:
    assert moment(value) is None


@pytest.mark.parametrize(
    "value", [True, [], {}, -1, 1e22, float("nan"), inf, "soon", "2025-13-01", "9999999999999999999999"]
)
def test_what_is_no_time(value: object) -> None:
    with pytest.raises(RemoteProtocolError, match="endsAt is not a"):
        moment(value, "endsAt")


@given(st.datetimes(datetime(1971, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001  bounds are naive
def test_a_time_survives_its_spellings(when: datetime) -> None:
    assert moment(when.isoformat()) == pytest.approx(when.timestamp(), abs=1e-6)
    if when.timestamp() > 2e8:  # below, milliseconds and seconds cannot be told apart
        assert moment(int(when.timestamp() * 1000)) == pytest.approx(when.timestamp(), abs=2e-3)


@pytest.mark.parametrize(("value", "found"), [(1, 1.0), ("2.5", 2.5), ("+Inf", inf), ("-Inf", -inf), (-0.5, -0.5)])
def test_numbers(value: object, found: float) -> None:
    assert number(value) == found


@pytest.mark.parametrize("value", [None, "NaN"])
def test_no_number_is_nan(value: object) -> None:
    assert isnan(number(value))


@pytest.mark.parametrize("value", [True, "x", [], {}, 10**400])
def test_what_is_no_number(value: object) -> None:
    with pytest.raises(RemoteProtocolError, match="progress is not a number"):
        number(value, "progress")


def test_the_first_field_that_is_there() -> None:
    fields: dict[str, Any] = {"a": None, "b": 0, "c": "x"}
    assert first(fields, "a", "b", "c") == 0
    assert first(fields, "a", "z") is None
    assert text(fields, "a", "c") == "x"
    assert text(fields, "b") == "0"
    assert text({"d": {"e": 1}}, "d") == '{"e":1}'
    assert text(fields, "z") == ""
    assert integer({"n": "3"}, "n") == 3
    assert integer(fields, "a") is None


def test_shapes() -> None:
    assert mapping({}, "x") == {}
    assert sequence(None, "x") == []
    assert sequence([1], "x") == [1]
    assert strings({"a": 1, "b": None, "c": True}, "labels") == {"a": "1", "b": "", "c": "true"}
    assert strings(None, "labels") == {}


@pytest.mark.parametrize("value", [[], "x", 3, None])
def test_what_is_no_object(value: object) -> None:
    with pytest.raises(RemoteProtocolError, match="a platform is not an object"):
        mapping(value, "a platform")


def test_what_is_no_array() -> None:
    with pytest.raises(RemoteProtocolError, match="stages is not an array"):
        sequence({}, "stages")


@pytest.mark.parametrize("value", ["NaN", "+Inf"])
def test_what_is_no_whole_number(value: str) -> None:
    with pytest.raises(RemoteProtocolError, match="ready is not a whole number"):
        integer({"ready": value}, "ready")


def test_a_complaint_shows_little_of_what_came() -> None:
    with pytest.raises(RemoteProtocolError) as caught:
        number("x" * 10_000)
    assert len(str(caught.value)) < 200
