"""Which widget shows which object."""

from __future__ import annotations

import pytest

from gunj_widgets.widgets.views import view_of


def test_only_objects_of_a_session_have_a_view() -> None:
    class Other:
        pass

    with pytest.raises(KeyError):
        view_of(Other())
