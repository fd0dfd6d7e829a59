"""The default engine: asyncio tasks in this process, with nothing to install and nothing stored."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.engine import LIMITS, Unit
from digest.clock import Clock, utc_now
from digest.errors import PaperboyError, StoreError

BACKOFF = timedelta(seconds=15)  # after the first failure; doubled by each further one
LONGEST_BACKOFF = timedelta(hours=1)
STORE_BACKOFF = timedelta(seconds=30)  # where the store refused: it may be mended any moment

log = structlog.get_logger(__name__)

Live = tuple[str, str]  # kind and key


@dataclass(frozen=True, slots=True)
class _Failures:
    """How often a unit failed in a row, and until when it is left alone."""

    count: int
    since: datetime
    until: datetime


class LocalEngine:
    """Implements `bot.engine.Engine`. A failing unit is left alone for longer each time."""

    def __init__(self, *, limits: Mapping[str, int] = LIMITS, clock: Clock = utc_now) -> None:
        self._slots = {queue: asyncio.Semaphore(limit) for queue, limit in limits.items()}
        self._clock = clock
        self._units: Mapping[str, Unit] = {}
        self._live: dict[Live, asyncio.Task[None]] = {}
        self._running: set[Live] = set()
        self._failures: dict[Live, _Failures] = {}
        self._open = False

    async def start(self, units: Mapping[str, Unit], /) -> None:
        self._units = dict(units)
        self._open = True

    async def submit(self, kind: str, key: str, queue: str, /) -> bool:
        """As `Engine.submit`. Raises `KeyError` for an unknown queue or kind."""
        live = (kind, key)
        if not self._open or live in self._live or self._must_wait(live):
            return False
        task = asyncio.create_task(
            self._run(live, self._units[kind], self._slots[queue]), name=f"{kind} {key}"
        )
        self._live[live] = task
        # Not within the task: one cancelled before its first step never runs a line of its own.
        task.add_done_callback(lambda _: self._live.pop(live, None))
        return True

    async def idle(self) -> None:
        """Wait until no unit is waiting or running."""
        while self._live:
            await asyncio.wait(self._live.values())

    async def stop(self, grace: float, /) -> None:
        self._open = False
        for live, task in self._live.items():
            if live not in self._running:
                task.cancel()
        if not self._live:
            return
        _, late = await asyncio.wait(self._live.values(), timeout=grace)
        for task in late:
            log.warning("unit cancelled", unit=task.get_name(), after_seconds=grace)
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _must_wait(self, live: Live) -> bool:
        failed = self._failures.get(live)
        # A clock that was set back must not hold a unit for longer than the back-off.
        return failed is not None and failed.since <= self._clock() < failed.until

    async def _run(self, live: Live, unit: Unit, slots: asyncio.Semaphore) -> None:
        kind, key = live
        async with slots:
            self._running.add(live)
            try:
                with structlog.contextvars.bound_contextvars(kind=kind, key=key):
                    await unit(key)
            except StoreError as error:
                wait = self._failed(live, longest=STORE_BACKOFF)
                log.warning("unit failed", kind=kind, key=key, error=str(error), retry_in=wait)
            except PaperboyError as error:
                log.warning("unit failed", kind=kind, key=key, error=str(error), retry_in=self._failed(live))
            except Exception:
                log.exception("unit broke", kind=kind, key=key, retry_in=self._failed(live))
            else:
                self._failures.pop(live, None)
            finally:
                self._running.discard(live)

    def _failed(self, live: Live, *, longest: timedelta = LONGEST_BACKOFF) -> float:
        """Note a failure; the seconds until the unit may run again."""
        now = self._clock()
        known = self._failures.get(live)
        count = known.count + 1 if known else 1
        wait = min(BACKOFF * (1 << min(count - 1, 30)), longest)
        self._failures[live] = _Failures(count, now, now + wait)
        self._forget(before=now - LONGEST_BACKOFF)
        return wait.total_seconds()

    def _forget(self, *, before: datetime) -> None:
        """Drop failures of units that nothing has asked for again, such as a past day's digest."""
        for live in [live for live, failed in self._failures.items() if failed.until < before]:
            del self._failures[live]
