"""What is known of the messages in each chat: where one of unknown fate is looked for, and where not.

Message ids only count up, so whatever is known before an attempt lies below what that attempt may have made.
The newest id is kept in memory, and on disk often enough that a process killed in a morning's burst finds its
place again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.latest import Latest
from bot.platforms.telegram.places import Spot
from digest.clock import Clock
from digest.errors import StoreError
from digest.ports import Store

EVERY = 10  # ids, after which the newest is written
OR_AFTER = timedelta(seconds=3)
SAMPLES = 60  # of each numbering
LATEST = 500  # messages and attempts in memory

Keyboard = Mapping[str, Any]

log = structlog.get_logger(__name__)


class Known:
    """The newest message ids by numbering, now and at moments in the past, and our latest messages."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._started = clock()
        self._newest: dict[str, int] = {}
        self._samples: dict[str, list[tuple[float, int]]] = {}  # Unix time, and the newest id then
        self._floors: Latest[str, int] = Latest(LATEST)
        self._keyboards: Latest[tuple[int, int], Keyboard] = Latest(LATEST)

    def newest(self, spot: Spot) -> int:
        """The newest id that was seen, 0 if none was."""
        return self._newest.get(spot.numbering, 0)

    async def see(self, spot: Spot, message: int) -> None:
        """Take note of a message's id."""
        samples = await self._loaded(spot)
        name = spot.numbering
        if message <= self._newest[name]:
            return
        self._newest[name] = message
        now = self._clock().timestamp()
        if samples:
            at, last = samples[-1]
            if message < last + EVERY and 0 <= now - at < OR_AFTER.total_seconds():
                return
        samples.append((now, message))
        del samples[:-SAMPLES]
        try:
            await self._store.set_meta(_meta(name), json.dumps(samples))
        except StoreError as error:  # what it is noted for must not fail for the note
            log.warning("newest message not kept", numbering=name, error=str(error))

    async def begin(self, key: str, spot: Spot) -> None:
        """Note what is the newest id before the first attempt at a message."""
        await self._loaded(spot)
        self._floors[key] = self._floors.get(key, self.newest(spot))

    def was_begun(self, key: str) -> bool:
        """Whether the message `key` was tried since the start."""
        return key in self._floors

    async def before(self, key: str, spot: Spot, since: datetime | None) -> int:
        """An id older than the message `key`, first tried at `since`: as late as is known, 0 if none is.

        What a restored backup does not tell was tried after that was made, so after all that it knows.
        """
        samples = await self._loaded(spot)
        if key in self._floors:
            return self._floors[key]
        moment = (since or self._started).timestamp()
        return max((message for at, message in samples if at < moment), default=0)

    def shows(self, spot: Spot, message: int, keyboard: Keyboard) -> None:
        """Note a message of ours."""
        self._keyboards[spot.chat, message] = keyboard

    def is_ours(self, spot: Spot, message: int) -> bool:
        """Whether that is one of our latest messages."""
        return (spot.chat, message) in self._keyboards

    async def _loaded(self, spot: Spot) -> list[tuple[float, int]]:
        name = spot.numbering
        if name not in self._samples:
            stored = json.loads(await self._store.meta(_meta(name)) or "[]")
            if name not in self._samples:  # nobody was faster
                self._samples[name] = [(float(at), int(message)) for at, message in stored]
                self._newest[name] = max((message for _, message in self._samples[name]), default=0)
        return self._samples[name]


def _meta(numbering: str) -> str:
    return f"telegram/newest/{numbering}"
