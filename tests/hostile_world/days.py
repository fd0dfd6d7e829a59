"""Bad days: clocks that jump, networks and models that go away, an arXiv in every bad mood, killed workers.

After each of them nothing is lost and nothing doubled, and while it lasts /status tells what is wrong.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import signal
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from aiohttp import web

from tests import pdfs
from tests.bot_under_test import MONDAY, TUESDAY, BotUnderTest
from tests.chaos.figures import Figure, exactly
from tests.peers import arxiv as moods
from tests.peers.arxiv import Fault, new
from tests.peers.openai import OpenAIPeer

_TOLD = re.compile(
    r"late|fail|cannot|refus|answer|stall|broke|unreach|instead|wait|not be|no sense|unpack|larger|model",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the papers that were announced, and what /status said meanwhile."""

    lost: int
    doubled: int
    digests: int
    explained: bool = True


Story = Callable[[Path], Awaitable[Outcome]]


def run(folder: Path) -> Iterator[Figure]:
    """The figures of every bad day."""
    for name, (story, digests) in STORIES.items():
        here = folder / re.sub(r"\W+", "-", name)
        here.mkdir(parents=True)
        outcome = asyncio.run(story(here))
        yield exactly(f"{name}: papers lost, doubled", f"{outcome.lost}, {outcome.doubled}", "0, 0")
        yield exactly(f"{name}: digests", outcome.digests, digests)
        if not outcome.explained:
            yield exactly(f"{name}: /status explains", False, True)


def announced(bot: BotUnderTest, day: date, *, papers: int = 3) -> list[str]:
    """So many papers on a day; their titles."""
    titles = [f"Robot {number} of {day:%d %B}" for number in range(papers)]
    bot.arxiv.announce(
        "cs.CV",
        *(new(f"26{day:%m}.{day.day * 100 + n:05}", t, day=day) for n, t in enumerate(titles)),
        day=day,
    )
    bot.arxiv.announce("cs.RO")
    return titles


async def judged(bot: BotUnderTest, titles: list[str], *, status: str = "late") -> Outcome:
    """What came of them."""
    seen = Counter(bot.papers())
    channel = await bot.channel()
    runs = await bot.parts.store.digest_runs(channel=channel.key)
    told = [
        each
        for each in runs
        if (digest := await bot.parts.store.digest(channel.key, each.local_date)) and digest.matches
    ]
    return Outcome(
        lost=sum(not seen[title] for title in titles),
        doubled=sum(count - 1 for count in seen.values() if count > 1),
        digests=len(told),
        explained=_TOLD.search(status) is not None,
    )


async def later(bot: BotUnderTest, *, hours: float, step: float = 0.5) -> None:
    """Let so many hours pass, with a look at the tables now and then."""
    for _ in range(round(hours / step)):
        bot.time.now += timedelta(hours=step)
        await bot.tick()


async def down_for_three_schedules(folder: Path) -> Outcome:
    async with BotUnderTest(folder, day=MONDAY) as bot:
        bot.arxiv.announce("cs.CV")
        await bot.says("/subscribe robot")
        titles = announced(bot, MONDAY)
        await bot.morning()
        for number in (1, 2, 3):
            titles += announced(bot, MONDAY + timedelta(days=number))
        bot.time.now += timedelta(days=3)
        await bot.restart()
        await bot.morning()
        await later(bot, hours=6)
        return await judged(bot, titles)


async def clock_jumps(folder: Path) -> Outcome:
    async with BotUnderTest(folder) as bot:
        titles = announced(bot, TUESDAY)
        await bot.says("/subscribe robot")
        await bot.morning()
        for days in (-1, 1, 1, -1, -1, 1):
            bot.time.now += timedelta(days=days)
            await bot.morning()
        titles += announced(bot, TUESDAY + timedelta(days=1))
        bot.time.go(TUESDAY + timedelta(days=1))
        await later(bot, hours=12)
        return await judged(bot, titles)


async def network_gone_for_three_days(folder: Path) -> Outcome:
    async with BotUnderTest(folder, day=MONDAY) as bot:
        titles = announced(bot, MONDAY)
        await bot.says("/subscribe robot")
        await bot.morning()
        bot.arxiv.misbehave("/", _gone)
        for number in (1, 2, 3):
            titles += announced(bot, MONDAY + timedelta(days=number))
        await later(bot, hours=72, step=2)
        status = await bot.says("/status")
        bot.arxiv.behave()
        await later(bot, hours=6)
        return await judged(bot, titles, status=status)


def in_a_mood(mood: Fault, *, mended: float = 6) -> Story:
    """A day on which arXiv does one thing wrong in whatever it is asked, then mends."""

    async def story(folder: Path) -> Outcome:
        async with BotUnderTest(folder, arxiv_tries=2, arxiv_timeout=0.5) as bot:
            titles = announced(bot, TUESDAY)
            await bot.says("/subscribe robot")
            bot.arxiv.misbehave("/", mood)
            await later(bot, hours=3)
            status = await bot.says("/status")
            bot.arxiv.behave()
            await later(bot, hours=mended)
            return await judged(bot, titles, status=status)

    return story


async def stale_feeds(folder: Path) -> Outcome:
    async with BotUnderTest(folder, day=MONDAY) as bot:
        titles = announced(bot, MONDAY)
        await bot.says("/subscribe robot")
        await bot.morning()
        titles += announced(bot, TUESDAY)
        bot.arxiv.stay_stale("cs.CV", MONDAY)
        bot.time.now += timedelta(days=1)
        await later(bot, hours=6)
        return await judged(bot, titles)


async def model_gone_for_a_day(folder: Path) -> Outcome:
    async with OpenAIPeer() as model:
        settings = {
            "analyzer": "openai:small",
            "openai_base_url": "http://127.0.0.1:9/v1",
            "openai_api_key": "sk",
        }
        async with BotUnderTest(folder, day=MONDAY, **settings) as bot:
            titles = announced(bot, MONDAY, papers=2)
            await bot.says("/subscribe robot")
            await bot.morning()
            await later(bot, hours=20, step=4)
            status = await bot.says("/status") + bot.printed()
            await bot.restart(openai_base_url=model.url)
            titles += announced(bot, TUESDAY, papers=2)
            await later(bot, hours=12, step=2)
            outcome = await judged(bot, titles, status=status)
            assert model.requests, "the model was asked again"
            return outcome


async def worker_killed_while_it_reads(folder: Path) -> Outcome:
    async with BotUnderTest(folder, pdf_seconds=3) as bot:
        titles = announced(bot, TUESDAY)
        for number in range(3):
            bot.arxiv.add_pdf(f"2606.{TUESDAY.day * 100 + number:05}", pdfs.form_bomb())
        await bot.says("/subscribe robot")
        killed: set[int] = set()

        async def kill() -> None:
            while True:
                worker = bot.parts.reader._reader.pid
                if worker is not None and worker not in killed:
                    await asyncio.sleep(0.8)  # it has begun to read
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(worker, signal.SIGKILL)
                        killed.add(worker)
                await asyncio.sleep(0.02)

        killing = asyncio.create_task(kill())
        await bot.morning()
        killing.cancel()
        assert killed, "no worker was there to kill"
        return await judged(bot, titles)


async def _gone(request: web.Request) -> web.StreamResponse:
    """Drop the connection without a byte."""
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def _stalled(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(2)
    return web.Response()


_FEED = b'<?xml version="1.0"?><rss version="2.0"><channel><title>cs.CV updates on arXiv.org</title>'
MOODS: Mapping[str, Fault] = {
    **{f"HTTP {code}": moods.status(code, "no") for code in (400, 403, 404, 410, 418, 500, 502, 503, 504)},
    "429": moods.busy(30),
    "429 with a date": moods.busy("Tue, 30 Jun 2026 13:05:00 GMT"),
    "429 without a word": moods.busy(),
    "an error as a feed": moods.feed_error_400(),
    "a web page": moods.html(),
    "nothing": moods.body(b""),
    "noise": moods.body(bytes(range(256)) * 40),
    "half a feed": moods.body(_FEED),
    "another's feed": moods.body(_FEED + b"</channel></rss>"),
    "a body that breaks off": moods.cut_off(_FEED * 100, 500),
    "a redirect to itself": moods.status(302, headers={"Location": "/rss/cs.CV"}),
    "a redirect to elsewhere": moods.status(302, headers={"Location": "http://169.254.169.254/"}),
    "no connection": _gone,
    "a stall": _stalled,
}

STORIES: Mapping[str, tuple[Story, int]] = {
    "down across three schedules": (down_for_three_schedules, 2),
    "the clock jumps by days": (clock_jumps, 2),
    "no network for three days": (network_gone_for_three_days, 2),
    "feeds that stay stale": (stale_feeds, 2),
    "no model for a day": (model_gone_for_a_day, 2),
    "the PDF worker is killed while it reads": (worker_killed_while_it_reads, 1),
    "arXiv gives 429 for a month": (in_a_mood(moods.busy(86_400 * 30), mended=30), 1),
    **{f"arXiv gives {name}": (in_a_mood(mood), 1) for name, mood in MOODS.items()},
}
