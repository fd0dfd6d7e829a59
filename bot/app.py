"""`paperboy run`: one process that ticks, talks and delivers until it is asked to stop."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import timedelta
from typing import Any

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.answering import ANSWER, Answering, Conversational
from bot.commands import Request, answer
from bot.config import Settings
from bot.engine.local import LocalEngine
from bot.first_channel import TERMINAL, first_channel
from bot.new_channel import NewChannel
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.platforms.console import ConsolePlatform
from bot.reconcile import Reconcile
from digest.analyses import quiet
from digest.clock import Clock, Sleep, sleep, utc_now
from digest.document import Document
from digest.ports import ChatPlatform

TICK = 20  # seconds between looks at the tables
GRACE = 8.0  # seconds that work in hand may take to end after SIGTERM
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

    def stop(self) -> None:
        """Ask the process to end when its work in hand is done."""
        self._stop.set()

    async def run(self) -> None:
        """Run until `stop`, SIGTERM, SIGINT or the end of the conversation.

        Raises `PlatformError` where a platform can never be reached with these settings.
        """
        async with self._parts as parts, chat_platforms(self._settings, parts) as chats:
            platforms: dict[str, ChatPlatform] = dict(chats)
            if self._console is not None:
                await first_channel(parts, self._settings, tell=log.info)
                self._console.belong_to(await parts.store.identity())
                platforms[self._console.name] = self._console
            engine = LocalEngine(clock=self._clock)
            reconcile = Reconcile(parts, engine, platforms)
            answering = self._answering(parts, chats, engine, reconcile)
            await engine.start({**reconcile.units, ANSWER: answering.answer})
            with self._signals():
                await self._serve(parts, chats, engine, reconcile, answering)

    async def _serve(
        self,
        parts: Parts,
        chats: Mapping[str, Conversational],
        engine: LocalEngine,
        reconcile: Reconcile,
        answering: Answering,
    ) -> None:
        scheduler: AsyncIOScheduler | None = None
        try:
            await self._connected(chats, answering)
            for name, chat in chats.items():
                place = None if self._stop.is_set() else await chat.first_place()
                if place is not None:
                    await first_channel(parts, self._settings, tell=log.info, platform=name, place=place)
            await answering.take_up()
            scheduler = self._schedule(reconcile)
            await self._talk(parts, reconcile)
        finally:
            if scheduler is not None:
                scheduler.shutdown(wait=False)
            # First nothing new, then what is in hand: what comes now waits on the platform for our return.
            await asyncio.gather(*(chat.stop_listening() for chat in chats.values()))
            await engine.stop(GRACE)

    async def _connected(self, chats: Mapping[str, Conversational], answering: Answering) -> None:
        """Start every platform, unless the process is to end before; one that fails ends it."""
        starting = asyncio.ensure_future(
            asyncio.gather(*(chat.start(answering.hear) for chat in chats.values()))
        )
        stopping = asyncio.create_task(self._stop.wait())
        both: set[asyncio.Future[Any]] = {starting, stopping}
        await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
        stopping.cancel()
        if not starting.done():
            starting.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await starting

    def _answering(
        self,
        parts: Parts,
        chats: Mapping[str, Conversational],
        engine: LocalEngine,
        reconcile: Reconcile,
    ) -> Answering:
        return Answering(
            store=parts.store,
            desk=parts.desk(start_digest=reconcile.start_digest, progress=self._progress),
            platforms=chats,
            new_channel=NewChannel(parts.store, self._settings, self._clock),
            engine=engine,
            sleep=parts.sleep,
            after=reconcile.tick,
        )

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
        now = self._clock()
        await self._parts.store.prune_texts(before=now - timedelta(days=self._settings.text_days))
        await self._parts.store.prune_talk(before=now - timedelta(days=TALK_DAYS))

    async def _talk(self, parts: Parts, reconcile: Reconcile) -> None:
        """Answer at the terminal, if it is a platform, until the conversation or the process is to end."""
        stopping = asyncio.create_task(self._stop.wait())
        waiting: set[asyncio.Task[Any]] = {stopping}
        if self._console is not None:
            desk = parts.desk(start_digest=reconcile.start_digest, progress=self._progress)

            async def replies(text: str, user: str) -> AsyncIterator[Document]:
                channel = await parts.store.channel(TERMINAL)
                assert channel is not None
                request = Request(
                    channel=channel, user=f"console:{user}", name=user, words="", at=self._clock()
                )
                async for reply in answer(text, request, desk):
                    yield reply.document
                await reconcile.tick()

            waiting.add(asyncio.create_task(self._console.serve(replies)))
        done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        for task in waiting - done:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task
        for task in done:
            task.result()

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
