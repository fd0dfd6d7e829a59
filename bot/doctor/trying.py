"""What the tries of `paperboy doctor --live` share on every platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

from digest.clock import Sleep

NOTE = "Paperboy tries its delivery here; this message goes away by itself."
AGAIN = "Mend that, and run paperboy doctor --live again."
LATER = "What was known before stays in use. Run paperboy doctor --live again in a minute."
_WAITS, _LONGEST_WAIT = 3, 90.0  # seconds

T = TypeVar("T")
E = TypeVar("E", bound=Exception)


async def patiently(
    call: Callable[[], Awaitable[T]], busy: type[E], wait: Callable[[E], float | None], sleep: Sleep
) -> T:
    """Make a call, once more after each wait that a `busy` error asks for. Raises as the call does."""
    for _ in range(_WAITS):
        try:
            return await call()
        except busy as error:
            seconds = wait(error)
            if not seconds:
                raise
            await sleep(min(seconds, _LONGEST_WAIT))
    return await call()
