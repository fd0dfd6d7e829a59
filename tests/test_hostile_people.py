"""Forgers, floods, people who may not, and people of like name elsewhere."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import pytest

from bot.commands import VERBS
from bot.permissions import RANK
from digest.channel import Who
from tests.bot_under_test import BotUnderTest, shown
from tests.chaos.figures import Figure, table
from tests.hostile_world import floods, forgeries, isolation
from tests.peers.arxiv import new

# Words of a verb that change what a channel gets, and words that do not; other verbs change nothing.
CHANGING = {
    "subscribe": (("vla",), ()),
    "unsubscribe": (("#1", "all", "all yes"), ("", "page 2")),
    "restore": (("all", "all\n#1 vla"), ()),
    "digest": (
        ("", "now", "pause", "pause 7d", "resume", "time 09:30", "days mon-fri"),
        ("preview", "last", "status"),
    ),
    "settings": (("time 09:30", "cap 4", "who admins", "language zh"), ("",)),
}


async def reached(figures: Callable[[], Iterator[Figure]]) -> None:
    found = await asyncio.to_thread(lambda: list(figures()))
    assert all(each.ok for each in found), table(found)


async def test_forged_and_repeated_requests_are_not_heard(tmp_path: Path) -> None:
    await reached(lambda: forgeries.run(tmp_path, requests=60))


async def test_what_is_said_in_one_channel_stays_there(tmp_path: Path) -> None:
    await reached(lambda: isolation.run(tmp_path, commands=150))


def test_a_flood_by_one_person_holds_up_nobody_and_costs_a_bounded_sum(tmp_path: Path) -> None:
    found = list(floods.run(tmp_path, commands=80, kinds=("many", "group")))
    assert all(each.ok for each in found), table(found)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        bot.arxiv.announce("cs.CV", new("2606.30001", "Event-VLA"))
        bot.arxiv.announce("cs.RO")
        yield bot


def needed(platform: str, private: bool, who: Who | None) -> Who:
    """Who may change a channel, as docs/security.md and /help settings tell it."""
    if private:
        return Who.MEMBERS
    return who or (Who.ADMINS if platform == "telegram" else Who.MEMBERS)


@pytest.mark.parametrize("platform", ["slack", "telegram"])
@pytest.mark.parametrize("who", [None, *Who], ids=str)
async def test_every_verb_is_done_by_those_who_may_and_refused_to_others(
    bot: BotUnderTest, platform: str, who: Who | None
) -> None:
    wrong = []
    for private in (False, True):
        room = await bot.room(f"{platform}:{'1' if private else '-1'}", private=private, changes_by=who)
        for verb in VERBS:
            changing, reading = CHANGING.get(verb.name, ((), ("", "2606.30001", "#1")))
            for standing in Who:
                may = RANK.index(standing) >= RANK.index(needed(platform, private, who))
                for words in (*changing, *reading):
                    # What one command does must not decide what the next may.
                    await bot.parts.store.save_channel(room)
                    said = shown(await bot.hears(f"/{verb.name} {words}", in_=room, standing=standing))
                    refused = "can change what this channel gets" in said
                    if refused != (words in changing and not may):
                        wrong.append((verb.name, words, standing, private))
    assert wrong == []


def test_every_verb_that_can_change_a_channel_is_in_the_matrix() -> None:
    tried = ("", "vla", "#1", "all", "now", "pause", "time 09:30", "cap 4", "2606.30001")
    assert {verb.name for verb in VERBS if any(verb.changes(words) for words in tried)} == {*CHANGING}
