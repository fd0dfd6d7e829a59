"""A whole Paperboy in a test, on a loopback Slack and a loopback arXiv.

async with SlackBot(tmp_path) as bot:
    bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
    await bot.command("/subscribe", "vla")
    await bot.next_morning()
    assert "Event-VLA" in bot.read("C1")
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from bot.answering import ANSWER, Answering
from bot.config import Settings, load
from bot.demo.slack_view import lines, view_lines
from bot.demo.slack_wire import Delivery
from bot.demo.slack_world import Message, View
from bot.engine.local import LocalEngine
from bot.first_channel import first_channel
from bot.new_channel import NewChannel
from bot.parts import Parts
from bot.platforms.slack.platform import SlackPlatform, open_slack
from bot.platforms.slack.socket import Timing
from bot.reconcile import Reconcile
from digest.channel import Channel
from tests.peers.arxiv import Arxiv, FakeTime
from tests.peers.slack import Slack, furnish

FAST = Timing(
    handshake=1.0, ping=0.4, look=0.02, first=0.02, longest=0.1, steady=0.2, linger=0.3, goodbye=0.2
)
TEXT = "We present a vision language action model for robots. It is better than all others. " * 3


class CoarseTime(FakeTime):
    """Sleeps whole milliseconds, and lets others run: what waits for a moment surely reaches it."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        await super().sleep(math.ceil(seconds * 1_000) / 1_000 + 0.001)


class SlackBot:
    """Ada (U1, an admin) and Bo (U2) in #robots (C1), Ada in the private #lab (C2); see `furnish`."""

    def __init__(
        self, folder: Path, *, slack: Slack | None = None, timing: Timing = FAST, **settings: Any
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.time = CoarseTime(datetime(2026, 6, 30, 13, tzinfo=UTC))
        self.arxiv = Arxiv(time=self.time)
        self.slack = slack or Slack(time=self.time)
        self._timing = timing
        self._changes = settings
        self._open = AsyncExitStack()
        self._bot = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(self.arxiv)
            await stack.enter_async_context(self.slack)
            if "U1" not in self.slack.world.people:
                furnish(self.slack)
            stack.push_async_callback(self.stop)
            await self.start()
            self._open = stack.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def start(self) -> None:
        """Start as `paperboy run` does."""
        async with AsyncExitStack() as stack:
            self.parts = await stack.enter_async_context(
                Parts(self.settings(), clock=self.time.clock, sleep=self.time.sleep)
            )
            self.platform: SlackPlatform = await stack.enter_async_context(
                open_slack(self.parts.settings, self.parts, timing=self._timing)
            )
            self.engine = LocalEngine(clock=self.time.clock)
            self.reconcile = Reconcile(self.parts, self.engine, {"slack": self.platform})
            self.answering = self._answering()
            await self.engine.start({**self.reconcile.units, ANSWER: self.answering.answer})
            stack.push_async_callback(self.engine.stop, 5.0)
            stack.push_async_callback(self.platform.stop_listening)
            await self.platform.start(self.answering.hear)
            place = await self.platform.first_place()
            if place is not None:
                await first_channel(self.parts, self.parts.settings, platform="slack", place=place)
            await self.answering.take_up()
            self._bot = stack.pop_all()

    async def stop(self) -> None:
        """Stop in good order."""
        await self._bot.aclose()

    def _answering(self) -> Answering:
        return Answering(
            store=self.parts.store,
            desk=self.parts.desk(start_digest=self.reconcile.start_digest),
            platforms={"slack": self.platform},
            new_channel=NewChannel(self.parts.store, self.parts.settings, self.time.clock),
            engine=self.engine,
            sleep=self.parts.sleep,
            after=self.reconcile.tick,
        )

    def settings(self) -> Settings:
        values: dict[str, Any] = {
            "platform": "slack",
            "store": f"sqlite:///{self.folder}/paperboy.db",
            "report_dir": self.folder / "reports",
            "categories": ("cs.CV",),
            "keywords": (),
            "timezone": "UTC",
            "digest_at": "12:00",
            "digest_days": "daily",
            "slack_bot_token": self.slack.bot_token,
            "slack_app_token": self.slack.app_token,
            "slack_signing_secret": self.slack.signing_secret,
            "slack_api_url": self.slack.url.rstrip("/"),
            "http_listen": "127.0.0.1:0",
            "arxiv_rss_url": self.arxiv.url,
            "arxiv_api_url": self.arxiv.url,
            "arxiv_url": self.arxiv.url,
            "arxiv_feed_gap": 0,
            "arxiv_page_gap": 0,
        }
        return load(_env_file=None, **(values | self._changes))

    # What people do, until all that follows from it is done

    async def command(self, command: str, text: str = "", *, user: str = "U1", channel: str = "C1") -> None:
        await self.done(self.slack.command(command, text, user=user, channel=channel))

    async def says(self, text: str, *, user: str = "U1", channel: str = "C1", thread: str = "") -> None:
        await self.done(self.slack.says(channel, user, text, thread=thread))

    async def presses(self, where: Message | View, what: str, *, user: str = "U1") -> None:
        await self.done(self.slack.presses(where, what, user))

    async def submits(self, view: View, values: dict[str, object], *, user: str = "U1") -> None:
        await self.done(self.slack.submits(view, values, user))

    async def done(self, doing: Awaitable[Delivery | None]) -> None:
        """Let it be acknowledged, and all that follows be done."""
        delivery = await doing
        if delivery is not None:
            await delivery.ack(within=5.0)
        await self.idle()

    async def idle(self) -> None:
        """Wait until neither the bot nor what it spawned has anything to do."""
        for _ in range(3):
            await asyncio.sleep(0.02)
            while self.platform.busy:
                await asyncio.sleep(0.01)
            await self.engine.idle()

    async def next_morning(self) -> None:
        """Go to the same hour of the next day, and let the bot do what is due."""
        self.time.now += timedelta(days=1)
        await self.morning()

    async def morning(self) -> None:
        for _ in range(3):
            await self.reconcile.tick()
            await self.engine.idle()

    # What people see

    def read(self, channel: str = "C1", *, user: str = "U1") -> str:
        """A conversation as one of its people reads it."""
        shown = [*self.slack.channel(channel).messages, *self.slack.ephemerals(user, channel)]
        return "\n".join(lines(shown, self.slack.world.names(), width=200))

    def own(self, channel: str = "C1") -> tuple[Message, ...]:
        """What the bot said there for all."""
        bot = self.slack.world.bot.id
        return tuple(each for each in self.slack.channel(channel).shown if each.user == bot)

    def alone(self, user: str = "U1", channel: str = "C1") -> str:
        """The last message that only this person sees."""
        return self.text(self.slack.ephemerals(user, channel)[-1])

    def text(self, message: Message) -> str:
        return "\n".join(lines([message], self.slack.world.names(), width=200))

    def form(self, user: str = "U1") -> View:
        """The modal before a person."""
        return self.slack.views(user)[-1]

    def home(self, user: str = "U1") -> str:
        view = self.slack.home(user)
        return "\n".join(view_lines(view, self.slack.world.names())) if view else ""

    async def channel(self, channel: str = "C1") -> Channel:
        found = await self.parts.store.channel(f"slack:{self.slack.world.team}/{channel}")
        assert found is not None
        return found

    async def queries(self, channel: str = "C1") -> list[str]:
        key = f"slack:{self.slack.world.team}/{channel}"
        return [each.query for each in await self.parts.store.subscriptions(key)]
