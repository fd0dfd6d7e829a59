"""The web server for platforms that are told of things by HTTP requests.

It stands behind somebody's TLS, takes small bodies only, and knows nothing of what it serves. Where requests
come, the pages of `bot.watch` are served here too.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiohttp import web

from bot.values import parse_listen
from bot.watch.listener import Pages, page_at, unheard
from digest.errors import PlatformError

LARGEST_BODY = 1024 * 1024  # bytes; Slack's and Telegram's requests have some thousand
_READING = 10.0  # seconds for a body to arrive

Handler = Callable[[web.Request, bytes], Awaitable[web.Response]]

_open: dict[tuple[int, str], tuple[WebServer, int]] = {}  # by loop and address, with the number of users


class WebServer:
    """Takes POST requests at an address ("127.0.0.1:8080") and gives each to the handler of its path."""

    def __init__(self, listen: str) -> None:
        self._host, self._port = parse_listen(listen)
        self._handlers: dict[str, Handler] = {}
        self._pages: Pages = {}
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it listens, once started: "http://127.0.0.1:8080"."""
        assert self._runner is not None
        host, port = self._runner.addresses[0][:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def on_post(self, path: str, handler: Handler) -> None:
        """Give the POST requests of a path to a handler, from now on; it gets the whole body."""
        self._handlers[path] = handler

    def on_get(self, pages: Pages) -> None:
        """Serve these pages by their paths, from now on."""
        self._pages = pages

    async def start(self) -> None:
        """Begin to listen, unless it does. Raises `PlatformError` where the address cannot be had."""
        if self._runner is not None:
            return
        app = web.Application(client_max_size=LARGEST_BODY)
        app.router.add_route("*", "/{path:.*}", self._answer)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            why, advice = unheard(error)
            raise PlatformError(
                f"HTTP_LISTEN={self._host}:{self._port} cannot be listened at: {why}. {advice}"
            ) from error
        self._runner = runner

    async def close(self) -> None:
        """Stop listening, when the requests in hand are answered."""
        if self._runner is not None:
            runner, self._runner = self._runner, None
            await runner.cleanup()

    async def _answer(self, request: web.Request) -> web.Response:
        handler = self._handlers.get(request.path)
        if handler is None:
            return await self._page(request)
        if request.method != "POST":
            return web.Response(status=405, headers={"Allow": "POST"})
        try:
            async with asyncio.timeout(_READING):
                body = await request.read()  # raises 413 above `LARGEST_BODY`
        except TimeoutError:
            return web.Response(status=408)
        return await handler(request, body)

    async def _page(self, request: web.Request) -> web.Response:
        if request.path not in self._pages:
            return web.Response(status=404)
        if request.method not in ("GET", "HEAD"):
            return web.Response(status=405, headers={"Allow": "GET, HEAD"})
        page = await page_at(request.path, self._pages)
        headers = {"Content-Type": page.content_type, "Cache-Control": "no-store"}
        return web.Response(status=page.status, body=page.body, headers=headers)


@asynccontextmanager
async def web_server(listen: str) -> AsyncIterator[WebServer]:
    """The server of an address, the same for all who have it open at once; closed after the last of them.

    It listens from the first `start` on.
    """
    name = (id(asyncio.get_running_loop()), listen)
    server, users = _open.get(name, (WebServer(listen), 0))
    _open[name] = (server, users + 1)
    try:
        yield server
    finally:
        server, users = _open.pop(name)
        if users > 1:
            _open[name] = (server, users - 1)
        else:
            await server.close()
