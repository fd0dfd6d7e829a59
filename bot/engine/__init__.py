"""Where units of work run. Truth is in the Store; an engine only decides where and when a keyed unit runs.

Units are idempotent and derived from tables again at every tick, so a unit that an engine loses, drops or
fails is not lost.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol

Unit = Callable[[str], Awaitable[None]]  # takes the key: "console:terminal/2026-06-30"


# How many units of a queue run at once. One connection to arXiv is asked for by its terms. Deliveries spend
# their time waiting for the platforms' limits, one unit a channel. What a person waits for never stands
# behind the morning's burst: `command` answers at once, `interactive` reads papers first.
LIMITS: Mapping[str, int] = {
    "fetch": 1,
    "analyse": 2,
    "digest": 4,
    "deliver": 2_000,
    "command": 16,
    "interactive": 4,
}


class Engine(Protocol):
    """Runs keyed units, each at most once at a time."""

    async def start(self, units: Mapping[str, Unit], /) -> None:
        """Begin to accept work; `units` are the functions by kind ("fetch", "digest")."""
        ...

    async def submit(self, kind: str, key: str, queue: str, /) -> bool:
        """Have the unit run, unless it is waiting or running already, or failed a moment ago.

        `queue` is one of `LIMITS`. Returns whether the unit was accepted. One that raises is logged and
        forgotten.
        """
        ...

    async def stop(self, grace: float, /) -> None:
        """Accept nothing more, give running units `grace` seconds, then cancel them."""
        ...
