"""Counts at the seams of the product: each part here passes on what it is asked, and tallies the outcome."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime

from bot.watch.pulse import Pulse
from bot.watch.tally import (
    ACK,
    AMBIGUOUS,
    COST,
    DELIVERED,
    FETCHED,
    PDF_FAILURES,
    POSTING,
    READING,
    TOKENS,
    Tally,
)
from digest.analysis.budget import Budgets, Purse
from digest.channel import Channel
from digest.clock import Clock
from digest.document import Document
from digest.errors import (
    ChannelGone,
    ChannelMoved,
    DeliveryUnknown,
    FullTextError,
    PaperNotFound,
    PlatformError,
    PlatformUnavailable,
    SourceUnavailable,
    ThreadGone,
)
from digest.fulltext import FullText
from digest.model import ArxivId, CategoryBatch, CategoryDay, Paper, Usage
from digest.people import Incoming
from digest.ports import ChatPlatform, PaperSource, Reader, Store

_SECONDS = time.perf_counter

# Specific ones first: the others are their bases.
_RESULTS: tuple[tuple[type[Exception], str], ...] = (
    (ChannelGone, "channel_gone"),
    (ChannelMoved, "moved"),
    (ThreadGone, "thread_gone"),
    (PlatformError, "refused"),
    (PlatformUnavailable, "postponed"),
    (DeliveryUnknown, "unknown"),
)


class CountedSource:
    """Implements `digest.ports.PaperSource` over another."""

    def __init__(self, source: PaperSource, tally: Tally) -> None:
        self._source = source
        self._tally = tally

    async def announced(
        self, category: str, day: date, /, *, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        batch = await self._source.announced(category, day, last=last, last_ids=last_ids)
        if batch.announcements:
            self._tally.add(FETCHED, batch.ledger.source, by=len(batch.announcements))
        return batch

    async def papers(self, ids: Sequence[ArxivId], /) -> tuple[Paper, ...]:
        return await self._source.papers(ids)

    async def pdf(self, paper: ArxivId, /) -> bytes:
        try:
            return await self._source.pdf(paper)
        except PaperNotFound:
            self._tally.add(PDF_FAILURES, "not_found")
            raise
        except SourceUnavailable:
            self._tally.add(PDF_FAILURES, "unavailable")
            raise


class CountedReader:
    """Implements `digest.ports.Reader` over another."""

    def __init__(self, reader: Reader, tally: Tally) -> None:
        self._reader = reader
        self._tally = tally

    async def read(self, pdf: bytes, /) -> FullText:
        began = _SECONDS()
        try:
            return await self._reader.read(pdf)
        except FullTextError:
            self._tally.add(PDF_FAILURES, "unreadable")
            raise
        finally:
            self._tally.took(READING, _SECONDS() - began)


class CountedPurse(Purse):
    """A purse that tallies what is taken from it."""

    def __init__(self, *, store: Store, budgets: Budgets, clock: Clock, tally: Tally) -> None:
        super().__init__(store=store, budgets=budgets, clock=clock)
        self._tally = tally

    async def spend(self, usage: Usage, *, channel: str = "", person: str = "", model: str = "") -> None:
        await super().spend(usage, channel=channel, person=person, model=model)
        if usage.prompt_tokens or usage.completion_tokens:
            self._tally.add(TOKENS, model, "prompt", by=usage.prompt_tokens)
            self._tally.add(TOKENS, model, "cached", by=usage.cached_tokens)
            self._tally.add(TOKENS, model, "completion", by=usage.completion_tokens)
            self._tally.add(COST, by=usage.cost)


class CountedPlatform:
    """Implements `digest.ports.ChatPlatform` over another, for deliveries."""

    def __init__(self, platform: ChatPlatform, tally: Tally, pulse: Pulse) -> None:
        self.name = platform.name
        self._platform = platform
        self._tally = tally
        self._pulse = pulse

    async def post(
        self, channel: Channel, document: Document, /, *, thread: str | None = None, key: str
    ) -> str:
        began = _SECONDS()
        try:
            message = await self._platform.post(channel, document, thread=thread, key=key)
        except Exception as error:
            self._tally.add(DELIVERED, self.name, _result(error))
            raise
        self._tally.add(DELIVERED, self.name, "sent")
        self._tally.took(POSTING, _SECONDS() - began, self.name)
        self._pulse.succeeded("delivery")
        return message

    async def recover(
        self,
        channel: Channel,
        document: Document,
        /,
        *,
        thread: str | None = None,
        key: str,
        since: datetime | None = None,
    ) -> str | None:
        try:
            found = await self._platform.recover(channel, document, thread=thread, key=key, since=since)
        except Exception:
            self._tally.add(AMBIGUOUS, self.name, "unknown")
            raise
        self._tally.add(AMBIGUOUS, self.name, "missing" if found is None else "adopted")
        return found

    def parts(self, channel: Channel, document: Document, /) -> tuple[Document, ...]:
        return self._platform.parts(channel, document)

    def turn(self, channel: Channel, /) -> AbstractAsyncContextManager[None]:
        return self._platform.turn(channel)


def timed(
    hear: Callable[[Incoming], Awaitable[bool]], platform: str, tally: Tally
) -> Callable[[Incoming], Awaitable[bool]]:
    """The same hearing, with how long it takes tallied."""

    async def heard(incoming: Incoming) -> bool:
        began = _SECONDS()
        try:
            return await hear(incoming)
        finally:
            tally.took(ACK, _SECONDS() - began, platform)

    return heard


def _result(error: Exception) -> str:
    return next((name for kind, name in _RESULTS if isinstance(error, kind)), "other")
