"""What a cell shows of a plain object: a small table, in which whatever a peer said is text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from gunj_widgets.events.records import (
    Alert,
    ComponentHealth,
    Condition,
    KubeEvent,
    LogEntry,
    Operation,
    Platform,
    Query,
    Record,
    Sample,
    Stage,
)
from gunj_widgets.events.shown import FIRST, LAST, LEFT, MAX_ROWS, Shown, lasting, markup, plain, stamp

EVIL = "<script>alert(1)</script><img src=x onerror=alert(1)>\x1b[31m\u202e\0\"&'</td></table>"
OURS = {"div", "strong", "p", "table", "thead", "tbody", "tr", "th", "td"}
EVILS = {EVIL: EVIL}
RECORDS: Sequence[Record] = [
    Condition(type=EVIL, status=EVIL, reason=EVIL, message=EVIL),
    ComponentHealth(name=EVIL, version=EVIL, message=EVIL),
    Platform(
        id=EVIL,
        name=EVIL,
        namespace=EVIL,
        uid=EVIL,
        message=EVIL,
        version=EVIL,
        components={EVIL: ComponentHealth(name=EVIL, message=EVIL)},
        conditions=(Condition(type=EVIL, status=EVIL),),
        endpoints=EVILS,
        labels=EVILS,
    ),
    Alert(
        fingerprint=EVIL,
        name=EVIL,
        summary=EVIL,
        description=EVIL,
        platform=EVIL,
        component=EVIL,
        labels=EVILS,
        annotations=EVILS,
        acknowledged=EVIL,
    ),
    LogEntry(time=1e300, level=EVIL, component=EVIL, message=EVIL, platform=EVIL, metadata={EVIL: [EVIL]}),
    Sample(EVIL, EVILS, float("nan"), 1.0),
    Stage(name=EVIL, message=EVIL),
    Operation(id=EVIL, kind=EVIL, platform=EVIL, stages=(Stage(name=EVIL),), message=EVIL, error=EVIL),
    KubeEvent(reason=EVIL, message=EVIL, type=EVIL, platform=EVIL, component=EVIL),
    Query(id=EVIL, language=EVIL, expression=EVIL, window=1.0),
]


def bare(html: str | None) -> str:
    """Without how cells are set, which is the only attribute that may be there."""
    return re.sub(f' style="({LEFT}|{FIRST}|{LAST})"', "", html or "")


def only_text(html: str | None) -> None:
    """Nothing in it is markup but ours, which has no attributes beside how cells are set."""
    assert html is not None
    html = bare(html)
    assert set(re.findall(r"<(?!/)[^>]*>?", html)) <= {f"<{name}>" for name in OURS}
    assert set(re.findall(r"</[^>]*>?", html)) <= {f"</{name}>" for name in OURS}
    assert not {"\x1b", "\u202e", "\0"} & set(html)
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: type(record).__name__)
def test_whatever_a_record_says_is_text(record: Record) -> None:
    only_text(record._repr_html_())


def test_a_record_tells_what_is_known_and_nothing_else() -> None:
    began = datetime(2026, 3, 1, 10, 0, tzinfo=UTC).timestamp()
    html = bare(Alert(fingerprint="f", name="DiskFull", labels={"pod": "loki-0"}, starts=began)._repr_html_())
    assert "<strong>Alert</strong>" in html
    assert "<td>starts</td><td>2026-03-01 10:00:00 UTC</td>" in html
    assert "<td>labels</td><td>pod=loki-0</td>" in html
    assert "<td>ends</td>" not in html
    loki = ComponentHealth(name="loki")
    html = bare(
        Platform(id="p", name="p", components={"loki": loki}, conditions=(Condition(type="Ready"),))._repr_html_()
    )
    assert "<td>components</td><td>loki=unknown</td>" in html
    assert "<td>conditions</td><td>Ready=Unknown</td>" in html


class Many(Shown):
    def _shown(self) -> tuple[str, Sequence[str], list[tuple[object, ...]]]:
        return "many", ("n",), [(n,) for n in range(MAX_ROWS + 50)]


class Widget(Many):
    def _repr_mimebundle_(self) -> dict[str, str]:
        return {}


def test_it_stays_small() -> None:
    assert (Many()._repr_html_() or "").count("<tr>") == MAX_ROWS + 1
    assert len(markup("x" * 10_000_000, "", (), [])) < 3_000
    assert len(plain("y" * 10_000_000)) == 1_000


def test_cells_are_set_to_the_left_times_on_one_line_and_messages_broken_to_fit() -> None:
    columns, row = ("time", "level", "message"), ("2026-03-01 10:00:00 UTC", "info", "it starts")
    html = markup("logs", "", columns, [row])
    first, rest = 'style="text-align:left;white-space:nowrap"', 'style="text-align:left"'
    last = 'style="text-align:left;overflow-wrap:anywhere"'
    assert f"<tr><th {first}>time</th><th {rest}>level</th><th {last}>message</th></tr>" in html
    assert f"<tr><td {first}>{row[0]}</td><td {rest}>info</td><td {last}>it starts</td></tr>" in html
    assert f"<td {rest}>{'x' * 61}</td>" in markup("", "", ("name",), [("x" * 61,)])


def test_what_displays_as_a_widget_is_left_to_it() -> None:
    assert Widget()._repr_html_() is None


def test_times_are_utc_and_any_number_is_one() -> None:
    assert stamp(0.0) == "1970-01-01 00:00:00 UTC"
    assert stamp(None) == ""
    assert stamp(float("nan")) == "nan s"
    assert stamp(1e300) == "1e+300 s"


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0 s"),
        (119.9, "119 s"),
        (120, "2 min"),
        (3600, "1 h"),
        (11_100, "3 h 5 min"),
        (86_400, "1 d"),
        (207_361, "2 d 9 h"),
    ],
)
def test_how_long_is_told_as_the_browser_does(seconds: float, said: str) -> None:
    assert lasting(seconds) == said
