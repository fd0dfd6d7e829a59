"""Ada, Bob and a bot of the real client library on the loopback Telegram."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from telegram import Bot, InlineKeyboardButton
from telegram import InlineKeyboardMarkup as Markup
from telegram.error import BadRequest, TelegramError
from telegram.request import HTTPXRequest

from bot.demo.telegram_model import Chat, Message
from bot.demo.telegram_server import TOKEN, TelegramServer
from tests.peers.arxiv import FakeTime
from tests.peers.telegram import Limits, Telegram

MORNING = datetime(2026, 6, 30, 13, tzinfo=UTC)
UNLIMITED = Limits(gap=0, per_minute=10**9, per_second=10**9)


def bot_of(telegram: TelegramServer, *, token: str = TOKEN, read_timeout: float = 5) -> Bot:
    """The real client library, pointed at the loopback server."""
    # Certificates take longer to load than most tests to run, and nothing here is encrypted.
    plain = {"read_timeout": read_timeout, "httpx_kwargs": {"verify": False}}
    base = {"base_url": f"{telegram.url}/bot", "base_file_url": f"{telegram.url}/file/bot"}
    requests = {
        "request": HTTPXRequest(**plain),
        "get_updates_request": HTTPXRequest(**plain),
    }
    return Bot(token, **base, **requests)  # type: ignore[arg-type]


class Scene:
    """A Telegram without limits, Ada, and a bot."""

    def __init__(self, telegram: Telegram, bot: Bot, time: FakeTime) -> None:
        self.telegram = telegram
        self.bot = bot
        self.time = time
        self.ada = telegram.person("Ada", username="ada_l", language="en")
        self.bob = telegram.person("Bob", username="bob_b", language="zh-hans")
        self.private = telegram.private(self.ada)

    async def says(self, html: str, chat: Chat | None = None, **more: Any) -> Message:
        """A message of the bot as people see it."""
        chat = chat or self.private
        sent = await self.bot.send_message(chat.id, html, parse_mode="HTML", **more)
        return chat.messages[sent.message_id]

    async def updates(self, **how: Any) -> list[dict[str, Any]]:
        """What the bot is told, confirmed at once."""
        fetched = await self.bot.get_updates(timeout=0, **how)
        if fetched:
            await self.bot.get_updates(offset=fetched[-1].update_id + 1, timeout=0)
        return [json.loads(each.to_json()) for each in fetched]


@asynccontextmanager
async def opened(limits: Limits = UNLIMITED) -> AsyncIterator[Scene]:
    """A scene on fake time; every call in it must be as the specification says."""
    time = FakeTime(MORNING)
    async with Telegram(clock=time.clock, limits=limits) as telegram, bot_of(telegram) as bot:
        yield Scene(telegram, bot, time)
    assert telegram.violations == []


def keyboard(*labels: str, data: str = "") -> Markup:
    """One row of buttons, whose data are their labels in lower case unless given."""
    return Markup([[InlineKeyboardButton(each, callback_data=data or each.lower()) for each in labels]])


async def refused(scene: Scene, call: Awaitable[object], kind: type[TelegramError] = BadRequest) -> str:
    """What the server says against a call, in its own letters, without "Bad Request: "."""
    with pytest.raises(kind) as error:
        await call
    assert type(error.value) is kind
    return scene.telegram.calls[-1].description.removeprefix("Bad Request: ")
