"""Alive: neither pickled nor copied, and told what to take instead. Of handles: tests/session/test_handles.py."""

from __future__ import annotations

import copy
import pickle

import pytest

from gunj_widgets.errors import SettingsError
from gunj_widgets.events.alive import Alive
from gunj_widgets.routing.router import EventRouter
from gunj_widgets.store.frames import MetricFrame
from gunj_widgets.store.logs import LogBuffer
from gunj_widgets.store.notes import NoteBook


@pytest.mark.parametrize("kind", [EventRouter, LogBuffer, MetricFrame, NoteBook])
def test_what_other_threads_write_to_is_not_copied(kind: type[Alive]) -> None:
    for copier in (pickle.dumps, copy.deepcopy):
        with pytest.raises(SettingsError, match=rf"{kind.__name__} lives in this kernel.*\.df"):
            copier(kind())
    assert isinstance(copy.copy(kind()), kind)
