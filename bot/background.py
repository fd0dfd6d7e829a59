"""Work beside the work."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

log = structlog.get_logger(__name__)


async def harmless(work: Callable[[], Awaitable[None]]) -> None:
    """Work for which nobody waits, and which must not end the process."""
    try:
        await work()
    except Exception:
        log.exception("background work broke")
