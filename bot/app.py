"""`paperboy run`: one process that ticks, talks and delivers until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from datetime import datetime, timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.backup import back_up_if_due
from bot.commands import Request, answer
from bot.config import Settings
from bot.ending import LONGEST, end_within
from bot.first_channel import TERMINAL, first_channel
from bot.notify import Heartbeat, ServiceManager
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.platforms.console import ConsolePlatform, Replies
from bot.watch.ready import tell_of_connections
from bot.watch.watch import Watch, watching
from bot.works import Works, open_works
from digest.analyses import quiet
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.document import Document
from digest.errors import StoreError
from digest.ports import ChatPlatform

TICK = 20  # seconds between looks at the tables
LATE = 3 * TICK  # seconds without the end of a tick after which systemd may start us anew
LOOK_AFTER = 60  # seconds between looks after everything
LOOK_FOR_BACKUP = 600  # seconds between looks at whether the daily backup is due
TALK_DAYS = 90  # how long replies to old messages are understood

log = structlog.get_logger(__name__)


class App:
    """A running Paperboy on the platforms that the settings name; `console` where the terminal is one."""

    def __init__(
        self,
        settings: Settings,
        console: ConsolePlatform | None = None,
        *,
        clock: Clock = utc_now,
        sleep: Sleep = sleep,
    ) -> None:
        self._settings = settings
        self._console = console
        self._clock = clock
        self._progress = console.progress if console else quiet
        self._parts = Parts(settings, clock=clock, sleep=sleep, watch=self._progress)
        self._stop = asyncio.Event()
        self._manager = ServiceManager.of(os.environ, process=os.getpid())
        self._heartbeat = Heartbeat(self._manager, late=LATE)

    def stop(self) -> None:
        """Ask the process to end when its work in hand is done."""
        self._stop.set()

    async def run(self) -> None:
        """Run until `stop`, SIGTERM, SIGINT or the end of the conversation.

        Raises `PlatformError` where a platform can never be reached with these settings.
        """
        async with self._parts as parts, chat_platforms(self._settings, parts) as chats:
            others: dict[str, ChatPlatform] = {}
            if self._console is not None:
                await first_channel(parts, self._settings, tell=log.info)
                self._console.belong_to(await parts.store.identity())
                others[self._console.name] = self._console
            async with (
                open_works(parts, chats, others=others, progress=self._progress) as works,
                watching(parts, chats, period=TICK) as watch,
            ):
                with self._signals():
                    await self._serve(works, watch)

    async def _serve(self, works: Works, watch: Watch) -> None:
        await self._unless_stopped(works.connect())
        if self._stop.is_set():
            return
        scheduler = self._schedule(works, watch)
        connections = tell_of_connections(self._manager, works.chats, platforms=self._settings.platform)
        beside = [
            asyncio.create_task(connections, name="ready"),
            asyncio.create_task(_keep_time(scheduler, self._clock), name="time"),
        ]
        try:
            talking = [self._console.serve(self._replies(works))] if self._console is not None else []
            await self._unless_stopped(*talking)
        finally:
            for each in beside:
                each.cancel()
            self._manager.stopping()
            scheduler.shutdown(wait=False)

    async def _unless_stopped(self, *work: Coroutine[Any, Any, None]) -> None:
        """Wait for the first of the work, or for the end of the process; the others are cancelled."""
        tasks = [asyncio.create_task(each) for each in (*work, self._stopping())]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
            else:
                task.result()

    async def _stopping(self) -> None:
        await self._stop.wait()

    def _replies(self, works: Works) -> Replies:
        async def replies(text: str, user: str) -> AsyncIterator[Document]:
            channel = await works.parts.store.channel(TERMINAL)
            assert channel is not None
            request = Request(channel=channel, user=f"console:{user}", name=user, words="", at=self._clock())
            async for reply in answer(text, request, works.desk):
                yield reply.document
            await self._tick(works)

        return replies

    async def _tick(self, works: Works) -> None:
        """Look at the tables, and take up what waits for an answer; a store that refuses is asked again."""
        try:
            await works.reconcile.tick()
            await works.answering.take_up()
            self._parts.pulse.succeeded("tick")
        except StoreError as error:
            log.warning("store refused", error=str(error))

    def _schedule(self, works: Works, watch: Watch) -> AsyncIOScheduler:
        scheduler = AsyncIOScheduler(timezone="UTC")
        options = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}

        async def tick() -> None:
            try:
                await self._tick(works)
            finally:
                self._heartbeat.ticked()
                self._parts.pulse.ended("tick")

        scheduler.add_job(
            _cut_short(tick),
            "interval",
            seconds=TICK,
            next_run_time=self._clock(),
            id="reconcile",
            name="reconcile",
            **options,
        )
        if self._heartbeat.every is not None:
            scheduler.add_job(
                self._heartbeat.beat,
                "interval",
                seconds=self._heartbeat.every,
                id="watchdog",
                name="watchdog",
                **options,
            )
        scheduler.add_job(
            _cut_short(watch.look),
            "interval",
            seconds=LOOK_AFTER,
            next_run_time=self._clock(),
            id="watch",
            name="watch",
            **options,
        )
        soon = self._clock() + timedelta(seconds=LOOK_FOR_BACKUP / 10)
        scheduler.add_job(
            _cut_short(self._prune),
            "interval",
            hours=24,
            next_run_time=soon,
            id="prune",
            name="prune",
            **options,
        )
        scheduler.add_job(
            _cut_short(self._back_up),
            "interval",
            seconds=LOOK_FOR_BACKUP,
            next_run_time=soon,
            id="backup",
            name="backup",
            **options,
        )
        scheduler.start()
        return scheduler

    async def _back_up(self) -> None:
        await back_up_if_due(self._parts.store, self._settings, self._clock())

    async def _prune(self) -> None:
        now = self._clock()
        await self._parts.store.prune_texts(before=now - timedelta(days=self._settings.text_days))
        await self._parts.store.prune_talk(before=now - timedelta(days=TALK_DAYS))
        self._parts.pulse.succeeded("prune")

    def _told_to_stop(self) -> None:
        end_within(LONGEST)
        self.stop()

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        loop = asyncio.get_running_loop()
        for each in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(each, self._told_to_stop)
        try:
            yield
        finally:
            for each in (signal.SIGTERM, signal.SIGINT):
                loop.remove_signal_handler(each)


async def _keep_time(scheduler: AsyncIOScheduler, clock: Clock) -> None:
    """Look again and again, by a clock that nobody sets, whether the jobs are still due in time."""
    while True:
        await asyncio.sleep(TICK)
        bring_forward(scheduler, clock())


def bring_forward(scheduler: AsyncIOScheduler, now: datetime) -> None:
    """Have the jobs run now that are due later than a period from now: the clock was set back since.

    APScheduler keeps the moments at which jobs are due, and would stand still until the clock is there again.
    """
    late = [job for job in scheduler.get_jobs() if job.next_run_time - now > job.trigger.interval]
    if late:
        log.warning("clock set back", brought_forward=", ".join(job.name for job in late))
    for job in late:
        job.modify(next_run_time=now)


def _cut_short(job: Callable[[], Awaitable[None]]) -> Callable[[], Awaitable[None]]:
    """A job that ends in silence with the process; APScheduler would tell of that as of a failure."""

    async def run() -> None:
        with contextlib.suppress(asyncio.CancelledError):
            await job()

    return run
