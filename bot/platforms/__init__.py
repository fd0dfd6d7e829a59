"""Where people talk to Paperboy: one file or folder a platform, sharing nothing but the Document."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from bot.config import Settings

if TYPE_CHECKING:
    from bot.answering import Conversational
    from bot.parts import Parts


@asynccontextmanager
async def chat_platforms(settings: Settings, parts: Parts) -> AsyncIterator[Mapping[str, Conversational]]:
    """The chat platforms that the settings name, by name; each is closed at the end.

    Raises `InvalidSetting` where one lacks what it needs.
    """
    async with AsyncExitStack() as stack:
        chats: dict[str, Conversational] = {}
        for name in settings.platforms:
            match name:
                case "slack":
                    from bot.platforms.slack.platform import open_slack

                    chats[name] = await stack.enter_async_context(open_slack(settings, parts))
                case "telegram":
                    from bot.platforms.telegram.platform import open_telegram

                    chats[name] = await stack.enter_async_context(open_telegram(settings, parts))
        yield chats
