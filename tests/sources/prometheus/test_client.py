"""Questions: counted before they are asked, asked in pieces, merged without a seam."""

from __future__ import annotations

from typing import Any

import pytest

from gunj_widgets.connection.transport import Refused
from gunj_widgets.errors import ConnectError, QueryError
from gunj_widgets.sources.prometheus.client import PrometheusClient
from gunj_widgets.testing import FakeClock
from tests.sources.fake import Answer, Answering, FakeNetwork, backend, recorded, success


def client(answer: Answering, **options: Any) -> tuple[PrometheusClient, FakeNetwork]:
    network = FakeNetwork(answer)
    return PrometheusClient(backend(network, FakeClock()), **options), network


def grid(asked: dict[str, list[str]], series: int) -> Answer:
    start, end, step = (float(asked[name][0]) for name in ("start", "end", "step"))
    assert (end - start) / step <= 11_000
    times = [start + i * step for i in range(round((end - start) / step) + 1)]
    return success([{"metric": {"n": str(n)}, "values": [[t, str(t + n)] for t in times]} for n in range(series)])


async def test_a_day_by_the_second_comes_in_pieces_that_fit() -> None:
    def answer(path: str, asked: dict[str, list[str]]) -> Answer:
        return (
            grid(asked, 2) if path.endswith("query_range") else success([{"metric": {}, "value": [0, "20"]}], "vector")
        )

    one, network = client(answer)
    progress: list[tuple[int, int]] = []
    times: list[float] = []
    async for piece in one.range("x", 0, 86_399, 1, progress=lambda done, total: progress.append((done, total))):
        assert sum(len(c.times) for c in piece.columns) <= 250_000
        times += piece.columns[1].times.tolist()
    assert times == [float(t) for t in range(86_400)]
    assert progress == [(n, 8) for n in range(1, 9)]
    assert len(network.asked) == 10


async def test_a_piece_that_is_too_large_is_asked_for_in_halves() -> None:
    def answer(path: str, asked: dict[str, list[str]]) -> Answer:
        if float(asked["end"][0]) - float(asked["start"][0]) > 30:
            return Refused("content", "too large")
        return grid(asked, 1)

    one, _ = client(answer)
    times = [t async for piece in one.range("x", 0, 99, 1, series=1) for t in piece.columns[0].times.tolist()]
    assert times == [float(t) for t in range(100)]


async def test_too_many_series_are_refused_with_the_count_and_how_to_narrow() -> None:
    one, network = client(lambda path, asked: success([{"metric": {}, "value": [0, "10000"]}], "vector"))
    with pytest.raises(QueryError, match=r"gives 10,000 series, over the bound of 1,000.*Narrow it with a label.*topk"):
        async for _ in one.range("x", 0, 60, 1):
            pass
    assert len(network.asked) == 1


async def test_a_fault_in_the_query_points_into_the_query_as_it_was_written() -> None:
    def answer(path: str, asked: dict[str, list[str]]) -> Answer:
        place = asked["query"][0].index("{") + 2
        return 400, {"status": "error", "errorType": "bad_data", "error": f"1:{place}: parse error: unexpected end"}

    one, _ = client(answer)
    with pytest.raises(QueryError, match="‘up{⟨here⟩’") as caught:
        await one.count("up{")
    assert caught.value.position == 3


async def test_a_scalar_is_one_series() -> None:
    error = 'invalid parameter "query": 1:7: parse error: expected type instant vector in aggregation expression, got scalar'
    one, _ = client(lambda path, asked: (400, {"status": "error", "errorType": "bad_data", "error": error}))
    assert await one.count("1") == 1


async def test_raw_windows_follow_on_one_another() -> None:
    windows: list[tuple[float, float]] = []

    def answer(path: str, asked: dict[str, list[str]]) -> Answer:
        query, end = asked["query"][0], float(asked["time"][0])
        windows.append((end - float(query[query.index("[") + 1 : -3]) / 1000, end))
        return success([])

    one, _ = client(answer)
    async for _ in one.raw_range("up", 1000.0, 31_000.0, series=1, interval=1.0):
        pass
    assert windows == [(1000.0, 12_000.0), (12_000.0, 23_000.0), (23_000.0, 31_000.0)]


async def test_the_version_of_a_real_one() -> None:
    one, _ = client(lambda path, asked: recorded("prometheus", "buildinfo"))
    assert (await one.version()).startswith("2.42")


@pytest.mark.parametrize("answer", [(404, b"404 page not found"), (200, b"<html>"), (200, {"hello": "world"})])
async def test_something_else_is_no_prometheus(answer: Answer) -> None:
    one, _ = client(lambda path, asked: answer)
    with pytest.raises(ConnectError, match="is no Prometheus"):
        await one.version()


async def test_one_that_hides_its_version_is_one_all_the_same() -> None:
    one, _ = client(lambda path, asked: (404, b"") if "buildinfo" in path else recorded("prometheus", "query_scalar"))
    assert await one.version() == ""


async def test_what_there_is_to_ask_about() -> None:
    data: dict[str, Any] = {
        "/api/v1/labels": ["a", "b"],
        "/api/v1/label/a/values": ["x"],
        "/api/v1/rules": {"groups": [{"name": "g", "rules": [{"name": "r"}]}]},
        "/api/v1/targets": {"activeTargets": [{"health": "up"}]},
        "/api/v1/alerts": {"alerts": [{"state": "pending"}]},
        "/api/v1/metadata": {"up": [{"type": "gauge"}, {"type": "other"}]},
        "/api/v1/series": [{"__name__": "up"}],
    }
    one, _ = client(lambda path, asked: (200, {"status": "success", "data": data[path]}))
    assert await one.labels() == ["a", "b"]
    assert await one.values("a", "up") == ["x"]
    assert await one.rules() == [{"name": "r", "group": "g"}]
    assert await one.targets() == [{"health": "up"}]
    assert await one.alerts() == [{"state": "pending"}]
    assert await one.metadata() == {"up": {"type": "gauge"}}
    assert await one.series("up", 0, 1) == [{"__name__": "up"}]
