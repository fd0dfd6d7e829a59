"""An event loop whose time passes only while nothing is under way: bot, peer and arXiv share it."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from concurrent.futures import Executor, Future
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

BEGAN = datetime(2026, 6, 30, 9, tzinfo=UTC)
_ON_ITS_WAY = 0.0005  # seconds of the wall in which what was sent over loopback has surely come
_STUCK = 60.0  # seconds of the wall without a sign of life


class _Leap(selectors.DefaultSelector):
    """Where a loop would wait for its next timer, time leaps there; it waits for sockets and threads."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.threads = 0  # jobs that are under way in one

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if ready or timeout == 0:
            return ready
        if self.threads or timeout is None:  # without a timer only a thread can go on
            ready = super().select(_STUCK)
            assert ready, "everybody waits for ever"
            return ready
        ready = super().select(_ON_ITS_WAY)
        if not ready:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0."""

    def __init__(self) -> None:
        self._leap = _Leap()
        super().__init__(self._leap)

    def time(self) -> float:
        return self._leap.now

    def run_in_executor(  # type: ignore[override]
        self, executor: Executor | None, func: Callable[..., T], *args: Any
    ) -> asyncio.Future[T]:
        self._leap.threads += 1
        job = super().run_in_executor(executor, func, *args)
        job.add_done_callback(self._back)
        return job

    def _back(self, job: Future[Any] | asyncio.Future[Any]) -> None:
        self._leap.threads -= 1


def virtually(story: Coroutine[Any, Any, T]) -> T:
    """Run a story on virtual time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(story)


class VirtualTime:
    """The clock of the running loop, as tests' peers want it."""

    def clock(self) -> datetime:
        return BEGAN + timedelta(seconds=asyncio.get_running_loop().time())

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
