"""What a Paperboy on one platform weighs when nothing happens, and what its start costs."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from tests.chaos.figures import Figure, at_most, exactly
from tests.chaos.program import Program, settings_of, small_arxiv, until
from tests.peers.slack import Slack, furnish
from tests.peers.telegram import Telegram

MEGABYTES, CPU = 75.0, 0.8

Connected = Callable[[], bool]


def run(folder: Path, *, starts: int = 5, idle: float = 10.0, cpu: float = CPU) -> Iterator[Figure]:
    """Start so often on each platform, and stay idle once for so many seconds."""
    for name, world in (("Slack", _slack), ("Telegram", _telegram)):
        yield from asyncio.run(_measured(folder / name, name, world, starts, idle, cpu))


async def _measured(
    folder: Path,
    name: str,
    world: Callable[[], AsyncIterator[tuple[dict[str, str], Connected]]],
    starts: int,
    idle: float,
    cpu: float,
) -> list[Figure]:
    seconds = []
    for number in range(starts):
        async with asynccontextmanager(world)() as (settings, connected):
            program = Program(folder / str(number), settings)
            await program.start()
            try:
                await until(connected)
                seconds.append(program.cpu)
                if number == starts - 1:
                    await asyncio.sleep(idle)
                    now, most = program.memory
                    workers = program.workers
                code, _ = await program.stop()
            finally:
                await program.kill()
    return [
        at_most(
            f"{name}: start to connected, seconds of processor, median of {starts}", _median(seconds), CPU
        ),
        at_most(f"{name}: resident after {idle:g} s idle, MB", now, MEGABYTES),
        at_most(f"{name}: resident at most until then, MB", most, MEGABYTES),
        exactly(f"{name}: other processes meanwhile", workers),
        exactly(f"{name}: exit code", code),
    ]


def _median(seconds: list[float]) -> float:
    return round(statistics.median(seconds), 3)


async def _slack() -> AsyncIterator[tuple[dict[str, str], Connected]]:
    async with small_arxiv() as arxiv, Slack() as slack:
        furnish(slack)
        yield settings_of(arxiv, slack), lambda: slack.wire.connected.is_set()


async def _telegram() -> AsyncIterator[tuple[dict[str, str], Connected]]:
    async with small_arxiv() as arxiv, Telegram() as telegram:
        told = {
            "PLATFORM": "telegram",
            "TELEGRAM_BOT_TOKEN": telegram.token,
            "TELEGRAM_API_URL": telegram.url,
        }
        yield settings_of(arxiv) | told, lambda: telegram.updates.polled
