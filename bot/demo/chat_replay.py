"""`paperboy demo --platform slack|telegram`: the recorded day in a chat, on this machine alone.

The bot is the real one; the platform is a small server that keeps its rules. Time is told by the recorded
day's clock, which moves on while somebody waits, so that the platforms' limits are kept without waiting.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.cli.progress import progress
from bot.demo.arxiv_server import ArxivServer
from bot.demo.replay import DATA, DAY, MORNING, begin_anew, demo_settings
from bot.demo.scenes import Scene, scene
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.works import open_works

_OPENING = """\
Paperboy, demonstrated on {platform}: the recorded announcements of {day:%A} {day.day} {day:%B %Y}, fetched,
matched, read, analysed and posted by the real code to a small {platform} on this machine, where Ada and Bo
talk to it. This is what they see ({where}; long parts are folded, as there):
"""


class DemoTime:
    """A clock that begins on the recorded morning and moves when somebody waits."""

    def __init__(self) -> None:
        self._now = MORNING

    def clock(self) -> datetime:
        return self._now.astimezone(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(0)
        # A microsecond more, which is the least a datetime knows: who waits for a moment then reaches it.
        self._now += timedelta(seconds=seconds, microseconds=1)


async def converse(platform: str, out: Path, language: str, page: Path | None) -> None:
    """Play the scene of a platform and print the conversation; `page` gets it as it looks there."""
    time = DemoTime()
    stage = scene(platform, time.clock)
    print(_OPENING.format(platform=platform.capitalize(), day=DAY, where=stage.where), flush=True)
    await play(stage, time, out, language)
    print("\n".join(stage.lines()))
    if page is not None:
        await asyncio.to_thread(_write, page, stage.page())
        print(f"\nAs it looks there: {page}")


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


async def play(stage: Scene, time: DemoTime, out: Path, language: str) -> None:
    """Run the bot on the recorded day while the people of the scene talk to it."""
    begin_anew(out)
    async with ArxivServer(clock=time.clock) as arxiv, stage.served():
        arxiv.replay(DATA)
        arxiv.keeps_pdfs_back = True
        settings = demo_settings(arxiv.url, out, language, **stage.settings())
        with progress() as told:
            parts = Parts(settings, clock=time.clock, sleep=time.sleep, watch=told)
            async with parts, chat_platforms(settings, parts) as chats, open_works(parts, chats) as works:
                await works.connect()
                await stage.play(works)
