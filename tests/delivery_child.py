"""A process that delivers an outbox to stdout until it is killed, and is started again."""

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
from bot.platforms.lines import LineWriter
from digest.channel import Channel
from digest.document import Document
from storage import open_store

CHANNEL = Channel(key="console:terminal", platform="console")


class Lines:
    """A platform of lines and nothing else."""

    name = "console"

    def __init__(self, folder: Path) -> None:
        self._writer = LineWriter(1, folder / "state")

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        self._writer.write(key, document.summary.splitlines())
        os.write(2, b".")
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
        return key if self._writer.resume(key, document.summary.splitlines()) else None

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        return (document,)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return nullcontext()


async def main(folder: Path) -> None:
    """Deliver what the outbox in the folder holds, in silence but for the dots."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    async with open_store(str(folder / "paperboy.db")) as store:
        await deliver(CHANNEL, store=store, platform=Lines(folder), clock=lambda: datetime.now(UTC))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
