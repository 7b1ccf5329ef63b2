"""What real servers answered, and what they might: read, or said in words."""

from __future__ import annotations

import json
from math import inf, isnan
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gunj_widgets.errors import RemoteProtocolError
from gunj_widgets.sources.prometheus.replies import decode, decode_data, refusal
from tests.sources.fake import recorded, success


def answer(result: Any, kind: str = "matrix", **more: Any) -> Any:
    return decode(json.dumps(success(result, kind, **more)[1]).encode())


def real(name: str) -> bytes:
    return json.dumps(recorded("prometheus", name)[1]).encode()


def test_scalars_and_strings() -> None:
    scalar = decode(real("query_scalar"))
    assert (scalar.kind, scalar.columns[0].values.tolist(), scalar.columns[0].labels) == ("scalar", [1.0], {})
    assert decode(real("query_string")).text == "a"


def test_special_floats() -> None:
    values = {c.labels.get("k", ""): c.values[0] for c in decode(real("query_special_floats")).columns}
    assert isnan(values["nan"])
    assert (values["inf"], values["ninf"]) == (inf, -inf)


def test_raw_windows_keep_their_times() -> None:
    column = decode(real("query_raw_window")).columns[0]
    assert len(column.times) > 1
    assert any(time % 1 for time in column.times)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=20))
def test_floats_are_read_bit_for_bit(values: list[float]) -> None:
    points = [[i + 0.25, repr(v).replace("inf", "Inf")] for i, v in enumerate(values)]
    found = answer([{"metric": {}, "values": points}]).columns[0]
    assert found.values.tolist() == values
    assert found.times.tolist() == [i + 0.25 for i in range(len(values))]


def test_native_histograms_become_count_sum_and_buckets() -> None:
    shape = {"count": "5", "sum": "7.5", "buckets": [[0, "1", "2", "3"], [0, "0.5", "1", "2"]]}
    found = answer(
        [{"metric": {"__name__": "h", "job": "a"}, "histograms": [[1, shape], [2, {"count": "0", "sum": "0"}]]}]
    )
    assert found.histograms == 2
    columns = {(c.labels["__name__"], c.labels.get("le")): c.values.tolist() for c in found.columns}
    assert columns["h_count", None] == [5.0, 0.0]
    assert columns["h_sum", None] == [7.5, 0.0]
    assert columns["h_bucket", "1"][0] == 2.0
    assert columns["h_bucket", "2"][0] == 5.0


def test_warnings_and_infos_are_notes() -> None:
    assert answer([], warnings=["w"], infos=["i"]).notes == ("w", "i")


@pytest.mark.parametrize(
    "body", [b"", b"404 page not found", b"<html>", b"[]", b'{"status":"success","data":{}}', b"[" * 5000]
)
def test_what_is_no_answer(body: bytes) -> None:
    with pytest.raises(RemoteProtocolError):
        decode(body)
    with pytest.raises(RemoteProtocolError):
        decode_data(body if body.startswith(b"[") or not body.startswith(b"{") else b"{}")


def test_a_parse_error_points_at_the_character() -> None:
    status, body = recorded("prometheus", "err_parse")
    error = refusal(status, json.dumps(body).encode(), "up{")
    assert error.position == 3
    assert "‘up{⟨here⟩’" in error.problem
    assert "unexpected end of input" in error.problem


def test_an_error_on_a_later_line_points_there() -> None:
    body = json.dumps({"status": "error", "errorType": "bad_data", "error": "2:3: parse error: unexpected"}).encode()
    assert "‘up\\n+ ⟨here⟩)’" in repr(refusal(400, body, "up\n+ )").problem)


@pytest.mark.parametrize(
    ("name", "remedy"),
    [("err_exec", "on(...)"), ("err_timeout", "Narrow the query"), ("err_11000", "longer step")],
)
def test_refusals_have_a_remedy(name: str, remedy: str) -> None:
    status, body = recorded("prometheus", name)
    error = refusal(status, json.dumps(body).encode(), "up")
    assert error.status == status
    assert remedy in error.remedy


def test_plain_text_is_quoted() -> None:
    assert "404 page not found" in str(refusal(404, b"404 page not found\n", "up"))
    assert "Prometheus answered 500" in str(refusal(500, b"", "up"))
    assert len(refusal(500, b"x" * 10_000, "up").problem) < 500
