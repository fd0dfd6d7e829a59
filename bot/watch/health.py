"""Whether a running Paperboy is alive and ready, part by part, each with a sentence where it is not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot.watch.pulse import LoopLag, Pulse
from digest.clock import Clock
from digest.errors import StoreError
from digest.ports import Store

LATE = 1.0  # seconds of lag that make a loop unwell
STALE = timedelta(seconds=60)  # without news, or without the answer that there are none
PATIENCE = 2.0  # seconds for the store to answer; a probe waits for 4
FRESH = (
    5.0  # seconds that what was found about the store holds, so that nobody can have it write all the time
)
_LOOKS = 5  # of the loop, at one a second


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One part and how it is; `says` is a sentence where it is not well."""

    name: str
    says: str = ""

    @property
    def well(self) -> bool:
        return not self.says


class Connection(Protocol):
    """What a platform tells of itself.

    `heard_at` is when it last answered, if it is asked on; `refusal` why it takes nothing from us, empty
    where it does.
    """

    @property
    def connected(self) -> bool: ...

    @property
    def refusal(self) -> str: ...

    @property
    def heard_at(self) -> datetime | None: ...


class Health:
    """Looks at the parts of a running Paperboy; `period` is the seconds between ticks."""

    def __init__(
        self,
        *,
        store: Store,
        chats: Mapping[str, Connection],
        pulse: Pulse,
        lag: LoopLag,
        period: float,
        clock: Clock,
        patience: float = PATIENCE,
    ) -> None:
        self._store = store
        self._chats = chats
        self._pulse = pulse
        self._lag = lag
        self._period = period
        self._clock = clock
        self._patience = patience
        self._asking: asyncio.Task[str] | None = None
        self._asked = float("-inf")
        self._answer = ""

    async def alive(self) -> tuple[Part, ...]:
        """Whether the process does its work: the loop turns, the store reads and writes, ticks go on."""
        # Before the first tick it is not late.
        ticks = (self._scheduler(),) if self._pulse.age("tick") is not None else ()
        return self._loop(), await self.storing(), *ticks

    async def ready(self) -> tuple[Part, ...]:
        """Whether people are heard and digests come: the store, the scheduler, each platform."""
        platforms = (self.connection(name) for name in self._chats)
        return await self.storing(), self._scheduler(), *platforms

    def connection(self, name: str) -> Part:
        """How it is with one platform."""
        chat = self._chats[name]
        if chat.refusal:
            return Part(name=name, says=chat.refusal)
        if not chat.connected:
            return Part(name=name, says="It is not connected; Paperboy goes on trying.")
        silent = None if chat.heard_at is None else self._clock() - chat.heard_at
        if silent is not None and silent > STALE:
            return Part(name=name, says=f"It last answered {silent.total_seconds():.0f} s ago.")
        return Part(name=name)

    def refusal(self, name: str) -> str:
        """Why a platform takes nothing from us; empty where it does."""
        return self._chats[name].refusal

    def _loop(self) -> Part:
        lag = self._lag.worst(_LOOKS)
        says = f"The event loop was {lag:.1f} s late." if lag >= LATE else ""
        return Part(name="loop", says=says)

    def _scheduler(self) -> Part:
        age = self._pulse.age("tick")
        if age is None:
            return Part(name="scheduler", says="It has not looked at the tables yet.")
        if age > 3 * self._period:
            return Part(name="scheduler", says=f"It last looked at the tables {age:.0f} s ago.")
        return Part(name="scheduler")

    async def storing(self) -> Part:
        """How it is with the store, asked once for all who want to know; a stuck one is not waited for."""
        loop = asyncio.get_running_loop()
        if self._asking is None and loop.time() - self._asked >= FRESH:
            self._asking = asyncio.create_task(self._ask(), name="health of the store")
        if self._asking is not None:
            await asyncio.wait([self._asking], timeout=self._patience)
        if self._asking is not None:
            return Part(name="store", says=f"It has not answered for {self._patience:g} s.")
        return Part(name="store", says=self._answer)

    async def _ask(self) -> str:
        try:
            await self._store.channels()
            self._answer = await self._store.trouble()
        except StoreError as error:
            self._answer = str(error)
        finally:
            self._asking, self._asked = None, asyncio.get_running_loop().time()
        return self._answer
