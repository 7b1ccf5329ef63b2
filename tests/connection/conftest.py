"""A rig whose end is checked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gunj_widgets.connection.interest import Interest
from gunj_widgets.testing import settle
from tests.connection.rig import MakeRig, Rig


@pytest.fixture
async def rig() -> AsyncIterator[MakeRig]:
    """Make an open rig; all are closed afterwards and must leave no task behind."""
    before = asyncio.all_tasks()
    rigs: list[Rig] = []

    async def make(*interests: Interest, **options: object) -> Rig:
        rigs.append(Rig(**options))  # type: ignore[arg-type]
        return await rigs[-1].open(*interests)

    yield make
    for one in rigs:
        await one.close()
    await settle()
    assert asyncio.all_tasks() - {asyncio.current_task()} <= before
