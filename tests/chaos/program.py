"""`paperboy run` as a process, and the small world around it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

from digest.arxiv.calendar import announcement_day, latest_announcement_day
from tests.peers.arxiv import Arxiv, FakeTime, new
from tests.peers.slack import Slack

PAPERBOY = [sys.executable, "-c", "from bot.cli import main; main()"]
DATA = Path(__file__).parents[2] / "bot" / "demo" / "data"
WAIT = 60.0  # seconds for what ought to come in one
_TICKS = os.sysconf("SC_CLK_TCK")
_TEXT = "We present a vision language action model for robots. It is better than all others. " * 6


class Program:
    """One Paperboy on one folder, which is started, stopped and killed; its log goes on in one file."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.log = folder / "log.txt"
        self._environment = {
            "PATH": os.environ["PATH"],
            "STORE": f"sqlite:///{folder}/paperboy.db",
            "REPORT_DIR": str(folder / "reports"),
            "CATEGORIES": "cs.CV",
            "TIMEZONE": "UTC",
            "ARXIV_FEED_GAP": "0",
            "ARXIV_PAGE_GAP": "0",
            "LOG_FORMAT": "json",
            "HTTP_LISTEN": "127.0.0.1:0",
            **settings,
        }

    async def start(self) -> asyncio.subprocess.Process:
        """Start it."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *PAPERBOY,
                "run",
                env=self._environment,
                cwd=self.folder,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        return self.process

    async def stop(self) -> tuple[int, float]:
        """Ask it to end; its exit code, and how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        code = await asyncio.wait_for(self.process.wait(), WAIT)
        return code, time.monotonic() - began

    async def kill(self) -> None:
        """End it if it is there."""
        if self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    @property
    def cpu(self) -> float:
        """Seconds of processor that it took so far, for itself and the system."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS

    @property
    def memory(self) -> tuple[float, float]:
        """Resident megabytes now, and at most so far; the PDF worker is a process of its own."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        told = dict(line.split(":", 1) for line in lines if ":" in line)
        now, most = (int(told[name].split()[0]) / 1024 for name in ("VmRSS", "VmHWM"))
        return now, most

    @property
    def workers(self) -> int:
        """How many processes of its own it has now: the one that reads PDFs."""
        found = 0
        for stat in Path("/proc").glob("[0-9]*/stat"):
            with contextlib.suppress(OSError):  # it has ended
                found += int(stat.read_text().rpartition(")")[2].split()[1]) == self.process.pid
        return found

    def errors(self) -> list[str]:
        """Tracebacks and what broke, in its log."""
        lines = self.log.read_text().splitlines()
        return [line for line in lines if "Traceback" in line or '"level": "error"' in line]


@asynccontextmanager
async def small_arxiv(papers: int = 12, *, pdfs_from: int = 0) -> AsyncIterator[Arxiv]:
    """An arXiv with so many papers today, 2606.30000 and on; those from a number on have a real PDF."""
    async with Arxiv(time=FakeTime(datetime.now(UTC))) as arxiv:
        day = latest_announcement_day(announcement_day(datetime.now(UTC)))
        files = [path.read_bytes() for path in sorted(DATA.glob("*.pdf"))]
        for number in range(papers):
            arxiv.announce("cs.CV", new(f"2606.3{number:04}", f"VLA paper {number}", day=day, abstract=_TEXT))
            if number >= pdfs_from:
                arxiv.add_pdf(f"2606.3{number:04}", files[number % len(files)])
        yield arxiv


def settings_of(arxiv: Arxiv, slack: Slack | None = None) -> dict[str, str]:
    """The settings of a program in that world."""
    told = {"ARXIV_RSS_URL": arxiv.url, "ARXIV_API_URL": arxiv.url, "ARXIV_URL": arxiv.url}
    if slack is not None:
        told |= {
            "PLATFORM": "slack",
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.url.rstrip("/"),
        }
    return told


async def until(condition: Callable[[], object], *, seconds: float = WAIT) -> None:
    """Wait until something is so. Raises `TimeoutError` if it is not in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.01)
