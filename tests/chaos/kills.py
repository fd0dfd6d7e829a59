"""`kill -9` at random points of digests: nothing lost, nothing doubled."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.chaos.digests import Reading
from tests.chaos.figures import Figure, at_least, at_most, exactly
from tests.chaos.scene import Scene, scene

SPEED = 100.0
LATENCY = 0.006  # seconds of the wall, each way
LIVES = 8  # of one digest; the last one ends it
_WHILE_SENDING = 0.3  # of the kills wait for a message to be begun, which takes little of the time
_PATIENCE = 120.0  # seconds for a digest that ought to end
_PHASES = ("between two messages", "begun and not arrived", "arrived and not marked")

Ran = list[tuple[str, BaseProcess]]


@dataclass
class _Tally:
    kills: int = 0
    digests: int = 0
    phases: Counter[str] = field(default_factory=Counter)
    reading: Reading = field(default_factory=Reading)
    unended: int = 0


def run(
    folder: Path,
    platform: str,
    *,
    kills: int = 200,
    foreign: float = 0.0,
    unsure: str = "probe",
    seed: int = 7,
) -> Iterator[Figure]:
    """Kill until there were so many kills; the figures of what people saw."""
    tally, chance = _Tally(), random.Random(seed)
    options = {"foreign": foreign} if platform == "telegram" else {}
    with scene(
        platform,
        folder,
        speed=SPEED,
        latency=LATENCY,
        channels=max(2, kills),
        seed=seed,
        telegram_unsure=unsure,
        **options,
    ) as told:
        for channel in told.channels:
            if tally.kills >= kills:
                break
            _digest(told, channel, tally, chance, most=kills)
        violations = told.ask("told")["violations"]
        sound = told.sound()
    yield from _figures(tally, kills, resent=unsure == "resend")
    yield exactly("integrity_check", sound, "ok")
    yield exactly("calls against the platform's specification", len(violations))


def _figures(tally: _Tally, kills: int, *, resent: bool) -> Iterator[Figure]:
    yield exactly("kills", tally.kills, kills)
    for phase in _PHASES:
        yield at_least(f"kills {phase}", tally.phases[phase], kills // 20)
    yield at_least("digests", tally.digests, 1)
    yield at_least("messages a digest", tally.reading.messages / max(1, tally.digests), 50)
    yield exactly("digests that did not end", tally.unended)
    yield exactly("lost", tally.reading.lost)
    if resent:
        yield at_most("doubled, at most one a kill", tally.reading.doubled, kills)
    else:
        yield exactly("doubled", tally.reading.doubled)
        yield exactly("out of order", tally.reading.disordered)
    yield exactly("outside their thread", tally.reading.astray)
    yield exactly("live mentions", tally.reading.live)


def _digest(told: Scene, channel: str, tally: _Tally, chance: random.Random, *, most: int) -> None:
    """Deliver one digest in several lives, and judge what came of it."""
    told.fill(channel)
    tally.digests += 1
    for _ in range(LIVES - 1):
        if tally.kills == most:
            break
        process = told.life(channel)
        _wait_for_a_moment(told, channel, process, chance)
        process.kill()
        process.join()
        if process.exitcode != -signal.SIGKILL:
            break  # it had just ended
        process.close()
        tally.kills += 1
        tally.phases[_phase(told, channel)] += 1
    process = told.life(channel)
    process.join(_PATIENCE)
    if process.exitcode != 0:
        tally.unended += 1
        process.kill()
        process.join()
    process.close()
    tally.reading += told.reading(channel)


def _wait_for_a_moment(told: Scene, channel: str, process: BaseProcess, chance: random.Random) -> None:
    """Some moment after a few more messages, within the time that one takes."""
    wanted = told.counts(channel).get("attempts", 0) + chance.randint(1, 6)
    until = time.monotonic() + _PATIENCE
    while process.is_alive() and time.monotonic() < until:
        counts = told.counts(channel)
        if counts["attempts"] >= wanted or set(counts) == {"sent", "attempts"}:
            break
        time.sleep(0.001)
    if chance.random() < _WHILE_SENDING:
        while process.is_alive() and time.monotonic() < until and not told.counts(channel).get("sending"):
            time.sleep(0.0002)
    else:
        time.sleep(chance.uniform(0, 0.03))


def _phase(told: Scene, channel: str) -> str:
    """Where the kill hit, told from the outbox and from what the peer has by the time that nothing moves."""
    counts = told.counts(channel)
    if not counts.get("sending"):
        return _PHASES[0]
    time.sleep(4 * LATENCY)
    arrived = told.reading(channel).messages - counts.get("sent", 0)
    return _PHASES[2] if arrived > 0 else _PHASES[1]
