"""The demo's people at work on a Slack and a Telegram of this machine, and what they see."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from bot.demo import slack_view, telegram_view
from bot.demo.slack_server import SlackServer
from bot.demo.slack_world import Message as SlackMessage
from bot.demo.telegram_model import Message as TelegramMessage
from bot.demo.telegram_server import TelegramServer
from bot.works import Works
from digest.clock import Clock
from digest.errors import PaperboyError

ZONE = "America/New_York"
SUBSCRIBED = "world model, embodied AND planning"
EXPLAINED = "1911.02782"
QUESTION = "How many papers have full text?"
_PATIENCE = 30.0  # seconds for an answer


class Scene(Protocol):
    """A chat platform on this machine with people who talk to the bot."""

    where: str  # "Slack, #robots"

    def served(self) -> AbstractAsyncContextManager[Any]:
        """The platform's server, up for as long as the block runs."""
        ...

    def settings(self) -> dict[str, Any]:
        """The settings that point the bot at it; once the server runs."""
        ...

    async def play(self, works: Works) -> None:
        """Let the people do what they do, each thing after the answer to the one before."""
        ...

    def lines(self) -> list[str]:
        """The conversation as a person reads it."""
        ...

    def page(self) -> str:
        """The conversation as it looks in the platform's own program, as HTML."""
        ...


def scene(platform: str, clock: Clock) -> Scene:
    """The scene of a platform by its name."""
    return SlackScene(clock) if platform == "slack" else TelegramScene(clock)


class SlackScene:
    """Ada and Bo in #robots."""

    where = "Slack, #robots, as Ada sees it"

    def __init__(self, clock: Clock) -> None:
        self.server = SlackServer(clock=clock)
        self.server.add_person("UADA", "Ada", tz=ZONE)
        self.server.add_person("UBO", "Bo", tz=ZONE)
        self.server.add_channel("CROBOTS", "robots", members=("UADA", "UBO"))

    def served(self) -> AbstractAsyncContextManager[Any]:
        return self.server

    def settings(self) -> dict[str, Any]:
        return {
            "platform": "slack",
            "slack_bot_token": self.server.bot_token,
            "slack_app_token": self.server.app_token,
            "slack_api_url": self.server.url,
            "slack_channel": "CROBOTS",
        }

    async def play(self, works: Works) -> None:
        slack = self.server
        await works.settle()  # the first digest
        await self._answered(works, slack.command("/subscribe", SUBSCRIBED, user="UADA", channel="CROBOTS"))
        await self._answered(works, slack.presses(self._find("S2ORC"), "Explain", "UADA"))
        explained = self._said()[-1]
        await self._answered(works, slack.presses(self._find("LongEval"), "Save", "UADA"))
        thread = explained.thread_ts or explained.ts
        mention = f"<@{slack.world.bot.id}> {QUESTION}"
        await self._answered(works, slack.says("CROBOTS", "UBO", mention, thread=thread))
        await self._answered(works, slack.command("/subscriptions", user="UADA", channel="CROBOTS"))

    def lines(self) -> list[str]:
        return slack_view.lines(self._seen(), self.server.world.names(), tz=ZONE, width=96, unfolded=False)

    def page(self) -> str:
        return slack_view.page(self._seen(), self.server.world.names(), title="robots", tz=ZONE)

    def _seen(self) -> tuple[SlackMessage, ...]:
        return self.server.seen_by("UADA", "CROBOTS")

    def _said(self) -> list[SlackMessage]:
        return [
            each for each in self.server.channel("CROBOTS").shown if each.user == self.server.world.bot.id
        ]

    def _find(self, title: str) -> SlackMessage:
        """The message with the buttons of a paper, in the digest's thread."""
        said = [each for each in self._said() if each.thread_ts]
        first = next(at for at, each in enumerate(said) if title in str(each.blocks))
        return next(each for each in said[first:] if "Explain" in str(each.blocks))

    async def _answered(self, works: Works, doing: Any) -> None:
        """What a person does, and the answer to it."""
        before = len(self._seen())
        delivery = await doing
        await delivery.ack()
        await _until(lambda: len(self._seen()) > before)
        await works.engine.idle()


class TelegramScene:
    """Ada and Bo in the group Robots."""

    where = "Telegram, the group Robots"

    def __init__(self, clock: Clock) -> None:
        self.server = TelegramServer(clock=clock)
        self.ada = self.server.person("Ada")
        self.bo = self.server.person("Bo")
        self.chat = self.server.supergroup("Robots", self.ada, self.bo)

    def served(self) -> AbstractAsyncContextManager[Any]:
        return self.server

    def settings(self) -> dict[str, Any]:
        return {
            "platform": "telegram",
            "telegram_bot_token": self.server.token,
            "telegram_api_url": self.server.url,
            "telegram_chat": str(self.chat.id),
        }

    async def play(self, works: Works) -> None:
        telegram = self.server
        await works.settle()  # the first digest
        await self._answered(works, telegram.says(self.chat, self.ada, f"/subscribe {SUBSCRIBED}"))
        await self._answered(works, telegram.presses(self._find("S2ORC"), "Explain", self.ada))
        explained = self._said()[-1]
        await self._pressed(works, self._find("LongEval"), "Save")
        await self._answered(works, telegram.says(self.chat, self.bo, QUESTION, reply_to=explained))
        await self._answered(works, telegram.says(self.chat, self.ada, "/subscriptions"))

    def lines(self) -> list[str]:
        return list(telegram_view.lines(self.server.visible(self.chat), bot=self.server.bot))

    def page(self) -> str:
        seen = self.server.visible(self.chat)
        return telegram_view.page(seen, title="Robots", bot=self.server.bot, subtitle="3 members")

    def _said(self) -> list[TelegramMessage]:
        return list(self.server.from_bot(self.chat))

    def _find(self, title: str) -> TelegramMessage:
        """The message with the buttons of a paper."""
        said = self._said()
        first = next(at for at, each in enumerate(said) if each.reply_to and title in each.text)
        return next(each for each in said[first:] if "Explain" in str(each.labels()))

    async def _answered(self, works: Works, doing: Any) -> None:
        before = len(self._said())
        await doing
        await _until(lambda: len(self._said()) > before)
        await works.engine.idle()

    async def _pressed(self, works: Works, message: TelegramMessage, label: str) -> None:
        query = await self.server.presses(message, label, self.ada)
        await _until(lambda: self.server.answer(query).answered)
        await works.engine.idle()


async def _until(condition: Callable[[], object]) -> None:
    """Wait for what somebody else does. Raises `PaperboyError` if it does not come."""
    for _ in range(int(_PATIENCE / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise PaperboyError("The demo got no answer.")
