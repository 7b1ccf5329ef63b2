"""A refusal reads alike everywhere."""

from __future__ import annotations

from gunj_widgets.demo.refused import RefusedError
from gunj_widgets.errors import GunjError


def test_it_is_one_of_our_errors_and_a_rest_body() -> None:
    error = RefusedError("there is no x", "There is y.", code="not_found", status=404)
    assert isinstance(error, GunjError)
    assert str(error) == "there is no x. There is y."
    assert error.body == {"error": {"code": "not_found", "message": "there is no x. There is y."}}
    assert (RefusedError("no").status, RefusedError("no").code) == (400, "bad_request")
