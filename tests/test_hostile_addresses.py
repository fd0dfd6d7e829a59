"""No address that anybody types, redirects to or puts into a feed is asked, but arXiv's own."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.chaos.figures import table
from tests.hostile_world import addresses
from tests.hostile_world.connections import canary, watched


async def test_no_address_but_arxivs_is_asked(tmp_path: Path) -> None:
    found = await asyncio.to_thread(lambda: list(addresses.run(tmp_path)))
    assert all(each.ok for each in found), table(found)


async def test_the_watch_sees_a_connection_that_is_made() -> None:
    async with canary() as (port, asked):
        with watched() as seen:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(b"tweet")
            await reader.read()
            writer.close()
            await writer.wait_closed()

    assert (seen.addresses, asked) == ([("127.0.0.1", port)], [b"tweet"])
