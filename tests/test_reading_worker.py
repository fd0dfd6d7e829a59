"""The reading worker: whatever a PDF does to it, the bot goes on and the next PDF is read."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from digest.errors import FullTextError
from digest.reading.limits import Limits
from digest.reading.worker import PdfReader
from tests import pdfs

ROOT = Path(__file__).parents[1]
GOOD = pdfs.hidden_pdf("white")
ENDLESS = pdfs.form_bomb()


@pytest.fixture
async def reader() -> AsyncIterator[PdfReader]:
    reader = PdfReader(Limits(seconds=1))
    await reader.read(GOOD)
    yield reader
    await reader.close()


async def until(condition: Callable[[], bool], *, seconds: float = 5) -> None:
    """Wait for another process."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended but was not collected by its parent does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1][0] not in "ZX"
    except OSError:
        return False


def exists(pid: int) -> bool:
    """Whether anything is left of a process, even an uncollected one."""
    return Path(f"/proc/{pid}").exists()


def environment(pid: int | None) -> set[bytes]:
    """The names of a process's environment variables."""
    return {line.split(b"=")[0] for line in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0") if line}


def at_work(pid: int) -> Callable[[], bool]:
    """Whether a process has worked for a while since this was asked for."""
    before = _ticks(pid)
    return lambda: _ticks(pid) > before + 4


def _ticks(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split()[11])


async def test_one_worker_reads_many_pdfs(reader: PdfReader) -> None:
    first = reader.pid
    texts = await asyncio.gather(*(reader.read(GOOD) for _ in range(4)))

    assert reader.pid == first
    assert len(set(map(str, texts))) == 1
    assert texts[0].hidden[0].instruction


async def test_nothing_starts_before_the_first_pdf() -> None:
    reader = PdfReader()

    assert reader.pid is None
    await reader.close()


async def test_a_refused_pdf_leaves_the_worker_in_place(reader: PdfReader) -> None:
    first = reader.pid
    with pytest.raises(FullTextError, match="web page"):
        await reader.read(b"<html>nothing here</html>")

    assert reader.pid == first


async def test_a_pdf_that_never_ends_is_stopped_and_the_next_one_is_read(reader: PdfReader) -> None:
    started = time.monotonic()
    with pytest.raises(FullTextError, match=r"^Reading the PDF took longer than 1 seconds\.$"):
        await reader.read(ENDLESS)

    assert time.monotonic() - started < 4
    assert (await reader.read(GOOD)).paragraphs


async def test_a_worker_that_dies_on_a_pdf_is_replaced(reader: PdfReader) -> None:
    pid = reader.pid
    assert pid is not None
    working = at_work(pid)
    reading = asyncio.create_task(reader.read(ENDLESS))
    await until(working)
    os.kill(pid, signal.SIGSEGV)

    with pytest.raises(FullTextError, match="crashed the PDF library"):
        await reading
    assert (await reader.read(GOOD)).paragraphs


async def test_a_worker_that_died_idle_costs_no_pdf(reader: PdfReader) -> None:
    pid = reader.pid
    assert pid is not None
    os.kill(pid, signal.SIGKILL)

    assert (await reader.read(GOOD)).paragraphs
    assert reader.pid != pid


async def test_a_cancelled_reading_frees_the_reader_at_once(reader: PdfReader) -> None:
    pid = reader.pid
    assert pid is not None
    working = at_work(pid)
    reading = asyncio.create_task(reader.read(ENDLESS))
    await until(working)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading

    assert not alive(pid)
    assert (await reader.read(GOOD)).paragraphs


async def test_a_worker_is_replaced_after_its_share_of_pdfs() -> None:
    reader = PdfReader(Limits(pdfs=2))
    gone = [(await reader.read(GOOD)).pages == 1 and reader.pid is None for _ in range(4)]
    await reader.close()

    # After its last PDF a worker is gone before the next is asked for.
    assert gone == [False, True, False, True]


async def test_a_pdf_that_needs_too_much_memory_is_refused() -> None:
    reader = PdfReader(Limits(memory=200 * 2**20, seconds=10))
    with pytest.raises(FullTextError, match=r"far too large|memory"):
        await reader.read(pdfs.flate_bomb(40))

    assert (await reader.read(GOOD)).paragraphs
    await reader.close()


async def test_a_pdf_over_the_size_limit_is_never_sent() -> None:
    reader = PdfReader(Limits(bytes=1000))
    with pytest.raises(FullTextError, match="MB"):
        await reader.read(GOOD)

    assert reader.pid is None


async def test_closing_leaves_no_process(reader: PdfReader) -> None:
    pid = reader.pid
    assert pid is not None
    await reader.close()

    assert not exists(pid)


async def test_the_loop_goes_on_while_a_pdf_is_read(reader: PdfReader) -> None:
    ticks = 0
    reading = asyncio.create_task(reader.read(pdfs.form_bomb()))
    while not reading.done():
        await asyncio.sleep(0.01)
        ticks += 1

    assert ticks > 30
    assert isinstance(reading.exception(), FullTextError)


@pytest.mark.parametrize("what", ["idle", "busy"])
async def test_the_worker_ends_when_the_bot_is_killed(what: str) -> None:
    code = f"""
import asyncio
from digest.reading.worker import PdfReader
from tests import pdfs
async def main():
    reader = PdfReader()
    await reader.read(pdfs.hidden_pdf("white"))
    print(reader.pid, flush=True)
    if {what == "busy"}:
        await reader.read(pdfs.form_bomb())
    await asyncio.sleep(30)
asyncio.run(main())
"""
    bot = await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, cwd=ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert bot.stdout is not None
    pid = int(await bot.stdout.readline())
    if what == "busy":
        await until(at_work(pid))
    assert alive(pid)
    bot.kill()
    await bot.wait()

    await until(lambda: not alive(pid))


def test_the_main_process_never_loads_the_pdf_library() -> None:
    code = "import sys, digest.reading.worker; print('pymupdf' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, text=True)

    assert shown.stdout.strip() == "False"


async def test_the_worker_knows_nothing_of_the_environment(reader: PdfReader) -> None:
    assert environment(reader.pid) <= {b"MALLOC_ARENA_MAX", b"MALLOC_TRIM_THRESHOLD_", b"LD_LIBRARY_PATH"}
