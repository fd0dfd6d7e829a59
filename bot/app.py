"""`paperboy run`: one process that ticks, talks and delivers until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.commands import Desk, answer
from bot.config import Settings
from bot.engine.local import LocalEngine
from bot.first_channel import TERMINAL, first_channel
from bot.parts import Parts
from bot.platforms.console import ConsolePlatform
from bot.reconcile import Reconcile
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.document import Document

TICK = 20  # seconds between looks at the tables
GRACE = 8.0  # seconds that work in hand may take to end after SIGTERM

log = structlog.get_logger(__name__)


class App:
    """A running Paperboy."""

    def __init__(
        self,
        settings: Settings,
        platform: ConsolePlatform,
        *,
        clock: Clock = utc_now,
        sleep: Sleep = sleep,
    ) -> None:
        self._settings = settings
        self._platform = platform
        self._clock = clock
        self._parts = Parts(settings, clock=clock, sleep=sleep, watch=platform.progress)
        self._stop = asyncio.Event()

    def stop(self) -> None:
        """Ask the process to end when its work in hand is done."""
        self._stop.set()

    async def run(self) -> None:
        """Run until `stop`, SIGTERM, SIGINT or the end of the conversation."""
        async with self._parts as parts:
            await first_channel(parts, self._settings, tell=log.info)
            self._platform.belong_to(await parts.store.identity())
            engine = LocalEngine(clock=self._clock)
            reconcile = Reconcile(parts, engine, self._platform)
            await engine.start(reconcile.units)
            scheduler = self._schedule(reconcile)
            try:
                with self._signals():
                    await self._talk(parts, reconcile)
            finally:
                scheduler.shutdown(wait=False)
                await engine.stop(GRACE)

    def _schedule(self, reconcile: Reconcile) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone="UTC")
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler.add_job(
            reconcile.tick, "interval", seconds=TICK, next_run_time=self._clock(), id="reconcile", **options
        )
        scheduler.add_job(self._prune, "interval", hours=24, id="prune", **options)
        scheduler.start()
        return scheduler

    async def _prune(self) -> None:
        before = self._clock() - timedelta(days=self._settings.text_days)
        await self._parts.store.prune_texts(before=before)

    async def _talk(self, parts: Parts, reconcile: Reconcile) -> None:
        """Answer what people say until the conversation or the process is to end."""
        desk = Desk(
            store=parts.store,
            daily=parts.daily,
            explain=parts.explain,
            ask=parts.ask,
            passages=parts.passages,
            purse=parts.purse,
            clock=self._clock,
            start_digest=reconcile.start_digest,
            progress=self._platform.progress,
            source_url=self._settings.source_url,
        )

        async def replies(text: str, user: str) -> AsyncIterator[Document]:
            channel = await parts.store.channel(TERMINAL)
            assert channel is not None
            async for document in answer(text, channel, user=user, desk=desk):
                yield document
            await reconcile.tick()

        talking = asyncio.create_task(self._platform.serve(replies))
        stopping = asyncio.create_task(self._stop.wait())
        await asyncio.wait({talking, stopping}, return_when=asyncio.FIRST_COMPLETED)
        for task in (talking, stopping):
            task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await talking

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self.stop)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)
