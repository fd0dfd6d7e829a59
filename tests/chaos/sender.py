"""The bot's side under kill: a process with the real store and the real adapter that empties outboxes.

It is forked by a server that has all imports behind it, so that a life costs a tenth of a second; it opens
everything anew, as after any start.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Mapping, Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from bot.app import TICK
from bot.config import load
from bot.engine.local import LocalEngine
from bot.logs import configure
from bot.parts import Parts
from bot.platforms import chat_platforms
from bot.platforms.slack import platform as _slack  # noqa: F401 - so that each life need not import them
from bot.platforms.telegram import platform as _telegram  # noqa: F401
from bot.reconcile import Reconcile
from digest.people import Incoming
from storage import sqlite as _sqlite  # noqa: F401
from tests.chaos.fast import FastTime

_lives = multiprocessing.get_context("forkserver")
_lives.set_forkserver_preload([__name__])


def life(settings: Mapping[str, Any], channels: Sequence[str], fast: FastTime, log: Path) -> BaseProcess:
    """A process that delivers what the outboxes of these channels hold, and ends when they are empty."""
    process = _lives.Process(target=_live, args=(dict(settings), tuple(channels), fast, log), daemon=True)
    process.start()
    return process


def _live(settings: dict[str, Any], channels: Sequence[str], fast: FastTime, log: Path) -> None:
    opened = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(opened, 1)
    os.dup2(opened, 2)
    configure("info", "json")
    asyncio.run(_deliver(settings, channels, fast))


async def _deliver(settings: dict[str, Any], channels: Sequence[str], fast: FastTime) -> None:
    parts = Parts(load(_env_file=None, **settings), clock=fast.clock, sleep=fast.sleep)
    async with parts, chat_platforms(parts.settings, parts) as chats:
        (platform,) = chats.values()
        if platform.name == "slack":  # which learns there whose workspace it is
            await platform.start(_deaf)
        reconcile = Reconcile(parts, LocalEngine(clock=fast.clock), chats)
        await asyncio.gather(*(_empty(reconcile, parts, key) for key in channels))
        await platform.stop_listening()


async def _empty(reconcile: Reconcile, parts: Parts, channel: str) -> None:
    while True:
        await reconcile.deliver(channel)
        if not await parts.store.outbox(channel=channel):
            return
        await parts.sleep(TICK)


async def _deaf(incoming: Incoming) -> bool:
    return False
