"""Every connection and every name that this process asks for, as the interpreter itself tells it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Seen:
    """Where to it connected, and the names it looked up."""

    addresses: list[tuple[str, int]] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


_watching: list[Seen] = []
_hooked = False


@contextmanager
def watched() -> Iterator[Seen]:
    """See all connections until the block ends."""
    global _hooked  # a hook of the interpreter stays for good
    if not _hooked:
        sys.addaudithook(_hook)
        _hooked = True
    seen = Seen()
    _watching.append(seen)
    try:
        yield seen
    finally:
        _watching.remove(seen)


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if not _watching:
        return
    if event in ("socket.connect", "socket.sendto") and isinstance(arguments[1], tuple):
        for seen in _watching:
            seen.addresses.append((str(arguments[1][0]), int(arguments[1][1])))
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        for seen in _watching:
            seen.names.append(str(arguments[0]))


@asynccontextmanager
async def canary() -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on this machine that nobody has a reason to ask: its port, and what it was asked."""
    asked: list[bytes] = []

    async def sing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(200))
        writer.close()

    server = await asyncio.start_server(sing, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1], asked
