"""Serves a few pages on a port of this machine, without the 9 MB that a web framework takes.

GET and HEAD only, one request a connection, no request bodies. Requests from outside, which platforms send,
are taken by `bot.web`; it serves the same pages then.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus

import structlog

from bot.values import parse_listen

_LARGEST_HEAD = 8 * 1024  # bytes of a request's line and headers
_PATIENCE = 5.0  # seconds for a request to arrive, and for its answer to be taken
_AT_ONCE = 32
_NOT_OURS = (
    "Take an address of this machine: HTTP_LISTEN=127.0.0.1:8080, or HTTP_LISTEN=0.0.0.0:8080 for all it has."
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What a GET is answered with."""

    status: int = 200
    body: bytes
    content_type: str = "text/plain; charset=utf-8"


Pages = Mapping[str, Callable[[], Awaitable[Page]]]


async def page_at(path: str, pages: Pages) -> Page:
    """The page of a path; one that breaks, or is none, as an error of HTTP."""
    make = pages.get(path)
    if make is None:
        return Page(status=404, body=f"Not here; try {', '.join(sorted(pages))}.\n".encode())
    try:
        return await make()
    except Exception:
        log.exception("page broke", path=path)
        return Page(status=500, body=b"This page is broken; the log says why.\n")


def unheard(error: OSError) -> tuple[str, str]:
    """Why an address of HTTP_LISTEN cannot be listened at, and what to do."""
    if isinstance(error, socket.gaierror):
        return error.strerror or str(error), _NOT_OURS
    why = os.strerror(error.errno) if error.errno else str(error)
    match error.errno:
        case errno.EADDRINUSE:
            return why, "Stop the program that has it, or take another port: HTTP_LISTEN=127.0.0.1:8081."
        case errno.EACCES | errno.EPERM:
            return why, "Take a port from 1024 on, which needs no rights: HTTP_LISTEN=127.0.0.1:8080."
        case errno.EADDRNOTAVAIL | errno.EAFNOSUPPORT | None:
            return why, _NOT_OURS
    return why, "Take another address: HTTP_LISTEN=127.0.0.1:8080."


class Listener:
    """Serves pages at an address ("127.0.0.1:8080") from `start` to `close`."""

    def __init__(self, listen: str, pages: Pages) -> None:
        self._host, self._port = parse_listen(listen)
        self._pages = pages
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where it listens, once started."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    async def start(self) -> None:
        """Begin to listen. Raises `OSError` where the address cannot be had."""
        self._server = await asyncio.start_server(
            self._connected, self._host, self._port, limit=_LARGEST_HEAD
        )

    async def close(self) -> None:
        """Stop listening, and leave what is being answered."""
        if self._server is not None:
            self._server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)
            await self._server.wait_closed()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            if len(self._serving) <= _AT_ONCE:
                async with asyncio.timeout(_PATIENCE):
                    await self._serve(reader, writer)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # whoever asked has left, or takes too long
        finally:
            self._serving.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            await _answer(writer, Page(status=431, body=b"That is too long.\n"))
        else:
            method, _, rest = head.split(b"\r\n", 1)[0].decode("latin-1").partition(" ")
            await _answer(writer, await self._page(method, rest), bare=method == "HEAD")

    async def _page(self, method: str, rest: str) -> Page:
        target, _, protocol = rest.rpartition(" ")
        if not protocol.startswith("HTTP/1.") or not target.startswith("/"):
            return Page(status=400, body=b"That is not HTTP.\n")
        if method not in ("GET", "HEAD"):
            return Page(status=405, body=b"These pages are for reading.\n")
        return await page_at(target.partition("?")[0], self._pages)


async def _answer(writer: asyncio.StreamWriter, page: Page, *, bare: bool = False) -> None:
    head = (
        f"HTTP/1.1 {page.status} {HTTPStatus(page.status).phrase}\r\n"
        f"Content-Type: {page.content_type}\r\nContent-Length: {len(page.body)}\r\n"
        "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode("latin-1") + (b"" if bare else page.body))
    await writer.drain()
