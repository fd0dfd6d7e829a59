"""Explain pressed in a digest's thread, by one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bot.commands import Audience, Request, answer
from bot.demo.replay import DATA
from digest.model import ArxivId
from tests.bot_under_test import TUESDAY, BotUnderTest, shown

JULY = date(2026, 7, 1)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.replay(DATA)
        yield bot


async def test_explain_pressed_again_in_a_digests_thread_points_to_what_is_there(bot: BotUnderTest) -> None:
    press: dict[str, Any] = {"paper": "1911.02782v3", "digest": TUESDAY, "pressed": True}
    *_, whole = await bot.hears("/explain 1911.02782v3", user="slack:T1/U1", **press)
    assert whole.to is Audience.CHANNEL
    for user in ("slack:T1/U2", "slack:T1/U1"):
        [above] = await bot.hears("/explain 1911.02782v3", user=user, **press)
        assert above.to is Audience.CALLER
        assert shown([above]) == "It is above already. To have it again: `/explain 1911.02782v3 again`"
    *_, other = await bot.hears("/explain 1911.02782v3 lang:zh", **press)
    assert other.to is Audience.CHANNEL
    *_, anew = await bot.hears("/explain 1911.02782v3 again", paper="1911.02782v3", digest=TUESDAY)
    assert anew.to is Audience.CHANNEL
    *_, elsewhere = await bot.hears("/explain 1911.02782v3", **(press | {"digest": JULY}))
    assert elsewhere.to is Audience.CHANNEL


async def test_an_analysis_that_could_not_be_said_is_said_when_its_press_is_tried_again(
    bot: BotUnderTest,
) -> None:
    press = Request(
        channel=await bot.room(),
        user="slack:T1/U1",
        words="",
        at=bot.time.now,
        paper=ArxivId.parse("1911.02782v3"),
        digest=TUESDAY,
        pressed=True,
    )
    desk = bot.parts.desk(start_digest=bot.reconcile.start_digest)
    async for reply in answer("/explain 1911.02782v3", press, desk):
        if reply.to is Audience.CHANNEL:
            break  # the process dies here
    [again] = await bot.hears("/explain 1911.02782v3", paper="1911.02782v3", digest=TUESDAY, pressed=True)
    assert again.to is Audience.CHANNEL
