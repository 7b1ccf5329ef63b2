"""What the security tests share: an operator, a client, a CA."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from gunj_widgets.demo.operator import Operator
from gunj_widgets.session.connect import close_all
from tests.live.security.peers import Authority, Front

CANARY = "canary-7f3a9b2c5d1e4f60-token"
"""The demo operator's own token in these tests: wherever this is found, a secret has got out."""


@pytest.fixture(scope="session")
def operator() -> Iterator[Operator]:
    with Operator(seed=11, token=CANARY) as running:
        yield running


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    close_all()


@pytest.fixture
def front(operator: Operator, authority: Authority) -> Iterator[Callable[..., Front]]:
    """Put TLS in front of the operator: `front("DNS:name", …)`."""
    made: list[Front] = []

    def make(*names: str) -> Front:
        made.append(Front(operator.url, authority.context(*names)))
        return made[-1]

    yield make
    for one in made:
        one.__exit__()
