"""SIGTERM at any moment of a busy life: a quick and clean end, and every accepted command is answered."""

from __future__ import annotations

import asyncio
import itertools
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bot.demo.slack_view import lines
from bot.demo.slack_wire import Ack, Delivery
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.program import Program, settings_of, small_arxiv, until
from tests.peers.slack import Slack, furnish

MOST = 10.0  # seconds to the end
_CHANNELS = 40
_SLOW = 5  # every so many commands one reads a paper first,
_BUSY = 4  # in every so many lives
_PAPERS = 2_000
_PATIENCE = 300.0  # seconds for the answers after the last start


def run(folder: Path, *, stops: int = 100) -> Iterator[Figure]:
    """Stop and start again so often; what became of the commands."""
    yield from asyncio.run(_measured(folder, stops))


@dataclass
class _Said:
    """What was said to the bot, by the word that only its answer has."""

    waiting: dict[str, Delivery] = field(default_factory=dict)
    accepted: list[str] = field(default_factory=list)
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def settle(self) -> None:
        """Note which commands the bot has acknowledged; the others are for their people to repeat."""
        for word, delivery in list(self.waiting.items()):
            if delivery.result.done():
                del self.waiting[word]
                if isinstance(delivery.result.result(), Ack):
                    self.accepted.append(word)


async def _measured(folder: Path, stops: int) -> list[Figure]:
    codes: Counter[int] = Counter()
    seconds: list[float] = []
    said, chance = _Said(), random.Random(7)
    async with small_arxiv(_PAPERS) as arxiv, Slack(per_channel=None) as slack:
        furnish(slack)
        for number in range(_CHANNELS):
            slack.add_channel(f"C{100 + number}", f"lab-{number}", members=("U1",))
        program = Program(folder, settings_of(arxiv, slack))
        try:
            for life in range(stops):
                await program.start()
                await until(slack.wire.connected.is_set)
                talking = asyncio.create_task(_talk(slack, said, chance, slow=life % _BUSY == 0))
                await asyncio.sleep(chance.uniform(0, 1.5))
                code, took = await program.stop()
                talking.cancel()
                await asyncio.gather(talking, return_exceptions=True)
                codes[code] += 1
                seconds.append(took)
                said.settle()
            await program.start()
            await _settled(slack, said)
            code, _ = await program.stop()
        finally:
            await program.kill()
        counts = _counts(slack, said)
    return [
        exactly("stops with exit code 0", codes[0], stops),
        at_most("longest end, seconds", round(max(seconds), 2), MOST),
        at_least("commands accepted", len(said.accepted), 3 * stops),
        exactly("accepted commands without an answer", sum(count == 0 for count in counts)),
        exactly("commands answered twice", sum(count > 1 for count in counts)),
        exactly("errors in the log", len(program.errors())),
    ]


async def _talk(slack: Slack, said: _Said, chance: random.Random, *, slow: bool) -> None:
    """Say something new every few milliseconds."""
    while True:
        number = next(said.numbers)
        channel = f"C{100 + number % _CHANNELS}"
        if number % _SLOW or not slow:
            word = f"term{number:05}"
            command, text = "/subscribe", word
        else:
            word = f"2606.3{number % _PAPERS:04}"
            command, text = "/explain", word
        said.waiting[word] = await slack.command(command, text, user="U1", channel=channel)
        await asyncio.sleep(chance.uniform(0, 0.15))


async def _settled(slack: Slack, said: _Said) -> None:
    """Wait until all is answered, but not for ever, and then a little for what is said twice."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        said.settle()
        if not said.waiting and all(_counts(slack, said)):
            break
        await asyncio.sleep(0.5)
    await asyncio.sleep(1.0)


def _counts(slack: Slack, said: _Said) -> list[int]:
    """How often each accepted command was answered."""
    answers = _answers(slack)
    return [answers.count(f"“{word}”") or answers.count(f"{word}v1 · abs") for word in said.accepted]


def _answers(slack: Slack) -> str:
    """All that Ada reads, in one."""
    shown = [each for channel in slack.world.channels.values() for each in channel.shown]
    shown += slack.world.ephemerals
    return "\n".join(lines(shown, slack.world.names(), width=10_000))
