"""MetricFrame: what a user sees of live metrics. Compared with a naive model, and promise by promise."""

from __future__ import annotations

import io
import math
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gunj_widgets.errors import LimitError, SettingsError, UnknownMetricError
from gunj_widgets.store import slab, wide
from gunj_widgets.store.frames import MetricFrame
from tests.events.test_shown import bare
from tests.store.model import Model, seen, without_nan

T0 = 1_700_000_000.0
LOKI, TEMPO = {"component": "loki"}, {"component": "tempo"}


@pytest.fixture
def frame() -> MetricFrame:
    """Two metrics, one of them of two components, sampled each second for a minute."""
    frame = MetricFrame(max_age=600)
    seconds = T0 + np.arange(60)
    frame.extend("cpu", LOKI, seconds, np.arange(60.0), "percent")
    frame.extend("cpu", TEMPO, seconds, np.arange(60.0) + 100)
    frame.extend("up", {}, seconds, np.ones(60))
    return frame


# Against the model

times = st.integers(0, 120).map(lambda s: T0 + s / 2)
values = st.one_of(st.just(math.nan), st.integers(-3, 3).map(float), st.just(math.inf))
labels = st.sampled_from([{}, LOKI, TEMPO, {"component": "loki", "pod": "1"}, {"pod": "1", "component": "loki"}])
one = st.tuples(st.sampled_from(["cpu", "mem"]), labels, st.lists(st.tuples(times, values), min_size=1, max_size=6))
steps = st.lists(st.one_of(one, st.sampled_from(["read", "prune"])), max_size=40)


@pytest.mark.usefixtures("small_slabs_for_examples")
@settings(max_examples=150, deadline=None)
@given(
    steps=steps, max_age=st.sampled_from([None, 5.0, 30.0]), max_rows=st.sampled_from([None, 1, 3]), bulk=st.booleans()
)
def test_a_frame_holds_what_a_naive_model_holds(
    steps: list[object], max_age: float | None, max_rows: int | None, bulk: bool
) -> None:
    frame, model = MetricFrame(max_age, max_rows), Model(max_age, max_rows)
    view = frame.select("cpu", window=4)
    for step in steps:
        if step == "prune":
            frame.prune()
        elif isinstance(step, tuple):
            metric, labels, rows = step
            if bulk:
                frame.extend(metric, labels, [t for t, _ in rows], [v for _, v in rows])
                for time, value in sorted(rows, key=lambda row: row[0]):
                    model.append(metric, labels, time, value)
            else:
                for time, value in rows:
                    frame.append(metric, labels, time, value)
                    model.append(metric, labels, time, value)
        _check(frame, model)
    window = {key: rows for key, rows in model.kept(4).items() if key[0] == "cpu"}
    flat = len(window) <= 1
    found = {key: rows for key, rows in seen(view.df).items() if rows or not flat or window}
    assert {k: v for k, v in found.items() if v} == {k: v for k, v in without_nan(window, labels=not flat).items() if v}


def _check(frame: MetricFrame, model: Model) -> None:
    kept = model.kept()
    flat = len({metric for metric, _ in kept}) == len(kept)
    df = frame.df
    assert seen(df) == without_nan(kept, labels=not flat)
    assert df.index.is_monotonic_increasing
    assert df.index.is_unique
    assert df.index.as_unit("us").asi8.tolist() == sorted({t for rows in kept.values() for t in rows})
    infos = {(s.metric, tuple(s.labels.items())): s for s in frame.series}
    assert {key: info.count for key, info in infos.items()} == {key: len(rows) for key, rows in kept.items()}
    for key, rows in kept.items():
        last = max(rows)
        assert infos[key].last_time == last / 1e6
        np.testing.assert_equal(infos[key].last_value, rows[last])
    long = frame.long
    assert len(long) == sum(map(len, kept.values()))
    assert long["time"].is_monotonic_increasing


@pytest.fixture(scope="module")
def small_slabs_for_examples() -> object:
    before = slab.SMALLEST, slab.SMALL
    slab.SMALLEST, slab.SMALL = 3, 4
    yield
    slab.SMALLEST, slab.SMALL = before


# What .df looks like


def test_columns_are_metric_names_where_each_metric_is_one_series() -> None:
    frame = MetricFrame()
    frame.append("cpu", LOKI, T0, 1.0)
    frame.append("mem", LOKI, T0 + 1, 2.0)
    df = frame.df
    assert df.columns.tolist() == ["cpu", "mem"]
    assert df.columns.name == "metric"
    assert str(df.index.dtype) == "datetime64[us, UTC]"
    assert df.index.name == "time"
    np.testing.assert_equal(df.to_numpy(), [[1.0, np.nan], [np.nan, 2.0]])


def test_columns_carry_labels_once_a_metric_has_several_series(frame: MetricFrame) -> None:
    df = frame.df
    assert df.columns.names == ["metric", "component"]
    assert df.columns.tolist() == [("cpu", "loki"), ("cpu", "tempo"), ("up", "")]
    assert df.loc[:, ("cpu", "tempo")].iloc[-1] == 159.0


def test_milliseconds_are_exact() -> None:
    frame = MetricFrame(max_age=None)
    for ms in range(1000):
        frame.append("cpu", {}, 1_700_000_000 + ms / 1000, 0.0)
    assert frame.df.index.as_unit("us").asi8.tolist() == [1_700_000_000_000_000 + 1000 * ms for ms in range(1000)]
    assert frame.df.index[123] == pd.Timestamp("2023-11-14 22:13:20.123", tz="UTC")


def test_a_metric_asked_for_by_name_is_a_column_before_it_has_samples(frame: MetricFrame) -> None:
    view = frame.select(["up", "errors"])
    assert view.df.columns.tolist() == ["up", "errors"]
    assert view.df["errors"].isna().all()
    assert MetricFrame().select("cpu").df["cpu"].max() is not None


def test_a_series_with_an_empty_label_is_that_without_it() -> None:
    frame = MetricFrame()
    frame.append("cpu", {"a": ""}, T0, 1.0)
    frame.append("cpu", {}, T0 + 1, 2.0)
    frame.extend_many([("cpu", {"a": "", "b": "x"}, T0, 3.0, ""), ("cpu", {"b": "x"}, [T0 + 1], [4.0], "")])
    assert frame.df.columns.tolist() == [("cpu", ""), ("cpu", "x")]
    assert frame.df.to_numpy().tolist() == [[1.0, 3.0], [2.0, 4.0]]
    assert len(frame.select(labels={"a": ""}).series) == 2


def test_a_label_named_as_a_column_is_shown_under_another_name() -> None:
    frame = MetricFrame()
    frame.append("cpu", {"metric": "a", "value": "b"}, T0, 1.0)
    frame.append("cpu", {"metric": "c", "value": "d"}, T0, 2.0)
    assert frame.df.columns.names == ["metric", "label_metric", "label_value"]
    assert frame.long.columns.tolist() == ["time", "metric", "label_metric", "label_value", "value", "unit"]


def test_changing_what_was_handed_out_changes_nothing_here(frame: MetricFrame) -> None:
    before = frame.df
    taken = frame.df
    taken.iloc[:, :] = -1.0
    taken.columns.names = ["x", "y"]
    taken.index.name = "z"
    long = frame.long
    long["value"] = 0.0
    delta = frame.rows_since()
    delta.x[:] = 0
    delta.y[:] = 0
    frame.series[0].labels["component"] = "changed"
    pd.testing.assert_frame_equal(frame.df, before)
    assert frame.series[0].labels == LOKI


def test_what_was_handed_out_does_not_change_later(frame: MetricFrame) -> None:
    taken, copy = frame.df, frame.df.copy(deep=True)
    for i in range(2000):
        frame.append("cpu", LOKI, T0 + 60 + i / 4, -1.0)
    frame.extend("cpu", LOKI, T0 + np.arange(60), np.full(60, -2.0))
    pd.testing.assert_frame_equal(taken, copy)


def test_a_wide_frame_that_would_fill_the_memory_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wide, "MAX_CELLS", 99)
    frame = MetricFrame()
    for i in range(10):
        frame.append("cpu", {"pod": str(i)}, T0 + i, 1.0)
    with pytest.raises(LimitError, match="resample") as caught:
        _ = frame.df
    assert caught.value.limit == "MAX_CELLS"
    assert len(frame.long) == 10
    assert frame.resample(5, "sum").shape == (2, 10)


# Views


def test_a_view_is_live_and_writes_to_the_shared_samples(frame: MetricFrame) -> None:
    view = frame.select("cpu", labels=LOKI)
    view.append("cpu", LOKI, T0 + 60, 7.0)
    frame.append("cpu", TEMPO, T0 + 61, 8.0)
    assert view["cpu"].iloc[-1] == 7.0
    assert frame.df.loc[:, ("cpu", "loki")].dropna().iloc[-1] == 7.0
    assert [s.labels for s in view.series] == [LOKI]


def test_a_view_sees_series_that_come_later(frame: MetricFrame) -> None:
    view = frame.select("cpu", labels={"component": ["tempo", "mimir"]})
    assert len(view.series) == 1
    frame.append("cpu", {"component": "mimir"}, T0 + 60, 1.0)
    assert [s.labels["component"] for s in view.series] == ["tempo", "mimir"]


def test_a_view_of_a_view_is_narrower(frame: MetricFrame) -> None:
    view = frame.select(["cpu", "up"]).select(["up", "mem"])
    assert [s.metric for s in view.series] == ["up"]
    assert frame.select(labels=LOKI).select(labels=TEMPO).series == []


def test_a_window_counts_back_from_the_newest_sample(frame: MetricFrame) -> None:
    assert len(frame.window("10s").df) == 11
    frame.append("up", {}, T0 + 100, 1.0)
    assert frame.window(10)["up"].tolist() == [1.0]
    assert [s.metric for s in frame.window(10).series] == ["up"], "the others have aged out"


def test_a_longer_window_raises_the_retention() -> None:
    frame = MetricFrame(max_age=10)
    view = frame.select(window="1m")
    for second in range(100):
        frame.append("cpu", {}, T0 + second, 1.0)
    assert frame.max_age == 60
    assert len(view.df) == 61
    frame.select(window=5)
    assert frame.max_age == 60
    unbounded = MetricFrame(max_age=None)
    unbounded.select(window=5)
    assert unbounded.max_age is None


def test_over_makes_a_view_of_a_subclass(frame: MetricFrame) -> None:
    class Live(MetricFrame):
        title = "live"

    view = Live.over(frame, ["up"], window=5)
    assert isinstance(view, Live)
    assert len(view.df) == 6
    assert type(view.select("up")) is type(view.window("5s")) is Live


def test_clear_of_a_view_leaves_the_rest(frame: MetricFrame) -> None:
    frame.select(labels=LOKI).clear()
    assert [s.name for s in frame.series] == ['cpu{component="tempo"}', "up"]
    frame.clear()
    assert frame.df.empty
    assert frame.series == []
    frame.append("cpu", {}, 5.0, 1.0)
    assert len(frame.df) == 1, "an empty frame has no newest sample to be too old for"


# One metric, one number


def test_a_metric_by_name(frame: MetricFrame) -> None:
    assert frame["up"].tolist() == [1.0] * 60
    assert frame["cpu"].columns.tolist() == ["loki", "tempo"]
    assert frame["cpu"].columns.name == "component"
    with pytest.raises(UnknownMetricError, match="There are: cpu, up"):
        frame["memory"]
    with pytest.raises(KeyError, match="none yet"):
        MetricFrame()["cpu"]
    assert frame.select("errors")["errors"].empty


def test_a_number_of_a_metric_that_there_is_not(frame: MetricFrame) -> None:
    with pytest.raises(UnknownMetricError, match="There are: cpu, up"):
        frame.value("avg", metric="typo")
    assert math.isnan(frame.select(["up", "errors"]).value("avg", metric="errors"))  # type: ignore[arg-type]  one number


def test_a_frame_is_looked_through_by_metric(frame: MetricFrame) -> None:
    view = frame.select(["up", "errors", "cpu"])
    assert list(frame) == ["cpu", "up"]
    assert list(view) == ["cpu", "up", "errors"]
    assert "up" in frame
    assert "errors" in view
    assert "errors" not in frame
    assert [frame[metric].shape for metric in frame] == [(60, 2), (60,)]
    assert list(MetricFrame()) == []


def test_times_and_durations_as_pandas_has_them(frame: MetricFrame) -> None:
    start, end = frame.df.index[10], frame.df.index[20]
    assert len(frame.between(start, end)) == len(frame.between(T0 + 10, T0 + 20)) == 11
    assert len(frame.between(end.tz_convert("Europe/Berlin"), end)) == 1
    odd = MetricFrame()
    odd.append("up", {}, 1_750_000_000.123456, 1.0)
    assert len(odd.between(odd.df.index[0], odd.df.index[0])) == 1, "to the microsecond"
    for half in (1_750_000_000.1234565, 1_750_000_000.1234575):
        odd.append("up", {}, half, 1.0)
        assert len(odd.between(half, half)) == 1, "half a microsecond goes where the sample went"
    assert odd.between(-1e30, 1e30).equals(odd.df)
    with pytest.raises(SettingsError, match="no time zone"):
        frame.between(start.tz_localize(None), end)
    assert frame.resample(pd.Timedelta("10s"), "mean").equals(frame.resample("10s", "avg"))
    assert len(frame.select("up", window=timedelta(seconds=5)).df) == len(frame.window("5s").df) == 6
    assert frame.window("1min").value("p90", metric="up") == 1.0


def test_value_is_a_float_for_one_series_and_a_series_for_several(frame: MetricFrame) -> None:
    assert frame.value("last", metric="up") == 1.0
    assert frame.select("cpu", LOKI).value("avg", window="9s") == np.mean(np.arange(50.0, 60.0))
    found = frame.value("max", metric="cpu")
    assert isinstance(found, pd.Series)
    assert found.to_dict() == {("cpu", "loki"): 59.0, ("cpu", "tempo"): 159.0}
    assert math.isnan(MetricFrame().value())
    with pytest.raises(SettingsError, match="p0 to p100"):
        frame.value("median")
    with pytest.raises(SettingsError, match="duration"):
        frame.value("avg", window="soon")


@given(rows=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 50), values), min_size=1, max_size=60))
@settings(max_examples=100, deadline=None)
def test_value_agrees_with_pandas(rows: list[tuple[int, int, float]]) -> None:
    frame = MetricFrame(max_age=None)
    for pod, second, value in rows:
        frame.append("cpu", {"pod": str(pod)}, T0 + second, value)
    long = frame.long
    groups = long.assign(pod=long["pod"].astype("str") if "pod" in long else "").groupby("pod")["value"]
    expected = {
        "avg": groups.mean(),
        "min": groups.min(),
        "max": groups.max(),
        "count": groups.count().astype(float),
        "p50": groups.median(),
    }
    for agg, wanted in expected.items():
        found = frame.value(agg)
        numbers = {pod: n for (_, pod), n in found.items()} if isinstance(found, pd.Series) else {"": found}
        wanted_numbers = wanted.to_dict() if isinstance(found, pd.Series) else {"": wanted.iloc[0]}
        assert set(numbers) == set(wanted_numbers)
        for pod, number in numbers.items():
            if (agg == "p50" and math.isinf(wanted_numbers[pod])) or math.isnan(number):
                continue  # between two infinities pandas and numpy disagree as well
            assert number == pytest.approx(wanted_numbers[pod], nan_ok=True), agg


def test_resample_bins_are_aligned_and_whole() -> None:
    frame = MetricFrame()
    frame.extend("cpu", {}, [T0 + 1, T0 + 4, T0 + 21], [1.0, 3.0, 5.0])
    df = frame.resample("10s")
    assert df.index.tolist() == [pd.Timestamp(T0 + s, unit="s", tz="UTC") for s in (0, 10, 20)]
    np.testing.assert_equal(df["cpu"].to_numpy(), [2.0, np.nan, 5.0])
    assert frame.resample(10, "count")["cpu"].tolist() == [2.0, 0.0, 1.0]
    assert MetricFrame().resample(1).empty


def test_resample_agrees_with_pandas(frame: MetricFrame) -> None:
    for agg, name in (("avg", "mean"), ("max", "max"), ("sum", "sum"), ("last", "last"), ("p50", "median")):
        wanted = getattr(frame.df.resample("7s", origin="epoch"), name)()
        pd.testing.assert_frame_equal(frame.resample(7, agg), wanted, check_freq=False)


def test_rate_and_increase_over_time() -> None:
    frame = MetricFrame()
    frame.extend("requests", {}, T0 + np.arange(6), [0.0, 10.0, 20.0, 3.0, 13.0, 23.0])
    rate, increase = frame.rate("2s")["requests"], frame.increase(2)["requests"]
    np.testing.assert_equal(increase.to_numpy(), [np.nan, 10.0, 20.0, 13.0, 13.0, 20.0])
    np.testing.assert_equal(rate.to_numpy(), [np.nan, 10.0, 10.0, 6.5, 6.5, 10.0])
    assert frame.value("increase") == 43.0
    assert frame.value("rate") == 43.0 / 5


def test_a_bin_of_a_counter_has_the_growth_up_to_each_of_its_samples() -> None:
    frame = MetricFrame()
    frame.extend("requests", {}, T0 + 15 * np.arange(9), 100.0 * np.arange(9))  # T0 is a multiple of 20, not of 30
    assert frame.value("increase") == 800.0
    np.testing.assert_equal(frame.resample("15s", "increase")["requests"].to_numpy(), [math.nan] + [100.0] * 8)
    np.testing.assert_equal(frame.resample("15s", "rate")["requests"].to_numpy(), [math.nan] + [100 / 15] * 8)
    assert frame.resample("30s", "increase")["requests"].sum() == 800.0
    reset = MetricFrame()
    reset.extend("requests", {}, T0 + 10 * np.arange(6), [0.0, 10.0, 20.0, 5.0, 15.0, 25.0])
    np.testing.assert_equal(reset.resample("20s", "increase")["requests"].to_numpy(), [10.0, 15.0, 20.0])
    np.testing.assert_equal(reset.resample("20s", "rate")["requests"].to_numpy(), [1.0, 0.75, 1.0])
    assert reset.value("increase") == 45.0


def test_growth_over_a_gap_is_in_the_bin_of_the_sample_after_it() -> None:
    frame = MetricFrame()
    frame.extend("requests", {}, [T0, T0 + 10, T0 + 60, T0 + 70], [0.0, 10.0, 40.0, 50.0])
    frame.mark_gap(T0 + 10, T0 + 60)
    np.testing.assert_equal(frame.rate("100s")["requests"].iloc[-1], 50 / 70)
    increase, rate = frame.resample(20, "increase")["requests"], frame.resample(20, "rate")["requests"]
    np.testing.assert_equal(increase.to_numpy(), [10.0, math.nan, math.nan, 40.0])
    np.testing.assert_equal(rate.to_numpy(), [1.0, math.nan, math.nan, 40 / 60])


@given(
    rows=st.lists(
        st.tuples(st.integers(0, 2), st.integers(0, 60), st.one_of(st.just(math.nan), st.integers(0, 9).map(float))),
        max_size=40,
    ),
    rule=st.sampled_from([1, 2, 7, 30, 100]),
    window=st.sampled_from([None, 20]),
)
@settings(max_examples=150, deadline=None)
def test_the_growth_in_all_bins_is_that_of_the_whole(
    rows: list[tuple[int, int, float]], rule: int, window: int | None
) -> None:
    frame = MetricFrame(max_age=None)
    for pod, second, value in rows:
        frame.append("requests", {"pod": str(pod)}, T0 + second, value)
    view = frame.select(window=window)
    bins = view.resample(rule, "increase")
    found = np.atleast_1d(view.value("increase")) if rows else []
    np.testing.assert_equal(bins.sum(min_count=1).to_numpy(), found)
    counts, rates = view.resample(rule, "count").to_numpy(), view.resample(rule, "rate").to_numpy()
    assert (np.isnan(rates) == np.isnan(bins.to_numpy())).all()
    assert (counts[~np.isnan(rates)] > 0).all()
    whole = view.resample(1000, "rate").to_numpy()
    if len(whole) == 1:  # all in one bin: as without bins
        np.testing.assert_equal(whole[0], np.atleast_1d(view.value("rate")))


def test_a_series_of_pandas_is_joined_too(frame: MetricFrame) -> None:
    other = (frame["up"] * 2).rename("double")
    joined = frame.select("up").join(other)
    assert joined.columns.tolist() == ["up", "double"]
    assert joined["double"].tolist() == [2.0] * 60
    with pytest.raises(SettingsError, match="a Series is joined under its name, not None"):
        frame.join(other.rename(None))
    for wrong in (5, "up", None, {"up": 1}):
        with pytest.raises(SettingsError, match="a frame is joined with another, not"):
            frame.join(wrong)  # type: ignore[arg-type]  on purpose


def test_join_puts_frames_side_by_side(frame: MetricFrame) -> None:
    other = MetricFrame()
    other.append("mem", {}, T0 + 0.5, 3.0)
    joined = frame.select("up").join(other)
    assert joined.columns.tolist() == ["up", "mem"]
    assert len(joined) == 61
    assert joined["mem"].count() == 1
    with pytest.raises(SettingsError, match="both frames have 'up'"):
        frame.select("up").join(frame.select("up"))
    assert frame.join(other).columns.tolist() == [("cpu", "loki"), ("cpu", "tempo"), ("up", ""), ("mem", "")]
    assert frame.select("up").join(pd.DataFrame({"notes": 1.0}, index=frame.df.index)).shape == (60, 2)


# Changes


def test_version_and_listeners(frame: MetricFrame) -> None:
    heard: list[object] = []

    def broken(holder: object) -> None:
        raise ValueError("no")

    view = frame.select("up")
    view.listen(broken)
    undo = view.listen(heard.append)
    before = frame.version
    frame.append("cpu", LOKI, T0 + 60, 1.0)
    assert heard == [view]
    assert frame.version == view.version == before + 1
    assert frame.listener_errors == 1
    frame.append("cpu", LOKI, T0 + 60, 1.0)
    assert len(heard) == 1, "a repetition changes nothing"
    undo()
    undo()
    frame.append("cpu", LOKI, T0 + 61, 1.0)
    assert len(heard) == 1


def test_many_series_are_one_change(frame: MetricFrame) -> None:
    heard: list[object] = []
    frame.listen(heard.append)
    frame.extend_many([("cpu", {"pod": str(i)}, [T0 + 60], [1.0], "") for i in range(100)])
    assert len(heard) == 1


def test_repr_is_short_and_says_what_is_seen(frame: MetricFrame) -> None:
    assert repr(frame.select("cpu", LOKI)) == f"<MetricFrame cpu, component=loki: version {frame.version}, max_age 600>"


def test_a_cell_shows_the_newest_of_each_series_as_text() -> None:
    frame = MetricFrame(None)
    frame.extend("<b>cpu</b>", {"pod": "<script>"}, [T0, T0 + 1], [1.0, 2.5])
    html = bare(frame._repr_html_())
    assert "<strong>all: 1 series</strong>" in html
    assert "&lt;b&gt;cpu&lt;/b&gt;" in html
    assert "<td>2.5</td><td>2</td>" in html
    assert "<script" not in html
    assert MetricFrame()._repr_html_()


def test_a_stretch_as_a_parquet_file() -> None:
    frame = MetricFrame(None)
    frame.extend("cpu", {"pod": "a"}, [1000.0, 1001.0, 1002.0, 1003.0], [1.0, 2.0, float("nan"), 4.0])
    rows = pd.read_parquet(io.BytesIO(frame.parquet(1001.0, 1002.0)))
    assert rows["pod"].tolist() == ["a", "a"]
    assert rows["time"].tolist() == [pd.Timestamp(t, unit="s", tz="UTC") for t in (1001, 1002)]
    assert rows["value"].isna().tolist() == [False, True]
