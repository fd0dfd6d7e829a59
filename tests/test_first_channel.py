"""The first channel and its settings: what is given later is applied, what was said in chat stands."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.bot_under_test import BotUnderTest


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path, keywords=("vla",)) as bot:
        yield bot


async def test_a_changed_setting_is_applied_at_start_and_told_in_one_line(bot: BotUnderTest) -> None:
    await bot.restart(categories=("cs.CL",), digest_cap=3, language="zh-CN", revisions=True)
    channel = await bot.channel()
    assert channel.categories == ("cs.CL",)
    assert (channel.cap, channel.language) == (3, "zh-CN")
    assert bot.told == [
        "CATEGORIES from the settings: cs.CL (was cs.CV, cs.RO).",
        "DIGEST_CAP from the settings: 3 (was 10).",
        "LANGUAGE from the settings: zh-CN (was en).",
        "REVISIONS from the settings: on (was off).",
    ]


async def test_a_start_with_the_same_settings_changes_and_tells_nothing(bot: BotUnderTest) -> None:
    before = await bot.channel()
    await bot.restart()
    assert await bot.channel() == before
    assert bot.told == []


async def test_what_was_said_in_chat_stands_until_the_setting_itself_changes(bot: BotUnderTest) -> None:
    await bot.says("/settings categories cs.CL")
    await bot.restart()
    assert (await bot.channel()).categories == ("cs.CL",)
    await bot.restart(digest_cap=5)
    assert (await bot.channel()).categories == ("cs.CL",)
    await bot.restart(categories=("cs.AI",))
    assert (await bot.channel()).categories == ("cs.AI",)
    assert bot.told[-1] == "CATEGORIES from the settings: cs.AI (was cs.CL)."


async def test_a_new_time_moves_the_next_digest(bot: BotUnderTest) -> None:
    await bot.morning()
    await bot.restart(digest_at="17:30", timezone="Europe/Paris")
    channel = await bot.channel()
    assert channel.next_run_at is not None
    assert channel.next_run_at.isoformat() == "2026-06-30T15:30:00+00:00"


async def test_new_keywords_are_subscribed_to_and_none_is_removed(bot: BotUnderTest) -> None:
    await bot.says("/unsubscribe vla")
    await bot.says("/subscribe world model")
    await bot.restart(keywords=("vla", "World Models", "diffusion policy"))
    mine = await bot.parts.store.subscriptions((await bot.channel()).key)
    assert [each.query for each in mine] == ["world model", "diffusion policy"]
    assert bot.told == ["KEYWORDS from the settings: subscribed to diffusion policy."]
