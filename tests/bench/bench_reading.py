"""Reading PDFs: CPU beside bare extraction, the cost of looking for hidden text, what the bot feels of it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from pathlib import Path

import pymupdf

from digest.reading.assemble import full_text
from digest.reading.limits import Limits
from digest.reading.pdf import open_pdf, read_source
from digest.reading.worker import PdfReader

ROOT = Path(__file__).parents[2]
PAPERS = [path.read_bytes() for path in sorted((ROOT / "bot/demo/data").glob("*.pdf"))]
FLAGS = pymupdf.TEXTFLAGS_DICT & ~pymupdf.TEXT_PRESERVE_IMAGES & ~pymupdf.TEXT_PRESERVE_LIGATURES


def run() -> None:
    """Print milliseconds of CPU a page in this process, the loop's longest stall and the worker's memory."""
    for pdf in PAPERS:
        print(_beside_bare_extraction(pdf))
    print(asyncio.run(_worker()))


def _beside_bare_extraction(pdf: bytes) -> str:
    document = open_pdf(pdf)
    pages = document.page_count
    ways: list[Callable[[], object]] = [
        lambda: [page.get_text("dict") for page in document],
        lambda: [page.get_text("dict", flags=FLAGS) for page in document],
        lambda: full_text(read_source(document, Limits(), detect=False)),
        lambda: full_text(read_source(document, Limits())),
    ]
    images, bare, read, whole = (1000 * least / pages for least in _in_turns(ways))
    return (
        f"{pages} pages: {read:.1f} ms CPU a page, {read / bare:.2f} x dict without images ({bare:.1f} ms), "
        f"{read / images:.2f} x with images ({images:.1f} ms); hidden text {whole - read:.1f} ms more"
    )


def _in_turns(ways: list[Callable[[], object]], rounds: int = 4) -> list[float]:
    """The least CPU seconds of each way, measured in turns so that all meet the same machine."""
    least = [float("inf")] * len(ways)
    for _ in range(rounds):
        for index, way in enumerate(ways):
            started = time.process_time()
            way()
            least[index] = min(least[index], time.process_time() - started)
    return least


async def _worker() -> str:
    reader = PdfReader()
    started = time.perf_counter()
    await reader.read(PAPERS[0])
    first = time.perf_counter() - started
    idle = _resident(reader.pid)
    stall = await _longest_stall(reader)
    after = _resident(reader.pid)
    await reader.close()
    return (
        f"worker: first PDF after {first:.2f} s with its start, {idle:.0f} MB resident after it, "
        f"{after:.0f} MB after {2 * len(PAPERS)} more; longest stall of the event loop {stall:.1f} ms"
    )


async def _longest_stall(reader: PdfReader) -> float:
    longest = 0.0

    async def tick() -> None:
        nonlocal longest
        while True:
            before = time.perf_counter()
            await asyncio.sleep(0.001)
            longest = max(longest, time.perf_counter() - before - 0.001)

    ticking = asyncio.create_task(tick())
    for pdf in PAPERS * 2:
        await reader.read(pdf)
    ticking.cancel()
    return 1000 * longest


def _resident(pid: int | None) -> float:
    """Megabytes of resident memory; not a number without a process."""
    if pid is None:
        return float("nan")
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024
