"""Sockets that are closed, cut, refused or gone silent: commands work again soon after the peer is back."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path

from bot.demo.slack_wire import NotAcknowledged
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.program import Program, settings_of, small_arxiv, until
from tests.peers.slack import Slack, furnish
from tests.peers.slack_faults import drop

MOST = 30.0  # seconds after the loss, or after an outage
_GIVEN_UP = 120.0
_LATEST = 180.0  # seconds until what was said during an outage is answered

Loss = Callable[[Slack, random.Random], Awaitable[None]]
_QUESTION = "<@UBOT> help"  # answered in the channel


def run(folder: Path, *, losses: int = 100, bots: int = 8, pause: float = 12.0) -> Iterator[Figure]:
    """So many losses over some bots side by side, each on its own Slack, at most `pause` seconds apart."""
    yield from asyncio.run(_measured(folder, losses, bots, pause))


async def _measured(folder: Path, losses: int, bots: int, pause: float) -> list[Figure]:
    kinds = [LOSSES[number % len(LOSSES)] for number in range(losses)]
    random.Random(7).shuffle(kinds)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(_bot(folder / str(number), kinds[number::bots], pause, seed=number))
            for number in range(bots)
        ]
    seconds = [each for task in tasks for each in task.result()[0]]
    answers = [each for task in tasks for each in task.result()[1]]
    errors = sum(task.result()[2] for task in tasks)
    worst: Counter[str] = Counter()
    for kind, took in seconds:
        worst[kind] = max(worst[kind], took)  # type: ignore[assignment]
    return [
        exactly("losses", len(seconds), losses),
        *(
            at_most(f"{kind}: seconds until a command is answered, at most", round(took, 1), MOST)
            for kind, took in sorted(worst.items())
        ),
        at_least("questions in outages", len(answers), losses // 4),
        exactly("of these never answered", sum(not each for each in answers)),
        exactly("of these answered twice", sum(each > 1 for each in answers)),
        exactly("errors in the logs", errors),
    ]


async def _bot(
    folder: Path, kinds: Sequence[Loss], pause: float, *, seed: int
) -> tuple[list[tuple[str, float]], list[int], int]:
    """What each loss of one bot cost, how often each question was answered, and the errors in the log."""
    chance, found = random.Random(seed), []
    async with small_arxiv() as arxiv, Slack(per_channel=None, patience=1.0) as slack:
        furnish(slack)
        program = Program(folder, settings_of(arxiv, slack))
        try:
            await program.start()
            await until(slack.wire.connected.is_set)
            for kind in kinds:
                await asyncio.sleep(chance.uniform(0, pause))
                await kind(slack, chance)
                found.append(((kind.__doc__ or "").rstrip("."), await _recovered(slack)))
            answers = await _answers(slack)
            await program.stop()
        finally:
            await program.kill()
    return found, answers, len(program.errors())


async def _answers(slack: Slack) -> list[int]:
    """How often each question was answered in its thread, once there was time for that."""

    def found() -> list[int]:
        shown = slack.channel("C1").shown
        heard = Counter(each.thread_ts for each in shown if each.user == slack.world.bot.id)
        return [heard[each.ts] for each in shown if each.text == _QUESTION]

    with contextlib.suppress(TimeoutError):
        await until(lambda: all(found()), seconds=_LATEST)
    return found()


async def _recovered(slack: Slack) -> float:
    """Seconds until a command is acknowledged and answered."""
    began = time.monotonic()
    while time.monotonic() - began < _GIVEN_UP:
        before = len(slack.world.ephemerals)
        try:
            delivery = await slack.command("/subscriptions", user="U1", channel="C1")
            await delivery.ack(within=5.0)
            await until(lambda before=before: len(slack.world.ephemerals) > before, seconds=5.0)
        except (NotAcknowledged, TimeoutError):
            await asyncio.sleep(0.1)
        else:
            break
    return time.monotonic() - began


# Ways to lose a socket; each returns when Slack is well again, but for what turns away the next attempts.


async def _refreshed(slack: Slack, chance: random.Random) -> None:
    """Slack asks for a new connection."""
    await slack.disconnect("refresh_requested", close=chance.random() < 0.5)


async def _warned(slack: Slack, chance: random.Random) -> None:
    """Slack warns, and closes."""
    await slack.disconnect("warning")


async def _cut(slack: Slack, chance: random.Random) -> None:
    """The connection is cut."""
    slack.cut_sockets()


async def _expired(slack: Slack, chance: random.Random) -> None:
    """Tickets expire on the way."""
    slack.expire_tickets(chance.randint(1, 3))
    slack.cut_sockets()


async def _refused(slack: Slack, chance: random.Random) -> None:
    """Handshakes are refused."""
    slack.refuse_sockets(chance.randint(1, 3))
    slack.cut_sockets()


async def _silent(slack: Slack, chance: random.Random) -> None:
    """The peer falls silent on an open connection."""
    for transport in slack.wire._transports.values():
        transport.pause_reading()
    slack.wire.sockets.clear()
    slack.wire.connected.clear()


async def _away(slack: Slack, chance: random.Random) -> None:
    """Slack is away for a while."""
    await slack.says("C1", "U1", _QUESTION)
    slack.misbehave("", drop(processed=False))
    slack.refuse_sockets(10_000)
    slack.cut_sockets()
    await asyncio.sleep(chance.uniform(1, 40))
    slack.behave()


async def _mute(slack: Slack, chance: random.Random) -> None:
    """The Web API fails while the socket stands."""
    slack.misbehave("", drop(processed=False))
    for _ in range(3):
        await slack.says("C1", "U1", _QUESTION)
        await asyncio.sleep(chance.uniform(0, 12))
    slack.behave()


LOSSES: Sequence[Loss] = (_refreshed, _warned, _cut, _expired, _refused, _silent, _away, _mute)
