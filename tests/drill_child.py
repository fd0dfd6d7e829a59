"""A process that delivers many channels' outboxes into a file of messages until it is killed or done."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import AbstractAsyncContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path

import structlog

from bot.delivery import deliver
from digest.channel import Channel
from digest.document import Document
from storage import open_store


class Wall:
    """A platform where every message is a line that all can read back."""

    name = "wall"

    def __init__(self, path: Path) -> None:
        self._path = path
        self._posts = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        self._there = set(path.read_text().split())

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        os.write(self._posts, f"{key}\n".encode())
        return key

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        return key if key in self._there else None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        return (document,)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def main(folder: Path) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    platform = Wall(folder / "wall")
    async with open_store(str(folder / "paperboy.db")) as store:
        for channel in await store.channels():
            await deliver(channel, store=store, platform=platform, clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
