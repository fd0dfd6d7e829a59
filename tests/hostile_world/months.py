"""Thirty days of 500 papers, and 400 days of clock changes in eight time zones, through the whole tick."""

from __future__ import annotations

import asyncio
import gc
import os
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.values import zone
from digest.channel import Channel
from tests import pdfs
from tests.bot_under_test import BotUnderTest
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.peers.arxiv import new

ZONES = (
    "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia",
    "America/Sao_Paulo", "Asia/Shanghai", "UTC",
)  # fmt: skip
_BEGAN = date(2026, 1, 5)
_WORDS = (
    "gripper", "lidar", "policy", "diffusion", "tactile", "mapping", "planning", "scene", "grasp", "flow",
    "token", "agent",
)  # fmt: skip


def run(
    folder: Path, *, days: int = 30, papers: int = 500, zone_days: int = 400, zones_from: date = _BEGAN
) -> Iterator[Figure]:
    """The figures of so many days."""
    yield from asyncio.run(_month(folder, days, papers))
    (folder / "zones").mkdir()
    yield from asyncio.run(_zones(folder / "zones", zone_days, zones_from))


async def _month(folder: Path, days: int, papers: int) -> list[Figure]:
    """A team's bot on working days: a morning, a few commands, two PDFs."""
    early, began = days // 6, time.monotonic()
    first: _Weight | None = None
    delivered = 0
    async with BotUnderTest(folder, day=_BEGAN, digest_cap=10) as bot:
        # All threads that there can be are there from the beginning.
        await asyncio.gather(*(asyncio.to_thread(time.sleep, 0.05) for _ in range(40)))
        await bot.says("/subscribe gripper AND lidar, tactile")
        day = _BEGAN
        for number in range(1, days + 1):
            _announce(bot, day, papers)
            bot.time.go(day)
            await bot.morning()
            for text in ("/status", "/subscriptions", "/digest preview", "/explain #1", "/saved"):
                await bot.says(text)
            delivered += len(bot.papers())
            os.truncate(bot.screen, 0)
            _forget(bot, day)
            if number == early:
                first = await _weight()
            day += timedelta(days=3 if day.weekday() == 4 else 1)
        last = await _weight()
    assert first is not None
    return [
        at_least(f"{days} days of {papers} papers: papers delivered", delivered, days),
        at_most(
            "growth of memory since the fifth day" if early == 5 else "growth of memory",
            100 * (last.rss / first.rss - 1),
            10,
            " %",
        ),
        exactly("open files since then, more", max(0, last.files - first.files)),
        exactly("threads since then, more", max(0, last.threads - first.threads)),
        exactly("tasks since then, more", max(0, last.tasks - first.tasks)),
        at_most("seconds a day", (time.monotonic() - began) / days, 20),
    ]


class _Weight:
    """What this process holds."""

    def __init__(self) -> None:
        gc.collect()
        status = Path("/proc/self/status").read_text()
        self.rss = int(status.split("VmRSS:")[1].split()[0])
        self.files = len([*Path("/proc/self/fd").iterdir()])
        self.threads = threading.active_count()
        self.tasks = len(asyncio.all_tasks())


async def _weight() -> _Weight:
    await asyncio.sleep(0.1)  # connections close
    return _Weight()


def _announce(bot: BotUnderTest, day: date, papers: int) -> None:
    text = pdfs.hidden_pdf("white")
    for number in range(papers):
        one, two = _WORDS[number % 12], _WORDS[number // 12 % 12]
        paper = f"26{day:%m}.{day.day * 600 + number:05}"
        abstract = (
            f"We study {one} and {two} in {number} scenes. " + "It works better than what was there. " * 20
        )
        bot.arxiv.announce(
            "cs.CV", new(paper, f"On {one} with {two}, part {number}", day=day, abstract=abstract)
        )
        if number % 250 == 0:
            bot.arxiv.add_pdf(paper, text)
    bot.arxiv.announce("cs.RO")


def _forget(bot: BotUnderTest, day: date) -> None:
    """The peer lives in this process: what it would keep is not the bot's growth."""
    bot.arxiv.requests.clear()
    bot.arxiv._papers.clear()
    bot.arxiv._pdfs.clear()
    bot.arxiv._announced["cs.CV"].pop(day, None)
    bot.time.waits.clear()


async def _zones(folder: Path, days: int, began: date) -> list[Figure]:
    """Nothing is watched but the clock: a digest every day at 02:30, when clocks are changed."""
    async with BotUnderTest(folder, day=began, keywords=("x",)) as bot:
        store = bot.parts.store
        for number, name in enumerate(ZONES):
            known = Channel(
                key=f"console:{number}", platform="console", timezone=name, digest_at="02:30",
                days=tuple(range(7)), next_run_at=bot.time.now, tells_empty_days=False,
            )  # fmt: skip
            await store.save_channel(known)
        await store.change_channel((await bot.channel()).key, lambda known: replace(known, paused=True))
        end = bot.time.now + timedelta(days=days)
        while bot.time.now < end:
            bot.time.now += timedelta(minutes=30)
            await bot.tick()
        missed = doubled = ran = 0
        for number, name in enumerate(ZONES):
            dates = [run.local_date for run in await store.digest_runs(channel=f"console:{number}")]
            whole = {min(dates) + timedelta(days=n) for n in range((_local(end, name) - min(dates)).days)}
            missed += len(whole - {*dates})
            doubled += len(dates) - len({*dates})
            ran += len(dates)
    return [
        at_least(f"{days} days in {len(ZONES)} time zones: digests", ran, (days - 1) * len(ZONES)),
        exactly("local days without one", missed),
        exactly("local days with two", doubled),
        at_most("digests beyond one a day", ran, (days + 2) * len(ZONES)),
    ]


def _local(moment: datetime, name: str) -> date:
    return moment.astimezone(UTC).astimezone(zone(name)).date()
