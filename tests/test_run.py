"""`paperboy run` as a process: killed, stopped, restarted, and spoken to through a pipe."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.app import bring_forward
from digest.arxiv.calendar import announcement_day, latest_announcement_day
from tests.peers.arxiv import Arxiv, FakeTime, new

PAPERBOY = [sys.executable, "-c", "from bot.cli import main; main()"]
PAPERS = 12
WAIT = 30.0  # seconds, for a process that does not do what it should


@pytest.fixture
async def arxiv() -> AsyncIterator[Arxiv]:
    async with Arxiv(time=FakeTime(datetime.now(UTC))) as arxiv:
        day = latest_announcement_day(announcement_day(datetime.now(UTC)))
        text = "We present a model. It is better than all others. " * 4
        papers = [new(f"2606.300{n:02}", f"VLA paper {n}", day=day, abstract=text) for n in range(PAPERS)]
        arxiv.announce("cs.CV", *papers, day=day)
        yield arxiv


def environment(folder: Path, arxiv: Arxiv) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
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
    }


class Running:
    """A `paperboy run` whose output goes on in the same file each time it is started."""

    def __init__(self, folder: Path, arxiv: Arxiv) -> None:
        self.screen = folder / "screen.txt"
        self._folder = folder
        self._arxiv = arxiv
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> asyncio.subprocess.Process:
        with self.screen.open("ab") as screen, (self._folder / "log.txt").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *PAPERBOY,
                "run",
                env=environment(self._folder, self._arxiv),
                cwd=self._folder,
                stdin=asyncio.subprocess.PIPE,
                stdout=screen,
                stderr=log,
            )
        return self._process

    def printed(self) -> str:
        return self.screen.read_text(encoding="utf-8") if self.screen.exists() else ""

    async def until_printed(self, text: str) -> None:
        async with asyncio.timeout(WAIT):
            while text not in self.printed():
                await asyncio.sleep(0.05)


async def test_sigterm_ends_the_process_in_good_order(tmp_path: Path, arxiv: Arxiv) -> None:
    running = Running(tmp_path, arxiv)
    process = await running.start()
    await running.until_printed("VLA paper")

    process.send_signal(signal.SIGTERM)

    assert await asyncio.wait_for(process.wait(), WAIT) == 0
    assert "Traceback" not in (tmp_path / "log.txt").read_text()


async def test_a_second_process_on_the_same_store_is_refused_in_one_sentence(
    tmp_path: Path, arxiv: Arxiv
) -> None:
    first = await Running(tmp_path, arxiv).start()
    while not (tmp_path / "paperboy.db").exists():
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    second = await asyncio.create_subprocess_exec(
        *PAPERBOY,
        "run",
        env=environment(tmp_path, arxiv),
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.DEVNULL,
    )

    _, errors = await asyncio.wait_for(second.communicate(), WAIT)

    assert second.returncode == 1
    assert str(first.pid) in errors.decode()
    assert len(errors.decode().splitlines()) == 1
    first.kill()
    await first.wait()


async def test_commands_come_through_a_pipe(tmp_path: Path, arxiv: Arxiv) -> None:
    running = Running(tmp_path, arxiv)
    process = await running.start()
    assert process.stdin is not None
    process.stdin.write(b"/subscriptions\n/subscrbe x\n")

    await running.until_printed("Did you mean `/subscribe`?")
    await running.until_printed("#1 vla")

    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), WAIT) == 0


async def test_kill_9_at_any_moment_loses_no_line_and_repeats_none(tmp_path: Path, arxiv: Arxiv) -> None:
    calm, stormy = tmp_path / "calm", tmp_path / "stormy"
    for folder in (calm, stormy):
        folder.mkdir()
    undisturbed = Running(calm, arxiv)
    process = await undisturbed.start()
    await _all_papers(undisturbed)
    process.kill()
    await process.wait()

    killed = Running(stormy, arxiv)
    for _ in range(4):
        process = await killed.start()
        await asyncio.sleep(random.uniform(0.6, 1.6))
        process.kill()
        await process.wait()
    process = await killed.start()
    await _all_papers(killed)
    process.kill()
    await process.wait()

    assert killed.printed() == undisturbed.printed()


async def _all_papers(running: Running) -> None:
    """Wait until the last reply is out and nothing follows."""
    for n in range(PAPERS):
        await running.until_printed(f"/explain 2606.300{n:02}v1")


async def test_jobs_run_on_when_the_clock_is_set_back() -> None:
    now, ran = datetime.now(UTC), asyncio.Event()
    scheduler = AsyncIOScheduler(timezone="UTC")

    async def run() -> None:
        ran.set()

    # A clock that is set back by five hours leaves jobs due that much later.
    lost = scheduler.add_job(run, "interval", seconds=20, next_run_time=now + timedelta(hours=5, seconds=7))
    due = scheduler.add_job(run, "interval", hours=24, next_run_time=now + timedelta(hours=23))
    scheduler.start()
    bring_forward(scheduler, datetime.now(UTC))
    async with asyncio.timeout(5):
        await ran.wait()

    assert timedelta(seconds=10) < lost.next_run_time - now < timedelta(seconds=30)
    assert due.next_run_time == now + timedelta(hours=23)
    scheduler.shutdown(wait=False)


async def test_a_new_store_in_the_same_folder_tells_its_own_digest(tmp_path: Path, arxiv: Arxiv) -> None:
    running = Running(tmp_path, arxiv)
    process = await running.start()
    await _all_papers(running)
    process.kill()
    await process.wait()
    for path in tmp_path.glob("paperboy.db*"):
        if path.is_file() and not path.name.endswith(".console"):
            path.unlink()
    first = running.printed()

    process = await running.start()
    async with asyncio.timeout(WAIT):
        while running.printed().count("/explain 2606.30000v1") < 2:
            await asyncio.sleep(0.05)
    process.kill()
    await process.wait()

    assert running.printed().startswith(first)
