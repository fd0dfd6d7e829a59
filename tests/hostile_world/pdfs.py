"""300 broken and hostile PDFs: each ends in text or in one clear sentence, and the bot goes on."""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from digest.errors import FullTextError
from digest.reading.limits import Limits
from digest.reading.worker import PdfReader
from tests import pdfs as good
from tests.bot_under_test import BotUnderTest, shown
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.hostile_world.broken_pdfs import broken
from tests.peers.arxiv import new

_CLEAR = re.compile(r"^[A-Z“][^\n]{8,200}\.$")
_SLACK = 2.0  # seconds to notice that the time is up, and to end a process


@dataclass
class _Seen:
    texts: int = 0
    refused: int = 0
    unclear: list[str] = field(default_factory=list)
    longest: float = 0.0
    address_space: int = 0  # kB, the most of any worker
    resident: int = 0
    workers: set[int] = field(default_factory=set)


def run(
    folder: Path, *, number: int = 300, whole: int = 50, limits: Limits | None = None
) -> Iterator[Figure]:
    """The figures of so many PDFs, of which `whole` go through the whole bot too."""
    limits = limits or Limits()
    samples = list(broken(number))
    seen, after = asyncio.run(_read(samples, limits))
    yield at_least("PDFs", len(samples), number)
    yield exactly("of them neither text nor a clear sentence", len(seen.unclear))
    yield at_least("of them read, if in part", seen.texts, 1)
    yield at_least("of them refused in a sentence", seen.refused, 1)
    yield at_most("the longest", seen.longest, limits.seconds + _SLACK, " s")
    yield at_most(
        "address space of the child, at most", seen.address_space / 1024, limits.memory / 2**20, " MiB"
    )
    yield at_most(
        "resident memory of the child, at most", seen.resident / 1024, limits.memory / 2**20, " MiB"
    )
    yield exactly("a good PDF after each tenth, not read", after)
    yield exactly("processes left", sum(Path(f"/proc/{pid}").exists() for pid in seen.workers))
    step = max(1, len(samples) // whole)
    told, unanswered = asyncio.run(_explained(folder, samples[::step], limits))
    yield at_least("of them through the whole bot", told, min(whole, len(samples)))
    yield exactly("of them without an analysis of text or abstract", unanswered)


async def _read(samples: list[tuple[str, bytes]], limits: Limits) -> tuple[_Seen, int]:
    seen, missed = _Seen(), 0
    reader = PdfReader(limits)
    async with _watched(reader, seen):
        for number, (kind, body) in enumerate(samples):
            began = time.monotonic()
            try:
                text = await reader.read(body)
                seen.texts += bool(text.paragraphs)
                if not text.paragraphs and not text.notes:
                    seen.unclear.append(f"{kind}: nothing")
            except FullTextError as error:
                seen.refused += 1
                seen.unclear += [] if _CLEAR.match(str(error)) else [f"{kind}: {error}"]
            seen.longest = max(seen.longest, time.monotonic() - began)
            if number % 10 == 9:
                missed += not (await reader.read(good.hidden_pdf("white"))).paragraphs
    await reader.close()
    return seen, missed


@asynccontextmanager
async def _watched(reader: PdfReader, seen: _Seen) -> AsyncIterator[None]:
    async def look() -> None:
        while True:
            if reader.pid is not None:
                seen.workers.add(reader.pid)
                with contextlib.suppress(OSError):
                    _note(Path(f"/proc/{reader.pid}/status").read_text(), seen)
            await asyncio.sleep(0.01)

    looking = asyncio.create_task(look())
    try:
        yield
    finally:
        looking.cancel()


def _note(status: str, seen: _Seen) -> None:
    for name, value in re.findall(r"^(VmPeak|VmHWM):\s+(\d+)", status, flags=re.MULTILINE):
        if name == "VmPeak":
            seen.address_space = max(seen.address_space, int(value))
        else:
            seen.resident = max(seen.resident, int(value))


async def _explained(folder: Path, samples: list[tuple[str, bytes]], limits: Limits) -> tuple[int, int]:
    unanswered = 0
    async with BotUnderTest(folder, pdf_seconds=int(limits.seconds)) as bot:
        for number, (_, body) in enumerate(samples):
            paper = f"2605.{number + 1:05}"
            abstract = "We present a gripper that learns. It grasps nine objects of ten in our tests."
            bot.arxiv.know(new(paper, f"Paper {number}", abstract=abstract).paper)
            bot.arxiv.add_pdf(paper, body)
            said = shown(await bot.hears(f"/explain {paper}"))
            unanswered += f"Paper {number}" not in said or len(said) < 200
    return len(samples), unanswered
