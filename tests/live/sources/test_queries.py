"""Queries against a real Prometheus: what comes, and what is said where it cannot."""

from __future__ import annotations

import pytest

import gunj_widgets as gunj
from gunj_widgets.errors import ConnectError, QueryError
from gunj_widgets.session.session import Session
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until


def test_an_expression_is_a_live_frame_that_a_chart_draws(rt: Session) -> None:
    frame = rt.promql("sum by (mode) (node_cpu_seconds_total)", window="1m")
    until(lambda: len(frame.df.dropna()) >= 3)
    assert frame.status.phase == "live"
    assert "sum by (mode)" in frame.title
    assert rt.promql("sum by (mode) (node_cpu_seconds_total)", window="1m") is frame
    assert type(frame.view()).__name__ == "MetricChart"
    frame.close()
    assert len(frame.df)


def test_a_scalar_is_a_series(rt: Session) -> None:
    frame = rt.promql("vector(1)", window="1m", step=1)
    assert (frame.df.dropna() == 1.0).all().all()


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("up{", "‘up{⟨here⟩"),
        ("rate(up)", "expected type range vector"),
        ("up * on() node_load1 + up", "refused the query"),
        ('"text"', "string"),
    ],
)
def test_a_wrong_query_is_told_in_the_cell(rt: Session, expression: str, words: str) -> None:
    with pytest.raises(QueryError, match=".") as caught:
        rt.promql(expression)
    assert words in str(caught.value)
    assert rt.state == "open"


def test_what_there_is_to_ask_about(rt: Session) -> None:
    until(lambda: "node_load1" in rt.metric_names())
    assert "job" in rt.label_names("node_load1")
    assert "node" in rt.label_values("job")
    until(lambda: set(rt.targets()["health"]) == {"up"})
    targets = rt.targets()
    assert set(targets.index) == {"node", "self"}
    assert str(targets["scraped"].dtype) == "datetime64[us, UTC]"
    rules = rt.rules()
    assert list(rules.index) == ["TargetDown"]
    assert rules.loc["TargetDown", ["type", "state", "for"]].tolist() == ["alerting", "inactive", 1.0]


def test_an_exporter_is_no_prometheus(stack: Stack) -> None:
    with pytest.raises(ConnectError, match="answers, but is no Prometheus"):
        gunj.connect(prometheus=stack.node.url)
    gunj.close_all()
