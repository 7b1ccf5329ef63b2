"""Metrics: believable, reproducible, and shaped by incidents only as long as they last."""

from __future__ import annotations

from math import sqrt
from random import Random
from statistics import fmean

from gunj_widgets.demo.catalogue import PLATFORMS
from gunj_widgets.demo.metrics import METRICS, MetricModel

START = 1_750_000_000.0


def model(seed: int = 1, history: int = 600) -> MetricModel:
    return MetricModel(PLATFORMS[0], Random(seed), start=START, history=history)


def column(made: MetricModel, metric: str, component: str) -> list[float]:
    found = [p for p in made.columns(frozenset({metric})) if p["series"][0]["labels"] == {"component": component}]
    values: list[float] = found[0]["series"][0]["values"]
    return values


def correlation(a: list[float], b: list[float]) -> float:
    ma, mb = fmean(a), fmean(b)
    top = sum((x - ma) * (y - mb) for x, y in zip(a, b, strict=True))
    return top / sqrt(sum((x - ma) ** 2 for x in a) * sum((y - mb) ** 2 for y in b))


def test_the_past_is_there_from_the_start_one_sample_a_second() -> None:
    for payload in model(history=700).columns():
        (series,) = payload["series"]
        assert series["times"] == [START - 700 + n for n in range(700)]
        assert len(series["values"]) == 700
        assert payload["unit"] == METRICS[payload["metric"]][0]


def test_the_same_seed_gives_the_same_samples() -> None:
    assert model(1).step(START, 1.0) == model(1).step(START, 1.0)
    assert model(1).step(START, 1.0) != model(2).step(START, 1.0)


def test_every_component_has_what_it_has() -> None:
    samples = model().step(START, 1.0)
    assert set(samples) == set(METRICS)
    assert [component for component, _ in samples["cpu_usage"]] == model().components
    assert {component for component, _ in samples["ingest_rate"]} == {"prometheus", "loki", "tempo"}
    assert [component for component, _ in samples["active_series"]] == ["prometheus"]


def test_values_are_believable() -> None:
    made = model()
    for component in made.components:
        assert all(0 < value < 80 for value in column(made, "cpu_usage", component))
        assert all(value > 50e6 for value in column(made, "memory_usage", component))
        assert all(0 <= value < 5 for value in column(made, "error_rate", component))
        assert all(0 < value < 2 for value in column(made, "latency_p95", component))
        assert len(set(column(made, "cpu_usage", component))) > 100, "it must move"


def test_cpu_follows_the_requests() -> None:
    made = model()
    assert correlation(column(made, "cpu_usage", "loki"), column(made, "request_rate", "loki")) > 0.5


def test_noise_has_a_memory() -> None:
    values = column(model(), "request_rate", "grafana")
    assert correlation(values[:-1], values[1:]) > 0.5


def test_the_day_has_a_peak_in_the_afternoon() -> None:
    def mean(hour: int) -> float:
        midnight = START - START % 86_400
        made = MetricModel(PLATFORMS[0], Random(1), start=midnight + hour * 3600, history=300)
        return fmean(column(made, "request_rate", "loki"))

    assert mean(15) > 1.5 * mean(3)


def test_a_shape_is_reached_in_a_straight_line_and_left_again() -> None:
    made = model()
    made.shape("loki", "disk_usage", elapsed=0.0, add=30.0, over=10.0)

    def disk(elapsed: float) -> float:
        return dict(made.step(START + elapsed, elapsed)["disk_usage"])["loki"]

    before = column(made, "disk_usage", "loki")[-1]
    assert abs(disk(5.0) - before - 15) < 0.1
    assert abs(disk(10.0) - before - 30) < 0.1
    assert abs(disk(20.0) - before - 30) < 0.1
    made.calm(20.0, over=10.0)
    assert abs(disk(25.0) - before - 15) < 0.1
    assert abs(disk(40.0) - before) < 0.1


def test_percentages_stop_at_a_hundred() -> None:
    made = model()
    made.shape("loki", "cpu_usage", elapsed=0.0, factor=50.0)
    assert dict(made.step(START, 1.0)["cpu_usage"])["loki"] == 100.0


def test_who_is_not_scraped_leaves_a_gap_in_the_columns() -> None:
    made = model(history=10)
    made.silence(["loki"])
    assert "loki" not in dict(made.step(START, 0.0)["cpu_usage"])
    made.speak(["loki"])
    made.step(START + 1, 1.0)
    (payload,) = [p for p in made.columns(frozenset({"cpu_usage"})) if p["series"][0]["labels"]["component"] == "loki"]
    times = payload["series"][0]["times"]
    assert START not in times
    assert times[-2:] == [START - 1, START + 1]


def test_columns_since_a_time_and_after_a_forgotten_past() -> None:
    made = model(history=20)
    (first, *_) = made.columns(since=START - 3)
    assert first["series"][0]["times"] == [START - 2, START - 1]
    assert made.columns(since=START) == []
    made.forget()
    made.step(START - 500, 0.0)
    assert all(p["series"][0]["times"] == [START - 500] for p in made.columns())
