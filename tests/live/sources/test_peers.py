"""Where prometheus-api-client and prometheus-pandas fail on a real Prometheus, in one run with us: day, zone, scalar, histogram."""

from __future__ import annotations

import json
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime

import numpy as np
import pytest

import gunj_widgets as gunj
from gunj_widgets.session.session import Session
from gunj_widgets.sources.prometheus.replies import decode
from tests.live.sources.servers import Stack
from tests.live.sources.test_tail import until

api = pytest.importorskip("prometheus_api_client")
pandas_client = pytest.importorskip("prometheus_pandas.query")
DAY = 86_400


def test_a_day_by_the_second(stack: Stack, rt: Session) -> None:
    """`time()` has a value at any second, so that the right answer is known without a day of scraping."""
    end = datetime.now(UTC)
    start = datetime.fromtimestamp(end.timestamp() - DAY, UTC)
    with pytest.raises(api.PrometheusApiClientException, match=r"11,000 points"):
        api.PrometheusConnect(stack.prometheus.url).custom_query_range("vector(time())", start, end, "1")
    peer = pandas_client.Prometheus(stack.prometheus.url)
    with pytest.raises(RuntimeError, match=r"11,000 points"):
        peer.query_range("vector(time())", start.timestamp(), end.timestamp(), "1s")
    frame = rt.promql("vector(time())", window=DAY, step=1, wait=50)
    values = frame.df.iloc[:, 0]
    assert len(values) >= DAY - 1
    assert np.array_equal(np.diff(values), np.ones(len(values) - 1))
    assert np.array_equal(values.index.as_unit("ms").asi8 / 1000, values)


@pytest.mark.filterwarnings("ignore:The inplace keyword")  # the peer's own
def test_times_have_a_zone(stack: Stack, rt: Session) -> None:
    until(lambda: len(rt.promql("up", window="1m").df) >= 3)
    now = time.time()
    told = pandas_client.Prometheus(stack.prometheus.url).query_range("up", now - 3, now, "1s")
    assert told.index.tz is None
    found = api.PrometheusConnect(stack.prometheus.url).custom_query_range(
        "up", datetime.fromtimestamp(now - 3, UTC), datetime.fromtimestamp(now, UTC), "1"
    )
    assert api.MetricRangeDataFrame(found).index.tz is None
    ours = rt.promql("up", window="1m").df.index
    assert str(ours.tz) == "UTC"
    assert abs(ours[-1].timestamp() - time.time()) < 10


def test_a_scalar_is_one_number(stack: Stack, rt: Session) -> None:
    peer = pandas_client.Prometheus(stack.prometheus.url).query("scalar(vector(7))")
    assert len(peer) == 2  # the time as if it were a value
    frame = rt.promql("scalar(vector(7))", window="30s", step=1)
    assert frame.df.shape[1] == 1
    assert set(frame.df.iloc[:, 0].dropna()) == {7.0}


def test_native_histograms() -> None:
    """As Prometheus documents them: 2.42 keeps none of what is scraped as text."""
    shape = {"count": "3", "sum": "4.5", "buckets": [[0, "0.5", "1", "1"], [0, "1", "2", "2"]]}
    result = [{"metric": {"__name__": "h"}, "histograms": [[1_795_816_800, shape]]}]
    with pytest.raises(KeyError):
        api.MetricRangeDataFrame(result)
    answer = decode(json.dumps({"status": "success", "data": {"resultType": "matrix", "result": result}}).encode())
    assert answer.histograms == 1
    found = {
        column.labels["__name__"]: column.values.tolist() for column in answer.columns if "le" not in column.labels
    }
    assert (found["h_count"], found["h_sum"]) == ([3.0], [4.5])


def test_the_same_answer_is_the_same_numbers(stack: Stack, rt: Session) -> None:
    """Where they do not fail we agree: each value of a range, at its time."""
    until(lambda: len(rt.promql("node_load1", window="1m").df.dropna()) >= 5)
    end = int(time.time()) - 2
    query = urllib.parse.urlencode({"query": "node_load1 + 0", "start": end - 3, "end": end, "step": 1})
    with urllib.request.urlopen(f"{stack.prometheus.url}/api/v1/query_range?{query}", timeout=10) as answer:
        (series,) = json.loads(answer.read())["data"]["result"]
    told = pandas_client.Prometheus(stack.prometheus.url).query_range("node_load1 + 0", end - 3, end, "1s").iloc[:, 0]
    ours = rt.promql("node_load1 + 0", window="1m", step=1).df.iloc[:, 0]
    truth = {int(moment): float(value) for moment, value in series["values"]}
    assert {int(moment.timestamp()): value for moment, value in told.tz_localize("UTC").items()} == truth
    mine = {int(moment.timestamp()): value for moment, value in ours.items()}
    assert truth.items() <= mine.items()
    gunj.close_all()
