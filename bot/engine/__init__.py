"""Where units of work run. Truth is in the Store; an engine only decides where and when a keyed unit runs.

Units are idempotent and derived from tables again at every tick, so a unit that an engine loses, drops or
fails is not lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from enum import StrEnum
from typing import Protocol

Unit = Callable[[str], Awaitable[None]]  # takes the key: "console:terminal/2026-06-30"


class Queue(StrEnum):
    """Units of one queue share a limit of how many run at once."""

    FETCH = "fetch"  # one connection to arXiv
    ANALYSE = "analyse"
    DELIVER = "deliver"
    INTERACTIVE = "interactive"  # what a person waits for: never behind the morning burst


class Engine(Protocol):
    """Runs keyed units, each at most once at a time."""

    async def start(self, units: Mapping[str, Unit], /) -> None:
        """Begin to accept work; `units` are the functions by kind ("fetch", "digest")."""
        ...

    async def submit(self, kind: str, key: str, queue: Queue, /) -> bool:
        """Have the unit run, unless it is waiting or running already, or failed a moment ago.

        Returns whether it was accepted. A unit that raises is logged and forgotten.
        """
        ...

    async def stop(self, *, grace: float) -> None:
        """Accept nothing more, give running units `grace` seconds, then cancel them."""
        ...
