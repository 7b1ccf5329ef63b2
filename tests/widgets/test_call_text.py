"""Which call is being written at the cursor: whatever stands before it, and without running any of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.widgets.call_text import Begun, begun


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ('rt.platform("', Begun("rt.platform", 0, "")),
        ("rt.platform('pro", Begun("rt.platform", 0, "pro")),
        ('m = rt.metrics("a", "cp', Begun("rt.metrics", 1, "cp", {0: "a"})),
        ('rt.metrics("a", ["x", "cp', Begun("rt.metrics", 1, "cp", {0: "a"})),
        ('rt.metrics(name, window="5m", metrics="c', Begun("rt.metrics", "metrics", "c", {"window": "5m"})),
        ('f(g(1, 2), {"a": [3, 4]}, "t', Begun("f", 2, "t", {1: {"a": [3, 4]}})),
        ("rt.logs('it\\'s', \"", Begun("rt.logs", 1, "", {0: "it's"})),
        ('x = "(" # f("\nrt.platform(\n    "', Begun("rt.platform", 0, "")),
        ('f("""a\n", """, "b', Begun("f", 1, "b", {0: 'a\n", '})),
        ('m.select(labels={"po', Begun("m.select", "labels", "po", in_dict=True)),
        ('m.select("cpu", {"pod": "a", "zone": ["x", "', Begun("m.select", 1, "", {0: "cpu"}, True, "zone")),
    ],
)
def test_a_string_that_is_begun_in_a_call(code: str, found: Begun) -> None:
    assert begun(code) == found


@pytest.mark.parametrize(
    "code",
    [
        "",
        "rt",
        'rt["',
        '"',
        "rt.platform(",
        'rt.platform("a"',
        'rt.platform("a") + "',
        '("',
        '# f("',
        'f("a\n',
        "f)(]['",
    ],
)
def test_all_else_is_none(code: str) -> None:
    assert begun(code) is None


@given(st.text(alphabet="ab.,=:'\"\\\n#([{}]) 1", max_size=40))
def test_whatever_is_written_is_read(code: str) -> None:
    found = begun(code)
    assert found is None or code.endswith(found.text)
