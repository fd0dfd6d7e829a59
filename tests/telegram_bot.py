"""A whole Paperboy on the loopback Telegram, with a loopback arXiv, real SQLite and the real engine.

async with TelegramBot(tmp_path) as bot:
    ada = bot.telegram.person("Ada")
    chat = bot.telegram.private(ada)
    await bot.says(chat, ada, "/subscribe vla")
    assert "vla" in bot.last(chat).text

Time stands still but for what is waited for, so that limits and pauses cost a test nothing.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.config import Settings, load
from bot.demo.telegram_model import Chat, Message, Person, Query
from bot.first_channel import first_channel
from bot.parts import Parts
from bot.platforms.telegram.platform import open_telegram
from bot.works import open_works
from digest.channel import Channel
from digest.people import Incoming
from tests.peers.arxiv import Arxiv, FakeTime
from tests.peers.telegram import Telegram

MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)


class VirtualTime(FakeTime):
    """A clock that moves when somebody sleeps; others have their turn before that."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        await super().sleep(max(seconds, 0.001))  # a datetime knows nothing shorter than a microsecond


class TelegramBot:
    """A bot, and the Telegram and the arXiv that it lives with. `settings` are those of `Settings`."""

    def __init__(self, folder: Path, *, foreign: float = 0.0, seed: int = 0, **settings: Any) -> None:
        self.folder = folder
        self.time = VirtualTime(datetime(TUESDAY.year, TUESDAY.month, TUESDAY.day, 13, tzinfo=UTC))
        self.arxiv = Arxiv(time=self.time)
        self.telegram = Telegram(clock=self.time.clock, foreign=foreign, seed=seed)
        self._changes = settings
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.arxiv)
            await stack.enter_async_context(self.telegram)
            self._bot = await stack.enter_async_context(AsyncExitStack())
            await self.start()
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.__aexit__(kind, error, trace)
        assert kind is not None or not self.telegram.violations, self.telegram.violations

    async def start(self) -> None:
        """As `Works.connect`, but that it is known what was heard."""
        parts = Parts(self.settings(), clock=self.time.clock, sleep=self.time.sleep)
        self.parts = await self._bot.enter_async_context(parts)
        self.platform = await self._bot.enter_async_context(open_telegram(parts.settings, parts))
        works = await self._bot.enter_async_context(open_works(parts, {"telegram": self.platform}))
        self.engine, self.reconcile, self.answering = works.engine, works.reconcile, works.answering
        self.heard: list[Incoming] = []
        await self.platform.start(self._hear)
        place = await self.platform.first_place()
        if place is not None:
            await first_channel(parts, parts.settings, platform="telegram", place=place)
        await self.answering.take_up()

    async def _hear(self, incoming: Incoming) -> bool:
        fresh = await self.answering.hear(incoming)
        self.heard += [incoming] if fresh else []
        return fresh

    async def stop(self) -> None:
        """End the process in good order."""
        await self._bot.aclose()

    async def restart(self, **settings: Any) -> None:
        """Stop the process and start it again on the same folder, maybe with other settings."""
        await self.stop()
        self._changes |= settings
        await self.start()

    def settings(self) -> Settings:
        values: dict[str, Any] = {
            "platform": "telegram",
            "store": f"sqlite:///{self.folder}/paperboy.db",
            "report_dir": self.folder / "reports",
            "categories": ("cs.CV", "cs.RO"),
            "keywords": (),
            "timezone": "UTC",
            "digest_at": "12:00",
            "digest_days": "daily",
            "arxiv_rss_url": self.arxiv.url,
            "arxiv_api_url": self.arxiv.url,
            "arxiv_url": self.arxiv.url,
            "arxiv_feed_gap": 0,
            "arxiv_page_gap": 0,
            "telegram_bot_token": self.telegram.token,
            "telegram_api_url": self.telegram.url,
        }
        return load(_env_file=None, **(values | self._changes))

    # What people do

    async def says(
        self, chat: Chat, person: Person, text: str, *, topic: int = 0, reply_to: Message | None = None
    ) -> Message:
        """Say something, and wait until the bot has answered what it answers; the message."""
        said = await self.telegram.says(chat, person, text, topic=topic, reply_to=reply_to)
        await self.settled()
        return said

    async def presses(self, message: Message, button: str, person: Person) -> Query:
        """Press a button, and wait as `says` does; what became of the press."""
        query = await self.telegram.presses(message, button, person)
        await self.settled()
        return self.telegram.queries[query.id]

    async def settled(self) -> None:
        """Wait until every update is taken and all that follows from it is done."""
        for _ in range(2):
            await self.telegram.until(lambda: not self.telegram.updates.pending)
            await self.engine.idle()
        await asyncio.sleep(0.02)  # presses are ended in the background

    async def next_morning(self, *, days: int = 1) -> None:
        """Go to the same hour some days later, and let the bot do what is due."""
        self.time.now += timedelta(days=days)
        await self.morning()

    async def morning(self) -> None:
        """Let the bot do all that is due now: claim, fetch, digest, deliver."""
        for _ in range(3):
            await self.reconcile.tick()
            await self.engine.idle()

    # What they see

    def said(self, chat: Chat) -> tuple[Message, ...]:
        """The bot's messages in a chat."""
        return self.telegram.from_bot(chat)

    def last(self, chat: Chat) -> Message:
        """The bot's latest message in a chat."""
        return self.telegram.from_bot(chat)[-1]

    async def channel(self, key: str) -> Channel:
        found = await self.parts.store.channel(key)
        assert found is not None, await self.parts.store.channels()
        return found
