"""One stack of real servers for all tests of this folder that do not break it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import gunj_widgets as gunj
from gunj_widgets.session.session import Session
from tests.live.sources.servers import Stack


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    folder: Path = tmp_path_factory.mktemp("stack")
    made = Stack(folder)
    yield made
    made.close()


@pytest.fixture
def rt(stack: Stack) -> Iterator[Session]:
    session = gunj.connect(prometheus=stack.prometheus.url, alertmanager=stack.alertmanager.url)
    yield session
    gunj.close_all()
