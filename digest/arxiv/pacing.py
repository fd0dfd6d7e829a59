"""When the next request to arXiv may go out."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

from digest.clock import Clock, Sleep


class Kind(StrEnum):
    """What is asked for. Pages of arxiv.org wait for each other longer than the rest."""

    FEED = "feed"
    API = "API answer"
    PAGE = "page"
    PDF = "PDF"


class Pace:
    """Keeps the least gap in seconds between requests, and a longer one between pages.

    Every gap counts from the moment `arrived` was called: when arXiv had the former request for certain.
    """

    def __init__(self, *, clock: Clock, sleep: Sleep, gaps: Mapping[Kind, float]) -> None:
        self._clock = clock
        self._sleep = sleep
        self._gaps = gaps
        self._least = min(gaps.values())
        self._last: dict[Kind, datetime] = {}

    def wait(self, kind: Kind) -> float:
        """Seconds until a request of this kind may go out; 0 if it may go now."""
        now = self._clock()
        waits = [self._remaining(now, at, self._least) for at in self._last.values()]
        if kind in self._last:
            waits.append(self._remaining(now, self._last[kind], self._gaps[kind]))
        return max(waits, default=0.0)

    async def turn(self, kind: Kind) -> None:
        """Sleep until a request of this kind may go out."""
        if wait := self.wait(kind):
            await self._sleep(wait)

    def arrived(self, kind: Kind) -> None:
        """Note that arXiv has got a request of this kind."""
        self._last[kind] = self._clock()

    @staticmethod
    def _remaining(now: datetime, last: datetime, gap: float) -> float:
        elapsed = now - last
        if elapsed < timedelta(0):  # the wall clock was set back
            return gap
        return max(0.0, gap - elapsed.total_seconds())
