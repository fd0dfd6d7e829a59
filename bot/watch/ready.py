"""Tells the service manager which platforms are connected: when all are, or after a while whatever is not."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

from bot.notify import ServiceManager

WITHIN = 120.0  # seconds; a service that is never ready is killed and started anew, and all is cut off
_LOOK = 0.2  # seconds


class _Chat(Protocol):
    @property
    def connected(self) -> bool: ...

    @property
    def refusal(self) -> str: ...


async def tell_of_connections(
    manager: ServiceManager, chats: Mapping[str, _Chat], *, platforms: str, within: float = WITHIN
) -> None:
    """Say that the service is up, and from then on what its status is; until cancelled."""
    if not manager.address:
        return
    told, clock = "", asyncio.get_running_loop().time
    until = clock() + within
    while True:
        absent = ", ".join(name for name, chat in chats.items() if chat.refusal or not chat.connected)
        status = f"Not connected to {absent}; going on trying" if absent else f"Connected to {platforms}"
        if status != told and (told or not absent or clock() >= until):
            # Said again, that it is ready changes nothing but the status.
            manager.ready(status)
            told = status
        await asyncio.sleep(_LOOK)
