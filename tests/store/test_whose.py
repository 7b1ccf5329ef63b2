"""Whose: an id is one platform's, a name with its namespace is one platform's, and a bare name is everyone's who bears it."""

from __future__ import annotations

from gunj_widgets.events.records import Platform
from gunj_widgets.store.whose import Whose

A = Platform(id="u1", name="production", namespace="a")
B = Platform(id="u2", name="production", namespace="b")
C = Platform(id="u3", name="staging", namespace="c")
WHOSE = Whose([A, B, C])


def test_an_id_is_that_platform_alone() -> None:
    assert WHOSE.ids("u1") == {"u1"}
    assert WHOSE.ids("u1", "b") == {"u1"}
    named_like_an_id = Whose([A, Platform(id="u9", name="u1", namespace="z")])
    assert named_like_an_id.ids("u1") == {"u1"}


def test_of_a_name_that_several_bear_the_namespace_decides_and_else_it_is_each_ones() -> None:
    assert WHOSE.ids("production", "b") == {"u2"}
    assert WHOSE.ids("production") == {"u1", "u2"}
    assert WHOSE.ids("production", "where its pods are") == {"u1", "u2"}
    assert WHOSE.ids("staging", "where its pods are") == {"u3"}
    assert WHOSE.ids("nobody") == set()


def test_what_was_said_of_a_platform_that_was_deleted_stays_its_own() -> None:
    assert WHOSE.owns("u8", "gone", "gone")
    assert WHOSE.owns("u8", "gone", "u8")
    assert not WHOSE.owns("u8", "production", "production", "b"), "there is another of that name now"
    assert not WHOSE.owns("u8", "gone", "")


def test_names_for_people_tell_the_namespace_where_a_name_alone_would_not_do() -> None:
    assert [WHOSE.called(said) for said in ("u1", "u2", "u3", "u8", "production")] == [
        "a/production", "b/production", "staging", "u8", "production"
    ]  # fmt: skip
