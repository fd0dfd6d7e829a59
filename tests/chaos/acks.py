"""Commands are acknowledged at once, while PDFs are read and a digest posts."""

from __future__ import annotations

import asyncio
import itertools
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.program import Program, settings_of, small_arxiv, until
from tests.peers.slack import Slack, furnish

P99, MOST = 0.300, 2.0  # seconds
AT_ONCE = 4  # PDFs that are read
_DIGEST = 40  # papers; their messages take as many seconds
_COMMANDS = (
    ("/subscriptions", ""),
    ("/help", ""),
    ("/digest", "status"),
    ("/subscribe", "vision language action"),
    ("/arxiv", "help subscribe"),
)


def run(folder: Path, *, commands: int = 200, p99: float = P99) -> Iterator[Figure]:
    """Give so many commands during the load; what the peer measured."""
    yield from asyncio.run(_measured(folder, commands, p99))


async def _measured(folder: Path, commands: int, p99: float) -> list[Figure]:
    async with small_arxiv(_DIGEST + 300, pdfs_from=_DIGEST) as arxiv, Slack() as slack:
        furnish(slack)
        program = Program(folder, settings_of(arxiv, slack) | {"DIGEST_CAP": str(_DIGEST)})
        await program.start()
        try:
            await until(lambda: slack.wire.connected.is_set())
            await (await slack.command("/subscribe", "vla", user="U1", channel="C1")).ack()
            await until(lambda: slack.ephemerals("U1"))
            await slack.command("/digest", "now", user="U1", channel="C1")
            load = asyncio.create_task(_load(slack))
            await until(lambda: _own(slack, "C1") and program.workers)
            before = _own(slack, "C1")
            seconds = [each async for each in _acks(slack, commands)]
            reading = program.workers
            load.cancel()
            posted = _own(slack, "C1") - before
            answered = sum(not each.thread_ts for each in slack.channel("C2").shown)
        finally:
            await program.kill()
    seconds.sort()
    return [
        exactly("commands acknowledged", len(seconds), commands),
        at_most("p99, ms", 1000 * seconds[int(0.99 * len(seconds))], 1000 * p99),
        at_most("longest, ms", 1000 * seconds[-1], 1000 * MOST),
        at_most("median, ms", 1000 * seconds[len(seconds) // 2], 1000 * p99),
        at_least("messages of the digest meanwhile", posted, commands // 20),
        at_least("papers explained meanwhile", answered, AT_ONCE * commands // 200),
        at_least("PDF workers at the end", reading, 1),
        exactly("errors in the log", len(program.errors())),
    ]


def _own(slack: Slack, channel: str) -> int:
    return sum(each.user == slack.world.bot.id for each in slack.channel(channel).shown)


async def _load(slack: Slack) -> None:
    """Explanations of papers, four at a time, for as long as it takes."""
    for asked in itertools.count():
        await until(
            lambda asked=asked: (
                asked - sum(not each.thread_ts for each in slack.channel("C2").shown) < AT_ONCE
            )
        )
        await slack.command("/explain", f"2606.3{_DIGEST + asked:04}", user="U1", channel="C2")


async def _acks(slack: Slack, commands: int) -> AsyncIterator[float]:
    """Seconds to each acknowledgement, of commands that come as they come."""
    chance = random.Random(7)
    for number in range(commands):
        await asyncio.sleep(chance.uniform(0, 0.2))
        name, text = _COMMANDS[number % len(_COMMANDS)]
        delivery = await slack.command(name, text, user="U1", channel=chance.choice(("C1", "C2")))
        yield (await delivery.ack()).seconds
