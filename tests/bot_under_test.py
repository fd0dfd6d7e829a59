"""A whole Paperboy in a test: loopback arXiv, real SQLite, the real engine, a console that is a file.

async with BotUnderTest(tmp_path) as bot:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.says("/subscribe vla")
    await bot.next_morning()
    assert bot.papers() == ["Event-VLA"]
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.commands import Reply, Request, answer
from bot.config import Settings, load
from bot.engine.local import LocalEngine
from bot.first_channel import TERMINAL, first_channel
from bot.parts import Parts
from bot.platforms.console import ConsolePlatform
from bot.platforms.terminal import render_lines
from bot.reconcile import Reconcile
from bot.schedule import upcoming
from digest.channel import Channel, Who
from digest.document import Button, Buttons
from digest.model import ArxivId
from tests.peers.arxiv import Arxiv, FakeTime

MONDAY, TUESDAY = date(2026, 6, 29), date(2026, 6, 30)


class BotUnderTest:
    """One channel on a console, two categories (cs.CV, cs.RO), no subscriptions at first."""

    def __init__(self, folder: Path, *, day: date = TUESDAY, **settings: Any) -> None:
        self.folder = folder
        self.time = FakeTime(datetime(day.year, day.month, day.day, 13, tzinfo=UTC))
        self.arxiv = Arxiv(time=self.time)
        self._changes = settings
        self.told: list[str] = []
        self._open = AsyncExitStack()
        self.screen = folder / "screen.txt"

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.arxiv)
            self._bot = await stack.enter_async_context(AsyncExitStack())
            await self._start()
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def _start(self) -> None:
        self.parts = await self._bot.enter_async_context(
            Parts(self.settings(), clock=self.time.clock, sleep=self.time.sleep)
        )
        await first_channel(self.parts, self.parts.settings, tell=self.told.append)
        fd = os.open(self.screen, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._bot.callback(os.close, fd)
        platform = ConsolePlatform(state=self.folder / "console.position", fd=fd)
        platform.belong_to(await self.parts.store.identity())
        self._bot.callback(platform.close)
        engine = LocalEngine(clock=self.time.clock)
        self.reconcile = Reconcile(self.parts, engine, {platform.name: platform})
        await engine.start(self.reconcile.units)
        self._bot.push_async_callback(engine.stop, 5.0)
        self._engine = engine

    async def restart(self, **settings: Any) -> None:
        """Stop the process and start it again on the same folder, maybe with other settings."""
        await self._bot.aclose()
        self._changes |= settings
        await self._start()

    def settings(self) -> Settings:
        values: dict[str, Any] = {
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
        }
        return load(_env_file=None, **(values | self._changes))

    async def says(self, text: str) -> str:
        """What the bot answers to a message, as plain text."""
        desk = self.parts.desk(start_digest=self.reconcile.start_digest)
        request = Request(
            channel=await self.channel(), user="console:ada", name="ada", words="", at=self.time.now
        )
        return shown([reply async for reply in answer(text, request, desk)])

    async def hears(
        self,
        text: str,
        *,
        in_: Channel | None = None,
        user: str = "slack:T1/U1",
        name: str = "Ada",
        paper: str | None = None,
        digest: date | None = None,
        pressed: bool = False,
        mentioned: bool = False,
        standing: Who = Who.MEMBERS,
    ) -> list[Reply]:
        """What the bot answers in a chat, message by message; `in_` a channel made by `room`."""

        async def stands() -> Who:
            return standing

        channel = await self.parts.store.channel((in_ or await self.room()).key)
        assert channel is not None
        request = Request(
            channel=channel,
            user=user,
            name=name,
            words="",
            at=self.time.now,
            paper=ArxivId.parse(paper) if paper else None,
            digest=digest,
            pressed=pressed,
            mentioned=mentioned,
            standing=stands,
        )
        desk = self.parts.desk(start_digest=self.reconcile.start_digest)
        return [reply async for reply in answer(text, request, desk)]

    async def room(self, key: str = "slack:T1/C1", **settings: Any) -> Channel:
        """A channel of a chat platform, made with the test's categories the first time it is asked for."""
        known = await self.parts.store.channel(key)
        if known is None:
            known = Channel(key=key, platform=key.partition(":")[0], categories=("cs.CV", "cs.RO"))
            known = replace(known, next_run_at=upcoming(known, self.time.now))
        changed = replace(known, **settings)
        await self.parts.store.save_channel(changed)
        return changed

    async def tick(self) -> None:
        """One look at the tables, and all that follows from it."""
        await self.reconcile.tick()
        await self._engine.idle()

    async def next_morning(self, *, days: int = 1) -> None:
        """Go to the same hour some days later, and let the bot do what is due."""
        self.time.now += timedelta(days=days)
        await self.morning()

    async def morning(self) -> None:
        """Let the bot do all that is due now: claim, fetch, digest, deliver."""
        for _ in range(3):
            await self.tick()

    async def channel(self) -> Channel:
        found = await self.parts.store.channel(TERMINAL)
        assert found is not None
        return found

    def printed(self) -> str:
        """Everything on the screen so far."""
        return self.screen.read_text(encoding="utf-8") if self.screen.exists() else ""

    def papers(self) -> list[str]:
        """Titles of the papers that got a reply of their own, in order."""
        return re.findall(r"^│ *\n│ \d+\. (.+)$", self.printed(), flags=re.MULTILINE)


def shown(replies: Iterable[Reply]) -> str:
    """Replies as a terminal shows them."""
    return "\n".join(line for each in replies for line in render_lines(each.document, 100, color=False))


def buttons(replies: Iterable[Reply]) -> dict[str, Button]:
    """The buttons under the replies, by their labels."""
    blocks = (block for reply in replies for block in reply.document.blocks)
    return {each.label: each for block in blocks if isinstance(block, Buttons) for each in block.buttons}
