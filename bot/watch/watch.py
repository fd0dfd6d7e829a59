"""All that looks after a running Paperboy, put together: its pages, its figures, its looks."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import structlog

from bot.answering import Conversational
from bot.backup import last_backup
from bot.new_channel import NewChannel
from bot.parts import Parts
from bot.watch.admin import AdminChannel
from bot.watch.health import Health, Part
from bot.watch.listener import Listener, Page, Pages, unheard
from bot.watch.look import Look
from bot.watch.pulse import LoopLag
from bot.watch.tally import CONNECTED, LAST_SUCCESS, LOOP_LAG, OUTBOX, TROUBLE, Figure
from bot.watch.troubles import Kind, last_completed
from digest.arxiv.calendar import announcement_day
from digest.errors import StoreError
from storage import sqlite_path

_WEEKS = timedelta(days=21)  # of the ledger

log = structlog.get_logger(__name__)


class Watch:
    """Looks after the parts of a process and its platforms; `period` is the seconds between ticks."""

    def __init__(self, parts: Parts, chats: Mapping[str, Conversational], *, period: float) -> None:
        settings = parts.settings
        self._parts = parts
        self._platforms = tuple(settings.platforms)
        self._chats = chats
        self.lag = LoopLag()
        self.health = Health(
            store=parts.store, chats=chats, pulse=parts.pulse, lag=self.lag, period=period, clock=parts.clock
        )
        self._look = Look(
            store=parts.store,
            health=self.health,
            platforms=tuple(chats),
            served=self._platforms,
            admin=AdminChannel(
                settings.admin_channel,
                store=parts.store,
                chats=chats,
                new_channel=NewChannel(parts.store, settings, parts.clock),
            ),
            disk=_disk(settings.store),
            backs_up=settings.backup_keep > 0,
            clock=parts.clock,
        )

    @property
    def pages(self) -> Pages:
        """What is served, by path."""
        return {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics}

    async def look(self) -> None:
        """Look after everything once, and tell the admin channel of what changed."""
        await self._look.look()
        self._parts.pulse.succeeded("watch")

    async def _healthz(self) -> Page:
        parts = await self.health.alive()
        wrong = [f"{each.name}: {each.says}" for each in parts if not each.well]
        return Page(status=503 if wrong else 200, body=("\n".join(wrong or ["ok"]) + "\n").encode())

    async def _readyz(self) -> Page:
        parts = await self.health.ready()
        ready = all(each.well for each in parts)
        told = {"ready": ready, "process": os.getpid(), "parts": {each.name: _told(each) for each in parts}}
        body = json.dumps(told, ensure_ascii=False, indent=1) + "\n"
        return Page(status=200 if ready else 503, body=body.encode(), content_type="application/json")

    async def _metrics(self) -> Page:
        from bot.watch.metrics import CONTENT_TYPE, exposition

        body = exposition(self._parts.tally, await self.gauges(), platforms=self._platforms)
        return Page(body=body, content_type=CONTENT_TYPE)

    async def gauges(self) -> Mapping[Figure, Mapping[tuple[str, ...], float]]:
        """The figures that are looked up now; those of a store that refuses are left out."""
        found = {each.kind for each in self._look.found}
        gauges: dict[Figure, Mapping[tuple[str, ...], float]] = {
            CONNECTED: {(name,): float(self.health.connection(name).well) for name in self._chats},
            LOOP_LAG: {(): self.lag.worst()},
            TROUBLE: {(kind.value,): float(kind in found) for kind in Kind},
        }
        moments = dict(self._parts.pulse.successes)
        try:
            depth = await self._parts.store.outbox_depth()
            held: Mapping[tuple[str, ...], float] = {
                (platform, state.value): float(number) for (platform, state), number in depth.items()
            }
            gauges[OUTBOX] = {each: held.get(each, 0.0) for each in OUTBOX.combinations(self._platforms)}
            moments |= await self._stored_successes()
        except StoreError as error:
            log.warning("store refused", error=str(error))
        # Those of this process are told whatever the store does: an alert waits for them to grow old.
        gauges[LAST_SUCCESS] = {(job,): moment.timestamp() for job, moment in moments.items()}
        return gauges

    async def _stored_successes(self) -> Mapping[str, datetime]:
        """What the store knows, from before this process too."""
        store, now, moments = self._parts.store, self._parts.clock(), {}
        served = (each for each in await store.channels() if each.platform in self._platforms)
        watched = {each for channel in served for each in channel.categories}
        completed = last_completed(await store.ledger(watched, since=announcement_day(now) - _WEEKS))
        if completed is not None:
            moments["fetch"] = completed.checked_at
        made = (await last_backup(store)).made
        if made is not None and self._parts.settings.backup_keep:
            moments["backup"] = made
        return moments


@asynccontextmanager
async def watching(
    parts: Parts, chats: Mapping[str, Conversational], *, period: float
) -> AsyncIterator[Watch]:
    """Watch the loop and serve the pages at HTTP_LISTEN; a port that is taken is told and done without."""
    watch = Watch(parts, chats, period=period)
    async with contextlib.AsyncExitStack() as stack:
        lag = asyncio.create_task(watch.lag.watch(), name="loop lag")
        stack.push_async_callback(_ended, lag)
        await _serve(parts, watch.pages, stack)
        yield watch


async def _serve(parts: Parts, pages: Pages, stack: contextlib.AsyncExitStack) -> None:
    listen = parts.settings.http_listen
    if not listen:
        return
    if parts.settings.takes_requests:
        from bot.web import web_server

        server = await stack.enter_async_context(web_server(listen))
        server.on_get(pages)
        await server.start()  # a platform that is not reached yet has not
        return
    listener = Listener(listen, pages)
    try:
        await listener.start()
    except OSError as error:
        why, advice = unheard(error)
        advice += " HTTP_LISTEN= is for none."
        log.warning("no health page and no metrics", HTTP_LISTEN=listen, error=why, advice=advice)
        return
    stack.push_async_callback(listener.close)
    log.info("pages served", url=listener.url, paths=", ".join(pages))


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def _told(part: Part) -> dict[str, Any]:
    return {"ready": part.well} | ({} if part.well else {"why": part.says})


def _disk(store: str) -> Path | None:
    path = sqlite_path(store)
    return None if path == ":memory:" else Path(path).absolute().parent
