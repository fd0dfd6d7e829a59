"""One connection of Socket Mode, kept up whatever happens to it.

The SDK's client reconnects by itself, but tries the URL of a connection for ever whose ticket has expired,
and a wrong token as long. So each connection here has a client of its own, which ends when the connection
does, and a watch that makes the next one with a new URL.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import aiohttp
import structlog
from slack_bolt.adapter.socket_mode.async_internals import run_async_bolt_app, send_async_response
from slack_bolt.async_app import AsyncApp
from slack_sdk.socket_mode.aiohttp import SocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.web.async_client import AsyncWebClient

from bot.platforms.slack.calls import quiet
from digest.errors import PaperboyError, PlatformError, PlatformUnavailable

log = structlog.get_logger(__name__)

NewUrl = Callable[[], Awaitable[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """All in seconds. A dead peer is noticed within one and a half `ping`s.

    `handshake` + `longest` is the most that commands wait once Slack is back.
    """

    handshake: float = 10.0
    ping: float = 5.0
    look: float = 0.5  # between looks at the connection
    first: float = 1.0  # before the second attempt
    longest: float = 15.0  # between attempts
    steady: float = 10.0  # a connection that lived so long was a good one
    flaps: int = 3  # connections that ended sooner lengthen the pauses, up to so many of them
    linger: float = 15.0  # for a connection that is replaced
    minute: float = 60.0  # between looks at whether a refused token is taken again
    goodbye: float = 1.0  # for acknowledgements and the closing handshake


class _Link(SocketModeClient):
    """One connection: it is tried once, and tells `ended` instead of making another."""

    def __init__(self, url: str, *, client: AsyncWebClient, ping: float) -> None:
        super().__init__(app_token="", web_client=client, logger=quiet, ping_interval=ping)
        self.proxy = None  # it takes one from the environment when it is made
        self.wss_uri = url
        self.ended = asyncio.Event()
        self.is_replaced = False  # Slack asked for a new one, and this one still works

    async def connect(self) -> None:
        """Make the connection, or raise."""
        self.current_session = await self.aiohttp_client_session.ws_connect(
            str(self.wss_uri), autoping=False, heartbeat=self.ping_interval, proxy=None
        )
        self.current_session_monitor = asyncio.ensure_future(self.monitor_current_session())
        self.message_receiver = asyncio.ensure_future(self.receive_messages())

    async def connect_to_new_endpoint(self, force: bool = False) -> None:
        """What the SDK calls at a `disconnect` frame (with `force`), a close, or when pings stay away."""
        self.is_replaced = force
        self.ended.set()

    async def dispose(self, within: float) -> None:
        """Close the connection, and end all that belongs to it."""
        self.closed = True
        self.auto_reconnect_enabled = False
        with contextlib.suppress(Exception):
            async with asyncio.timeout(within):
                await self.disconnect()  # type: ignore[no-untyped-call]
        tasks = [self.message_processor, self.current_session_monitor, self.message_receiver]
        ending = [task for task in tasks if task is not None]
        for task in ending:
            task.cancel()
        await asyncio.gather(*ending, return_exceptions=True)
        await self.aiohttp_client_session.close()


class Socket:
    """Gives what comes over the socket to the app, from `start` to `stop`."""

    def __init__(
        self,
        app: AsyncApp,
        *,
        client: AsyncWebClient,
        new_url: NewUrl,
        timing: Timing | None = None,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._app = app
        self._client = client
        self._new_url = new_url
        self._timing = timing or Timing()
        self._jitter = jitter
        self._link: _Link | None = None
        self._watch: asyncio.Task[None] | None = None
        self._farewells: set[asyncio.Task[None]] = set()
        self._in_hand = 0
        self._nothing_in_hand = asyncio.Event()
        self._nothing_in_hand.set()
        self._stopping = asyncio.Event()
        self.connected = asyncio.Event()

    async def start(self) -> None:
        """Connect, or go on trying. Raises `PlatformError` where Slack refuses the token for good."""
        try:
            await self._connect()
        except PlatformError:
            raise
        except _FAILURES as error:
            log.warning("slack socket not connected", error=_told(error), retry_in=self._timing.first)
        self._watch = asyncio.create_task(self._keep(), name="slack socket")

    async def stop(self) -> None:
        """Take no more, let what is in hand be acknowledged, and close."""
        self._stopping.set()
        if self._watch is not None:
            self._watch.cancel()
            await asyncio.gather(self._watch, return_exceptions=True)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._nothing_in_hand.wait(), self._timing.goodbye)
        self._leave()
        await asyncio.gather(*self._farewells)

    async def _keep(self) -> None:
        """Watch the connection and make a new one whenever it ends."""
        flaps = 0
        while True:
            link = self._link
            is_steady = link is not None and await self._until_ended(link) >= self._timing.steady
            flaps = 0 if is_steady else min(flaps + 1, self._timing.flaps)
            if link is not None and not link.is_replaced:
                self._leave()
            await self._again(flaps)

    async def _again(self, flaps: int) -> None:
        """Try until there is a connection, after so many that did not last.

        Those and the failed attempts are not added up: an outage would start with the longest pause.
        """
        attempts = 0
        while True:
            if failures := max(flaps, attempts):
                await asyncio.sleep(self._pause(failures))
            try:
                await self._connect()
            except (PlatformError, *_FAILURES) as error:
                attempts += 1
                asked = error.retry_after if isinstance(error, PlatformUnavailable) else None
                if attempts in (1, 5) or attempts % 20 == 0:
                    log.warning("slack socket not connected", error=_told(error), attempts=attempts)
                if asked:
                    await asyncio.sleep(min(asked, self._timing.longest))
            else:
                return

    def _pause(self, failures: int) -> float:
        pause = min(self._timing.first * 2.0 ** (failures - 1), self._timing.longest)
        return pause * (0.5 + self._jitter() / 2)

    async def _connect(self) -> None:
        """One attempt at a connection, with a URL of its own, in place of the one there is."""
        async with asyncio.timeout(self._timing.handshake):
            link = _Link(await self._new_url(), client=self._client, ping=self._timing.ping)
            link.socket_mode_request_listeners.append(self._handle)  # type: ignore[arg-type]
            try:
                await link.connect()
            except BaseException:
                await asyncio.shield(link.dispose(self._timing.goodbye))
                raise
        self._leave()
        self._link = link
        self.connected.set()
        log.info("slack socket connected")

    async def _until_ended(self, link: _Link) -> float:
        """Wait for the connection's end; how long that took, in seconds."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        while not link.ended.is_set() and await link.is_connected():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(link.ended.wait(), self._timing.look)
        log.info("slack socket ended", asked_by_slack=link.is_replaced)
        return loop.time() - began

    def _leave(self) -> None:
        """Close the connection there is, when what it brought is acknowledged."""
        link, self._link = self._link, None
        self.connected.clear()
        if link is not None:
            task = asyncio.create_task(self._farewell(link), name="slack socket farewell")
            self._farewells.add(task)
            task.add_done_callback(self._farewells.discard)

    async def _farewell(self, link: _Link) -> None:
        """Close a connection; one that Slack wanted replaced brings what is under way until Slack ends it."""
        if link.is_replaced:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._timing.linger):
                    await self._outlived(link)
        await link.dispose(self._timing.goodbye)

    async def _outlived(self, link: _Link) -> None:
        while await link.is_connected() and not self._stopping.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), self._timing.look)

    async def _handle(self, link: _Link, request: SocketModeRequest) -> None:
        if self._stopping.is_set():
            return  # not acknowledged: Slack brings events again
        self._in_hand += 1
        self._nothing_in_hand.clear()
        try:
            response = await run_async_bolt_app(self._app, request)
            with contextlib.suppress(ConnectionError, aiohttp.ClientError, AttributeError):
                # If the link has gone Slack sends it again, and we know that we heard it.
                await send_async_response(link, request, response, 0.0)
        finally:
            self._in_hand -= 1
            if not self._in_hand:
                self._nothing_in_hand.set()


_FAILURES = (PaperboyError, aiohttp.ClientError, OSError, TimeoutError, ValueError)


def _told(error: BaseException) -> str:
    if isinstance(error, aiohttp.WSServerHandshakeError):
        return f"Slack refused the connection (HTTP {error.status})."
    return str(error) or type(error).__name__
