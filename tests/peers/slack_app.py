"""A real bolt app that records what it hears, to try the loopback Slack with."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp
from slack_sdk.web.async_client import AsyncWebClient

from bot.demo.slack_server import SlackServer

logging.getLogger("slack_bolt").setLevel(logging.CRITICAL)
logging.getLogger("slack_sdk").setLevel(logging.CRITICAL)


class App:
    """A bolt app that records what it hears and acknowledges it."""

    def __init__(self, slack: SlackServer) -> None:
        self.client = AsyncWebClient(token=slack.bot_token, base_url=slack.url, retry_handlers=[])
        self.bolt = AsyncApp(client=self.client)
        self.heard: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {}
        self.silent = 0
        self.bolt.command("/subscribe")(self._listen)
        self.bolt.action(re.compile(".*"))(self._listen)
        self.bolt.view("settings")(self._listen)
        for event in ("message", "app_mention", "app_home_opened", "reaction_added", "channel_archive"):
            self.bolt.event(event)(self._listen)
        self.bolt.event("member_joined_channel")(self._listen)

    async def _listen(self, ack: Callable[..., Awaitable[None]], body: dict[str, Any]) -> None:
        self.heard.append(body)
        if self.silent:
            self.silent -= 1
            await asyncio.sleep(3600)
        await ack(**self.answer)

    def events(self) -> list[str]:
        return [body["event"]["type"] for body in self.heard if "event" in body]

    @asynccontextmanager
    async def connected(self, token: str, *, ping: float = 0.2) -> AsyncIterator[AsyncSocketModeHandler]:
        handler = AsyncSocketModeHandler(self.bolt, token, ping_interval=ping)
        await asyncio.wait_for(handler.connect_async(), 5)
        try:
            yield handler
        finally:
            await handler.close_async()
            await asyncio.sleep(0)


async def until(condition: Callable[[], object], within: float = 5.0) -> None:
    end = time.monotonic() + within
    while not condition():
        assert time.monotonic() < end, "it never came"
        await asyncio.sleep(0.01)
