"""Matchers: they take and refuse what the alert panel's filter does (js/tests/widgets/alert-matchers.test.ts), and cannot stall."""

from __future__ import annotations

import contextlib
import time

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.records import Alert, Severity
from gunj_widgets.store.matchers import Matcher, asks_for_nothing, labelled, matchers, matching

ALERT = Alert(
    fingerprint="f",
    name="LokiDown",
    severity=Severity.CRITICAL,
    summary="Loki does not answer",
    platform="production",
    component="loki",
    labels={"team": "a,b", "path": 'C:\\x "y"'},
)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ('severity="critical"', True),
        ("severity=critical", True),
        ('{severity="critical",component="loki"}', True),
        ('severity = "critical" , component != "loki"', False),
        ('component=~"loki|tempo"', True),
        ('component=~"lok"', False),
        ('component!~"lok"', True),
        ('component=~"LOKI"', False),
        ('component=~"^l.*i$"', True),
        ('team="a,b"', True),
        ('path="C:\\\\x \\"y\\""', True),
        ('path=~"C:.x \\"y\\""', True),
        ('missing=""', True),
        ('missing!=""', False),
        ('state="firing"', True),
        ('alertname=~"Loki.*"', True),
        ("loki", True),
        ("does NOT", True),
        ("tempo", False),
        ("", True),
    ],
)
def test_what_is_taken(text: str, taken: bool) -> None:
    assert matching(text)(ALERT) is taken


@pytest.mark.parametrize(
    "text",
    [
        'severity="',
        "=x",
        'a="b" c="d"',
        'a=~"("',
        'a=~"(?=x)"',
        '{a="b"',
        f'a="{"x" * 3000}"',
        'a="1",' * 21,
    ],
)
def test_what_is_wrong_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(SettingsError) as refused:
        matching(text)
    assert refused.value.remedy


@pytest.mark.parametrize("value", ['a"b\\c\nd', "\\d+", "x, y=~z", "<img src=x>", ""])
@pytest.mark.parametrize("op", ["=", "!=", "=~", "!~"])
def test_a_matcher_is_written_so_that_it_is_read_again(op: str, value: str) -> None:
    if op.endswith("~"):
        value = value.replace("\n", "")  # an expression has no line breaks: \\n stays its own
    one = Matcher("a.b", op, value)
    assert matchers(f"{{{one}, c=d}}") == [one, Matcher("c", "=", "d")]


def test_labels_are_looked_at_alone() -> None:
    read = matchers('component="loki", job=~"a|b"')
    assert labelled(read)({"component": "loki", "job": "b"})
    assert not labelled(read)({"job": "b"})
    assert not labelled(matchers('severity="critical"'))(ALERT.labels), "what an alert is named by is no label of it"


@pytest.mark.parametrize("text", ["loki", "", "  ", "{}"])
def test_words_are_no_matchers(text: str) -> None:
    with pytest.raises(SettingsError, match="plain words are no matchers"):
        matchers(text)


def test_what_is_no_text_is_no_matcher() -> None:
    for read in (matchers, matching):
        with pytest.raises(SettingsError, match="matchers are text, not 5"):
            read(5)  # type: ignore[operator]  on purpose


def test_a_hostile_expression_stalls_nothing() -> None:
    long = Alert(fingerprint="f", name="A", labels={"a": "a" * 900 + "!"})
    began = time.perf_counter()
    for hostile in ('a=~"(a+)+"', 'a=~"a*a*a*b"'):
        with contextlib.suppress(SettingsError):  # without RE2 they are refused
            assert not matching(hostile)(long)
    assert time.perf_counter() - began < 2


def test_a_value_that_is_too_long_is_found_by_no_expression() -> None:
    long = Alert(fingerprint="f", name="A", labels={"a": "a" * 5_000})
    assert not matching('a=~"a+"')(long)
    assert matching('a!~"a+"')(long)


@pytest.mark.parametrize(
    ("text", "nothing"),
    [
        ('team=""', True),
        ('team=~".*", job=~"a?"', True),
        ('team="", job="x"', False),
        ('team="db"', False),
        ('team=~".+"', False),
        ('severity!="critical"', False),
        ('severity!~"critical|warning"', False),
        ('team="", severity!="critical"', False),
    ],
)
def test_what_asks_for_nothing_is_judged_as_an_alertmanager_does(text: str, nothing: bool) -> None:
    assert asks_for_nothing(matchers(text)) is nothing
