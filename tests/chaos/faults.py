"""Deliveries to a platform that drops, refuses, breaks, cuts and stalls: each arrives once, in order."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tests.chaos.digests import Reading
from tests.chaos.figures import Figure, at_least, exactly
from tests.chaos.scene import scene

SPEED = 100.0
RATE = 0.35  # of the posts go wrong
_MESSAGES = 50  # of one digest
_PATIENCE = 300.0  # seconds of the wall


def run(
    folder: Path,
    platform: str,
    *,
    deliveries: int = 1_000,
    stalls: int = 4,
    stall: float = 33.0,
    seed: int = 7,
) -> Iterator[Figure]:
    """Deliver digests side by side; `stalls` of their first posts are answered after the bot gave them up."""
    digests = max(1, deliveries // _MESSAGES)
    with scene(
        platform,
        folder,
        speed=SPEED,
        latency=0.002,
        channels=digests,
        faults=RATE,
        stalls=stalls,
        stall=stall,
        strict=True,
        seed=seed,
    ) as told:
        for channel in told.channels:
            told.fill(channel)
        process = told.life(*told.channels)
        process.join(_PATIENCE)
        ended = process.exitcode
        process.kill()
        reading = sum((told.reading(channel) for channel in told.channels), start=Reading())
        peer, sound = told.ask("told"), told.sound()
    yield exactly("exit code", ended, 0)
    yield at_least("deliveries", reading.messages, deliveries)
    yield at_least("faults met", peer["faults"], deliveries * RATE // 2)
    yield exactly("lost", reading.lost)
    yield exactly("doubled", reading.doubled)
    yield exactly("out of order", reading.disordered)
    yield exactly("outside their thread", reading.astray)
    yield exactly("answers of 429 that a limit gave", peer["limited"])
    yield exactly("integrity_check", sound, "ok")
    yield exactly("calls against the platform's specification", len(peer["violations"]))
