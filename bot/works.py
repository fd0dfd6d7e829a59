"""What goes on in a running Paperboy: its engine, the tick, the answers, on the platforms it talks on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.answering import ANSWER, Answering, Conversational
from bot.commands import Desk
from bot.engine.local import LocalEngine
from bot.first_channel import first_channel
from bot.new_channel import NewChannel
from bot.parts import Parts
from bot.reconcile import Reconcile
from bot.watch.seams import CountedPlatform, timed
from digest.analyses import Progress, quiet
from digest.ports import ChatPlatform

GRACE = 6.0  # seconds that work in hand may take to end after SIGTERM

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Works:
    """The parts in motion."""

    parts: Parts
    chats: Mapping[str, Conversational]
    engine: LocalEngine
    reconcile: Reconcile
    answering: Answering
    desk: Desk

    async def connect(self) -> None:
        """Begin to listen on every platform, with the channels that the settings name.

        Raises `PlatformError` where one can never be reached with these settings.
        """
        await asyncio.gather(
            *(
                chat.start(timed(self.answering.hear, name, self.parts.tally))
                for name, chat in self.chats.items()
            )
        )
        for name, chat in self.chats.items():
            place = await chat.first_place()
            if place is not None:
                await first_channel(
                    self.parts, self.parts.settings, tell=log.info, platform=name, place=place
                )
        await self.answering.take_up()

    async def settle(self) -> None:
        """Do all that is due now and all that follows from it, as a digest from its claim to its posts."""
        for _ in range(3):
            await self.reconcile.tick()
            await self.engine.idle()


@asynccontextmanager
async def open_works(
    parts: Parts,
    chats: Mapping[str, Conversational],
    *,
    others: Mapping[str, ChatPlatform] | None = None,
    progress: Progress = quiet,
) -> AsyncIterator[Works]:
    """Set all in motion but the tick; at the end what is in hand is finished within `GRACE` seconds.

    `others` are platforms where digests are delivered, and that answer by themselves: the terminal.
    """
    engine = LocalEngine(clock=parts.clock)
    platforms: Mapping[str, ChatPlatform] = {**chats, **(others or {})}
    counted = {name: CountedPlatform(each, parts.tally, parts.pulse) for name, each in platforms.items()}
    reconcile = Reconcile(parts, engine, counted)
    desk = parts.desk(start_digest=reconcile.start_digest, progress=progress)
    answering = Answering(
        store=parts.store,
        desk=desk,
        platforms=chats,
        new_channel=NewChannel(parts.store, parts.settings, parts.clock),
        engine=engine,
        sleep=parts.sleep,
        after=reconcile.tick,
    )
    await engine.start({**reconcile.units, ANSWER: answering.answer})
    try:
        yield Works(
            parts=parts, chats=chats, engine=engine, reconcile=reconcile, answering=answering, desk=desk
        )
    finally:
        # First nothing new, then what is in hand: what comes now waits on the platform for our return.
        await asyncio.gather(*(chat.stop_listening() for chat in chats.values()))
        await engine.stop(GRACE)
