"""Signs of life: when jobs last ended, and how late the event loop is."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Callable
from datetime import datetime

from digest.clock import Clock

_BEAT = 1.0  # seconds between looks at the loop
_REMEMBERED = 60  # looks, so one minute


class Pulse:
    """Notes the ends of jobs by their names. `seconds` counts on whatever is done to the wall clock."""

    def __init__(self, clock: Clock, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._ended: dict[str, float] = {}
        self.successes: dict[str, datetime] = {}

    def ended(self, job: str) -> None:
        """A job has come to its end, well or not."""
        self._ended[job] = self._seconds()

    def succeeded(self, job: str) -> None:
        """A job has done what it is for."""
        self.successes[job] = self._clock()
        self.ended(job)

    def age(self, job: str) -> float | None:
        """Seconds since a job last ended; None if it never did."""
        at = self._ended.get(job)
        return None if at is None else self._seconds() - at


class LoopLag:
    """How late the event loop takes up what is due, in seconds, looked at every second."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque(maxlen=_REMEMBERED)

    async def watch(self) -> None:
        """Look until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _BEAT
            await asyncio.sleep(_BEAT)
            self._seen.append(max(0.0, loop.time() - due))

    def worst(self, looks: int = _REMEMBERED) -> float:
        """The longest of the latest looks."""
        return max(list(self._seen)[-looks:], default=0.0)
