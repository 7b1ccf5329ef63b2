"""What a key names."""

from __future__ import annotations

import ipywidgets

from gunj_widgets.widgets.keys import take_place


def test_the_newest_of_a_name_is_told_who_was_before() -> None:
    first, second, third = ipywidgets.HTML(), ipywidgets.HTML(), ipywidgets.HTML()
    assert take_place(("html", 1), first) is None
    assert take_place(("html", 2), second) is None
    assert take_place(("html", 1), second) is first
    second.close()
    assert take_place(("html", 1), third) is None, "one that is closed has no place to give"
    for made in (first, third):
        made.close()
