"""Digests, renewed analyses and owed analyses, when several are under way at once or one is killed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.awaited import MOST, Awaited, awaited, due, forget, moment, remember
from digest.channel import Channel
from digest.errors import StoreError
from digest.model import Announcement
from storage import open_store
from tests.bot_under_test import TUESDAY, BotUnderTest
from tests.peers.arxiv import new

WEDNESDAY = date(2026, 7, 1)
NOW = datetime(2026, 6, 30, 13, tzinfo=UTC)


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[BotUnderTest]:
    async with BotUnderTest(tmp_path) as bot:
        yield bot


async def test_a_paper_is_in_one_digest_though_the_next_is_due_while_it_is_read(bot: BotUnderTest) -> None:
    await fetched_without(bot, "cs.RO")
    bot.arxiv.announce("cs.RO", new("2606.30001", "Late-VLA"))
    read = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        await read.wait()
        return web.Response(status=404)

    bot.arxiv.behave()
    bot.arxiv.misbehave("/pdf", slow)
    bot.time.now = datetime(2026, 7, 1, 11, 59, 40, tzinfo=UTC)
    await bot.reconcile.tick()  # the digest of the day before takes up what came late
    while not any(path.startswith("/pdf") for path in bot.arxiv.paths()):
        await asyncio.sleep(0.01)
    bot.time.now = datetime(2026, 7, 1, 12, 0, 1, tzinfo=UTC)
    await bot.reconcile.tick()  # it is time for the next
    await asyncio.sleep(0.1)
    read.set()
    for _ in range(3):
        await bot._engine.idle()
        await bot.reconcile.tick()

    papers = [each.key for each in await bot.parts.store.outbox(unsent=False) if "/paper/" in each.key]
    assert len(papers) == 1, papers


async def fetched_without(bot: BotUnderTest, category: str, *papers: Announcement) -> None:
    """The digest of Tuesday while arXiv fails in one category."""

    async def away(_: web.Request) -> web.Response:
        return web.Response(status=503)

    for form in ("rss", "atom", "list", "catchup"):
        bot.arxiv.misbehave(f"/{form}/{category}", away)
    bot.arxiv.announce("cs.CV", *papers)
    await bot.says("/subscribe vla")
    await bot.morning()


async def test_what_is_announced_while_a_category_is_late_waits_for_the_next_digest(
    bot: BotUnderTest,
) -> None:
    await fetched_without(bot, "cs.RO")
    bot.arxiv.announce("cs.CV", new("2607.00001", "VLA of Wednesday", day=WEDNESDAY), day=WEDNESDAY)
    bot.arxiv.behave()
    bot.arxiv.announce("cs.RO", new("2606.30001", "VLA of Tuesday"))
    bot.time.now = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    await bot.morning()
    assert bot.papers() == ["VLA of Tuesday"]

    bot.time.now = datetime(2026, 7, 1, 12, 0, 1, tzinfo=UTC)
    await bot.morning()
    assert bot.papers() == ["VLA of Tuesday", "VLA of Wednesday"]
    runs = await bot.parts.store.digest_runs()
    digest = await bot.parts.store.digest(runs[0].channel, WEDNESDAY)
    assert digest is not None
    assert [each.announcement.paper.title for each in digest.matches] == ["VLA of Wednesday"]


async def test_numbers_once_told_stay_a_papers_own(bot: BotUnderTest) -> None:
    await bot.says("/settings cap 2")
    papers = [new(f"2606.3000{number}", f"VLA {number}") for number in range(1, 5)]
    await fetched_without(bot, "cs.RO", *papers)
    channel = (await bot.channel()).key
    first = await bot.parts.store.digest(channel, TUESDAY)
    assert first is not None
    bot.arxiv.behave()
    bot.arxiv.announce("cs.RO", new("2606.30009", "Late-VLA"))
    bot.time.now = datetime(2026, 7, 1, 11, 30, tzinfo=UTC)
    await bot.morning()

    whole = await bot.parts.store.digest(channel, TUESDAY)
    assert whole is not None
    titles = [each.announcement.paper.title for each in whole.matches]
    assert titles == [*(each.announcement.paper.title for each in first.matches), "Late-VLA"]
    assert " 5. Late-VLA" in bot.printed()
    again = await bot.says("/digest last")
    assert f"3. {titles[2]}" in again
    assert "5. Late-VLA" in again
    assert titles[2] in await bot.says("/save #3")


@pytest.mark.parametrize(
    ("setting", "last"), [("mode weekly", date(2026, 7, 5)), ("days mon", date(2026, 7, 6))]
)
async def test_the_first_digest_has_all_days_since_the_channel_began(
    bot: BotUnderTest, setting: str, last: date
) -> None:
    monday = date(2026, 6, 29)
    bot.arxiv.announce("cs.CV", new("2606.29009", "VLA of last Monday", day=monday), day=monday)
    days = [TUESDAY + timedelta(days=n) for n in range(7)]
    for day in days:
        if day.weekday() < 5:
            paper = new(f"{day:%y%m}.{day:%d}001", f"VLA of {day:%A}", day=day)
            bot.arxiv.announce("cs.CV", paper, day=day)
    await bot.says("/subscribe vla")
    await bot.says(f"/digest {setting}")
    for day in days:
        bot.time.now = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        await bot.tick()

    named = {f"VLA of {day:%A}" for day in days if day.weekday() < 5 and day <= last}
    assert set(bot.papers()) == named


async def test_days_that_a_clock_ran_ahead_over_get_their_digests_when_it_is_right(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV")
    bot.arxiv.announce("cs.RO")
    await bot.says("/subscribe vla")
    await bot.morning()
    bot.time.now += timedelta(days=4)
    await bot.morning()
    bot.time.now -= timedelta(days=4)
    for number in range(1, 4):
        day = TUESDAY + timedelta(days=number)
        bot.arxiv.announce("cs.CV", new(f"2607.0000{number}", f"VLA of {day:%A}", day=day), day=day)
        bot.arxiv.announce("cs.RO", day=day)
        await bot.next_morning()

    assert bot.papers() == ["VLA of Wednesday", "VLA of Thursday", "VLA of Friday"]


async def test_a_pause_skips_what_was_announced_in_it_and_nothing_before(bot: BotUnderTest) -> None:
    days = {TUESDAY + timedelta(days=n): f"VLA {n}" for n in range(4)}
    for day, title in days.items():
        bot.arxiv.announce("cs.CV", new(f"{day:%y%m}.{day:%d}001", title, day=day), day=day)
    await bot.says("/subscribe vla")
    await bot.says("/digest days sat")
    for day in days:
        bot.time.now = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        await bot.tick()
        if day == WEDNESDAY:
            await bot.says("/digest pause")
    await bot.says("/digest pause 30d")  # again, to another end
    preview = await bot.says("/digest preview")
    await bot.says("/digest resume")
    bot.time.now = datetime(2026, 7, 4, 13, tzinfo=UTC)
    await bot.morning()

    assert set(bot.papers()) == {"VLA 0", "VLA 1", "VLA 3"}
    assert "VLA 1" in preview
    assert "VLA 2" not in preview


async def test_a_category_that_comes_back_begins_with_the_latest_day(bot: BotUnderTest) -> None:
    bot.arxiv.announce("cs.CV")
    bot.arxiv.announce("cs.RO")
    await bot.says("/subscribe vla")
    await bot.morning()
    await bot.says("/settings categories cs.CV")
    elsewhere = await bot.room("console:elsewhere", categories=("cs.RO",), next_run_at=None)
    for number in range(1, 4):
        day = TUESDAY + timedelta(days=number)
        bot.arxiv.announce("cs.CV", day=day)
        bot.arxiv.announce("cs.RO", new(f"2607.0000{number}", f"VLA {number}", day=day), day=day)
        bot.time.now = datetime(day.year, day.month, day.day, 13, tzinfo=UTC)
        await bot.parts.daily.fetch(elsewhere.categories)
        await bot.morning()
    await bot.says("/settings categories cs.CV, cs.RO")
    found = await bot.parts.daily.found(await bot.channel())
    assert [each.announcement.paper.title for each in found] == ["VLA 3"]


async def test_what_was_announced_while_nobody_asked_is_no_news(bot: BotUnderTest) -> None:
    channel = await bot.room("slack:T1/C9", platform="console")
    store = bot.parts.store
    await store.add_subscription(channel.key, "vla", by="ada", at=bot.time.now)
    bot.arxiv.announce("cs.CV", new("2606.30001", "VLA of Tuesday"))
    await bot.parts.daily.fetch(channel.categories)
    await bot.parts.daily.begin(channel)
    for number in range(3):
        bot.time.now += timedelta(days=1)
        day = bot.time.now.date()
        bot.arxiv.announce("cs.CV", new(f"2607.0000{number}", f"VLA {number}", day=day), day=day)
        await bot.parts.daily.fetch(channel.categories)
        await bot.parts.daily.skip_to_today(channel)
    found = [each.announcement.paper.title for each in await bot.parts.daily.found(channel)]
    assert found == ["VLA 2"]


# Analyses that are owed


def wish(number: int, *, channel: str = "telegram:-5", at: datetime = NOW) -> Awaited:
    return Awaited(
        channel=channel,
        paper=f"2606.{number:05}v1",
        language="en",
        person="telegram:7",
        not_before=moment(at),
        asked=moment(at),
    )


async def test_wishes_of_many_at_once_are_all_remembered_and_forgotten_one_by_one() -> None:
    async with open_store(":memory:") as store:
        await asyncio.gather(*(remember(store, wish(number)) for number in range(8)))
        await asyncio.gather(forget(store, wish(0).key), remember(store, wish(8)), forget(store, wish(1).key))
        assert {each.paper for each in await awaited(store)} == {wish(n).paper for n in range(2, 9)}


async def test_of_too_many_wishes_the_oldest_go() -> None:
    async with open_store(":memory:") as store:
        for number in range(MOST + 2):
            await remember(store, wish(number, at=NOW + timedelta(seconds=number)))
        kept = await awaited(store)
        assert (len(kept), kept[0].paper) == (MOST, wish(2).paper)


@pytest.mark.parametrize("paper", ["2606.00001v1", "hep-th/9901001v2"])
@pytest.mark.parametrize(
    ("old", "became"), [("telegram:-5", "telegram:-1005"), ("slack:T1/C1", "slack:T1/C2")]
)
async def test_a_wish_moves_with_its_channel(paper: str, old: str, became: str) -> None:
    async with open_store(":memory:") as store:
        await store.save_channel(Channel(key=old, platform=old.partition(":")[0]))
        wanted = replace(wish(1, channel=old), paper=paper)
        await remember(store, wanted)
        assert await due(store, NOW) == (wanted,)
        await store.rename_channel(old, became)
        assert await due(store, NOW) == (replace(wanted, channel=became),)
        await forget(store, replace(wanted, channel=became).key)
        assert await awaited(store) == ()


# Two processes


async def test_a_store_is_had_alone_by_whatever_link_it_is_opened(tmp_path: Path) -> None:
    (tmp_path / "link.db").symlink_to(tmp_path / "paperboy.db")
    async with open_store(f"sqlite:///{tmp_path}/paperboy.db"):
        with pytest.raises(StoreError, match="in use by another Paperboy"):
            async with open_store(f"sqlite:///{tmp_path}/link.db"):
                pass
