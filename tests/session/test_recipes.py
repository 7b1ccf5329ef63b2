"""What was asked for, written down again: it reads back as what was meant."""

from __future__ import annotations

from gunj_widgets.session.recipes import call, given


def test_what_was_left_out_is_not_asked_again() -> None:
    asked = given(step=None, platform="", level=[], rows=0, window=0.0, search="x", components=())
    assert asked == {"rows": 0, "window": 0.0, "search": "x"}


def test_a_call_is_python_that_gives_the_arguments_again() -> None:
    words, month = """it's "quoted" \\ and\nbroken""", 30 * 86400.0
    written = call("rt.promql", words, window=month, step=0.25, level=["warn"])
    assert written.startswith("rt.promql(")
    assert "window=2592000, step=0.25" in written
    seen: dict[str, object] = {}

    class Rt:
        @staticmethod
        def promql(expression: str, **asked: object) -> None:
            seen.update(asked, expression=expression)

    eval(written, {"rt": Rt})  # noqa: S307  our own words
    assert seen == {"expression": words, "window": month, "step": 0.25, "level": ["warn"]}
