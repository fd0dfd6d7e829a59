"""Time is passed in, so that tests and the demo can say what day it is."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]

sleep: Sleep = asyncio.sleep


def utc_now() -> datetime:
    """The current moment, aware and in UTC."""
    return datetime.now(UTC)
