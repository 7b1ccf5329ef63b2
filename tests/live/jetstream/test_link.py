"""A link to a real nats-server that dies."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gunj_widgets.settings import Settings
from gunj_widgets.sources.jetstream.link import Link
from gunj_widgets.sources.source import Source
from tests.live.jetstream.servers import NatsServer


@pytest.mark.parametrize("writing", [False, True])
async def test_a_link_ends_with_its_server_also_while_something_was_to_be_written(
    tmp_path: Path, writing: bool
) -> None:
    async def take(_: object) -> None:
        pass

    this = asyncio.current_task()
    assert this is not None
    with NatsServer(tmp_path / "nats") as server:
        link = await Link.open(Source(url=server.url), Settings.load(), None)
        await link.answer("a.subject", "queue", take)
        await link._client.flush()
        others = asyncio.all_tasks() - {this}
        if writing:  # nats-py then writes once more when the connection is gone, and forgets all else where that fails

            async def drain() -> None:
                raise ConnectionResetError("Connection lost")

            link._client._transport.drain = drain
            link._client._pending, link._client._pending_data_size = [b"PING\r\n"], 6
        server.kill()
        await asyncio.wait_for(link.ended.wait(), 3)
        await link.close()
        await asyncio.wait(others, timeout=3)
        assert asyncio.all_tasks() == {this}
        assert link._client._transport._io_writer.is_closing()
