"""`paperboy run` with PLATFORM=telegram, as a process."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.demo.telegram_model import Chat
from digest.arxiv.calendar import announcement_day, latest_announcement_day
from tests.peers.arxiv import Arxiv, FakeTime, new
from tests.peers.telegram import Telegram

PAPERBOY = [sys.executable, "-c", "from bot.cli import main; main()"]
PAPERS = 5
WAIT = 30.0  # seconds, for a process that does not do what it should


@pytest.fixture
async def arxiv() -> AsyncIterator[Arxiv]:
    async with Arxiv(time=FakeTime(datetime.now(UTC))) as arxiv:
        day = latest_announcement_day(announcement_day(datetime.now(UTC)))
        papers = [new(f"2606.300{n:02}", f"VLA paper {n}", day=day) for n in range(PAPERS)]
        arxiv.announce("cs.CV", *papers, day=day)
        yield arxiv


@pytest.fixture
async def telegram() -> AsyncIterator[Telegram]:
    async with Telegram() as telegram:
        yield telegram
        assert telegram.violations == []


class Running:
    """A `paperboy run` with one chat, whose log goes on in the same file each time it is started."""

    def __init__(self, folder: Path, arxiv: Arxiv, telegram: Telegram, chat: int, **settings: str) -> None:
        self.log = folder / "log.txt"
        self._folder = folder
        self._environment = {
            "PATH": os.environ["PATH"],
            "PLATFORM": "telegram",
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
            "TELEGRAM_CHAT": str(chat),
            "STORE": f"sqlite:///{folder}/paperboy.db",
            "REPORT_DIR": str(folder / "reports"),
            "CATEGORIES": "cs.CV",
            "KEYWORDS": "vla",
            "DIGEST_CAP": str(PAPERS),
            "TIMEZONE": "UTC",
            "ARXIV_RSS_URL": arxiv.url,
            "ARXIV_API_URL": arxiv.url,
            "ARXIV_URL": arxiv.url,
            "ARXIV_FEED_GAP": "0",
            "ARXIV_PAGE_GAP": "0",
            **settings,
        }

    async def start(self) -> asyncio.subprocess.Process:
        with self.log.open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *PAPERBOY,
                "run",
                env=self._environment,
                cwd=self._folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )


async def ended(process: asyncio.subprocess.Process) -> int:
    return await asyncio.wait_for(process.wait(), WAIT)


def told(telegram: Telegram, chat: Chat) -> list[str]:
    """The papers that have a message of their own, in order."""
    replies = [each.text.splitlines()[0] for each in telegram.from_bot(chat) if each.reply_to]
    return [line.partition(". ")[2] for line in replies]


async def test_a_process_delivers_answers_and_ends_in_good_order(
    tmp_path: Path, arxiv: Arxiv, telegram: Telegram
) -> None:
    ada = telegram.person("Ada")
    chat = telegram.private(ada)
    running = Running(tmp_path, arxiv, telegram, chat.id)
    process = await running.start()

    await telegram.until(lambda: len(told(telegram, chat)) == PAPERS, seconds=WAIT)
    known = len(telegram.from_bot(chat))
    await telegram.says(chat, ada, "/help")
    await telegram.until(lambda: len(telegram.from_bot(chat)) > known, seconds=WAIT)
    process.send_signal(signal.SIGTERM)

    assert await ended(process) == 0
    log = running.log.read_text()
    assert telegram.refusals == []
    assert "Traceback" not in log
    assert telegram.token not in log
    assert "getUpdates" not in log


async def test_kill_9_at_any_moment_loses_no_message_and_doubles_none(
    tmp_path: Path, arxiv: Arxiv, telegram: Telegram
) -> None:
    ada = telegram.person("Ada")
    chat = telegram.supergroup("Team", ada)
    running = Running(tmp_path, arxiv, telegram, chat.id)
    for _ in range(5):
        process = await running.start()
        known = len(telegram.calls)
        await telegram.until(lambda known=known: len(telegram.calls) > known + 2, seconds=WAIT)
        await asyncio.sleep(random.uniform(0.0, 1.5))
        process.kill()
        await process.wait()

    process = await running.start()
    known = len(telegram.calls)
    await telegram.until(
        lambda: len(told(telegram, chat)) >= PAPERS and len(telegram.calls) > known, seconds=WAIT
    )
    process.send_signal(signal.SIGTERM)

    assert await ended(process) == 0
    assert told(telegram, chat) == [f"VLA paper {n}" for n in range(PAPERS)]
    assert len(telegram.from_bot(chat)) == 1 + PAPERS


@pytest.mark.parametrize("token", ["", "123456:AAE-another-token-of-nobody-012345"])
async def test_a_token_that_is_missing_or_wrong_ends_the_process_with_a_sentence(
    tmp_path: Path, arxiv: Arxiv, telegram: Telegram, token: str
) -> None:
    running = Running(tmp_path, arxiv, telegram, 7, TELEGRAM_BOT_TOKEN=token)
    process = await running.start()

    assert await ended(process) in (1, 2)
    assert [line for line in running.log.read_text().splitlines() if "TELEGRAM_BOT_TOKEN" in line]
    assert "Traceback" not in running.log.read_text()
    assert token == "" or token not in running.log.read_text()
