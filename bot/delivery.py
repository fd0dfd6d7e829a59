"""The sender of the outbox: one channel's messages, in order, each posted once.

A row goes pending -> sending, committed, before anything is sent, and to sent only with the platform's
message id in hand. So a row found `sending` is ambiguous: the platform is asked before it is posted again.

- A channel's messages go out in order; a reply waits for its parent.
- A busy platform stops the channel until later. A message that keeps failing while the platform takes others
  is stepped over after some 20 minutes, and tried again hourly: it is never given up for that.
- A message that the platform refuses for good is buried with the reason. Replies of a buried parent still go
  out, unthreaded: an analysis is worth more than the tidiness of its thread.
- A channel that is gone is paused with the reason; one that moved is followed; their messages stay pending.
- A message that is more than the platform takes at once is split before it is first tried.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import Enum, auto

import structlog

from digest.channel import Channel, Delivery, DeliveryState
from digest.clock import Clock
from digest.errors import (
    ChannelGone,
    ChannelMoved,
    DeliveryUnknown,
    PlatformError,
    PlatformUnavailable,
    ThreadGone,
)
from digest.ports import ChatPlatform, Store

BACKOFF = timedelta(seconds=10)  # after the first attempt; doubled by each further one
LONGEST_BACKOFF = timedelta(hours=1)
# Why a channel is paused that moved to where another one is; {to} is that one's key.
TAKEN = "This chat moved to {to}, which has subscriptions of its own; /subscribe there to what is missing."
STEP_OVER_AFTER = 8  # attempts, when a message no longer holds up those behind it

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryReport:
    """What one run of `deliver` came to, in messages.

    `adopted` are those found posted already, `left` those still unsent; `next_try` says when the earliest of
    these may be tried again (None: at the next run).
    """

    sent: int = 0
    adopted: int = 0
    buried: int = 0
    left: int = 0
    next_try: datetime | None = None
    paused_because: str = ""


class _End(Enum):
    """How the attempt at one message ended."""

    SENT = auto()
    ADOPTED = auto()
    BURIED = auto()
    WAITS = auto()  # for its parent or its time, while others may go
    STOPS = auto()  # and so does the channel
    UNKNOWN = auto()  # it may have arrived: the platform is asked
    UNTHREADED = auto()  # its thread is gone: it goes without


async def deliver(channel: Channel, *, store: Store, platform: ChatPlatform, clock: Clock) -> DeliveryReport:
    """Send what the channel's outbox holds; only one run per channel may be under way.

    Raises `StoreError`: what was posted and could not be marked is then asked after at the next run.
    """
    rows = await _fitting(channel, store, platform)
    sender = _Sender(channel, store, platform, clock)
    ends: list[_End] = []
    for row in rows:
        ends.append(await sender.send(row))
        if ends[-1] is _End.STOPS:
            break
    return DeliveryReport(
        sent=ends.count(_End.SENT),
        adopted=ends.count(_End.ADOPTED),
        buried=ends.count(_End.BURIED),
        left=len(rows) - sum(end not in (_End.WAITS, _End.STOPS) for end in ends),
        next_try=min(sender.waiting_until, default=None),
        paused_because=sender.paused_because,
    )


async def _fitting(channel: Channel, store: Store, platform: ChatPlatform) -> tuple[Delivery, ...]:
    """The channel's unsent messages, those that were never tried and are too long in their parts."""
    rows = await store.outbox(channel=channel.key)
    split = False
    for row in rows:
        if not row.attempts:  # those of a restored backup are `sending` without an attempt
            parts = await asyncio.to_thread(platform.parts, channel, row.document)
            if len(parts) > 1:
                split |= await store.split_delivery(row.key, parts)
    return await store.outbox(channel=channel.key) if split else rows


def retry_after(attempts: int, asked: float | None = None) -> timedelta:
    """How long to wait after that many attempts; `asked` are the seconds the platform asked for."""
    if asked is not None:
        return timedelta(seconds=max(0.0, asked))
    return min(BACKOFF * (1 << min(max(attempts - 1, 0), 20)), LONGEST_BACKOFF)


class _Sender:
    """Sends one channel's messages, one after the other."""

    def __init__(self, channel: Channel, store: Store, platform: ChatPlatform, clock: Clock) -> None:
        self._channel = channel
        self._store = store
        self._platform = platform
        self._clock = clock
        self._log = log.bind(channel=channel.key)
        self._threads: dict[str, str | None] = {}  # of parents that are settled
        self.waiting_until: list[datetime] = []
        self.paused_because = ""

    async def send(self, row: Delivery) -> _End:
        """Bring one message as far as it will go now."""
        if row.not_before is not None and row.not_before > self._clock():
            return self._held_up(row, row.not_before)
        may_go, thread = await self._thread(row)
        if not may_go:
            return _End.WAITS
        if row.state is DeliveryState.SENDING:
            self._log.info("delivery interrupted", key=row.key, attempts=row.attempts)
            return await self._settle(row, thread, post_again=row.attempts < STEP_OVER_AFTER)
        return await self._post(row, thread, post_again=True)

    async def _thread(self, row: Delivery) -> tuple[bool, str | None]:
        """Whether the row may go now, and the message id of its thread's parent."""
        if row.parent_key is None:
            return True, None
        if row.parent_key not in self._threads:
            parent = await self._store.delivery(row.parent_key)
            if parent is not None and parent.state not in (DeliveryState.SENT, DeliveryState.DEAD):
                return False, None
            self._threads[row.parent_key] = parent.message_id if parent else None
        return True, self._threads[row.parent_key]

    async def _post(self, row: Delivery, thread: str | None, *, post_again: bool) -> _End:
        async with self._platform.turn(self._channel):
            at = self._clock()
            if not await self._store.begin_delivery(row.key, at=at):
                return _End.WAITS  # somebody else has it
            begun = replace(
                row, state=DeliveryState.SENDING, attempts=row.attempts + 1, begun_at=row.begun_at or at
            )
            end = await self._attempt(begun, thread)
        # What follows needs a turn of its own.
        if end is _End.UNKNOWN:
            return await self._settle(begun, thread, post_again=post_again)
        if end is _End.UNTHREADED:
            return await self._post(replace(begun, state=DeliveryState.PENDING), None, post_again=post_again)
        return end

    async def _attempt(self, row: Delivery, thread: str | None) -> _End:
        try:
            message_id = await self._platform.post(self._channel, row.document, thread=thread, key=row.key)
        except PlatformError as error:
            return await self._refused(row, thread, error)
        except PlatformUnavailable as error:
            return await self._postpone(row, str(error), asked=error.retry_after)
        except DeliveryUnknown as error:
            self._log.warning("delivery unknown", key=row.key, error=str(error))
            return _End.UNKNOWN
        except Exception:  # noqa: BLE001 - a message our own renderer breaks on must not silence its channel
            self._log.exception("delivery broke", key=row.key, attempts=row.attempts)
            return _End.WAITS
        await self._store.finish_delivery(row.key, message_id)
        return _End.SENT

    async def _refused(self, row: Delivery, thread: str | None, error: PlatformError) -> _End:
        match error:
            case ChannelGone():
                await self._store.postpone_delivery(row.key, until=None, error=str(error))
                return await self._pause(str(error))
            case ChannelMoved():
                await self._store.postpone_delivery(row.key, until=None, error=str(error))
                return await self._follow(error)
            case ThreadGone() if thread is not None and row.parent_key is not None:
                await self._store.postpone_delivery(row.key, until=None, error=str(error))
                self._threads[row.parent_key] = None
                return _End.UNTHREADED
        return await self._bury(row, str(error))

    async def _settle(self, row: Delivery, thread: str | None, *, post_again: bool) -> _End:
        """Ask after a message that may have been posted; adopt it, or post it once more."""
        try:
            message_id = await self._platform.recover(
                self._channel, row.document, thread=thread, key=row.key, since=row.begun_at
            )
        except ChannelGone as error:
            return await self._pause(str(error))
        except ChannelMoved as error:
            return await self._follow(error)  # and asked after where it is now
        except (PlatformError, PlatformUnavailable, DeliveryUnknown) as error:
            # It stays `sending`: only an answer of the platform can settle it.
            self._log.warning("delivery still unknown", key=row.key, error=str(error))
            return _End.STOPS
        if message_id is not None:
            await self._store.finish_delivery(row.key, message_id)
            self._log.info("delivery adopted", key=row.key)
            return _End.ADOPTED
        if not post_again:
            return await self._postpone(row, "It did not arrive.", asked=None)
        await self._store.postpone_delivery(row.key, until=None, error="It did not arrive.")
        return await self._post(replace(row, state=DeliveryState.PENDING), thread, post_again=False)

    async def _follow(self, error: ChannelMoved) -> _End:
        moved = await self._store.rename_channel(self._channel.key, error.to)
        self._log.info("channel moved", to=error.to, moved=moved)
        if not moved and await self._store.channel(self._channel.key) is not None:
            return await self._pause(TAKEN.format(to=error.to))
        return _End.STOPS  # the next look at the tables finds it under its new key

    async def _postpone(self, row: Delivery, error: str, *, asked: float | None) -> _End:
        until = self._clock() + retry_after(row.attempts, asked)
        await self._store.postpone_delivery(row.key, until=until, error=error)
        self._log.warning("delivery postponed", key=row.key, until=until.isoformat(), error=error)
        return self._held_up(row, until)

    def _held_up(self, row: Delivery, until: datetime) -> _End:
        """A message that waits for its time holds up those behind it, unless it alone keeps failing."""
        self.waiting_until.append(until)
        return _End.STOPS if row.attempts < STEP_OVER_AFTER else _End.WAITS

    async def _bury(self, row: Delivery, error: str) -> _End:
        await self._store.bury_delivery(row.key, at=self._clock(), error=error)
        self._log.error("delivery buried", key=row.key, error=error)
        return _End.BURIED

    async def _pause(self, because: str) -> _End:
        await self._store.change_channel(
            self._channel.key, lambda known: replace(known, paused=True, paused_because=because)
        )
        self._log.error("channel paused", because=because)
        self.paused_because = because
        return _End.STOPS
