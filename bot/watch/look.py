"""The look after everything, once a minute: the facts, what is wrong by them, and telling of what changed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.backup import LastBackup, last_backup
from bot.commands.troubles import relief, sentence
from bot.locale import in_language
from bot.watch.admin import NOTICE, AdminChannel
from bot.watch.health import Health
from bot.watch.remembered import LastLook, keep, last_look
from bot.watch.troubles import (
    BURIED_FOR,
    Change,
    Facts,
    Kind,
    Trouble,
    compared,
    troubles,
    unread,
    untold,
)
from digest.arxiv.calendar import announcement_day
from digest.clock import Clock
from digest.errors import StoreError
from digest.ports import Store

_LEDGER = timedelta(days=60)  # far beyond any time without announcements

log = structlog.get_logger(__name__)


class Look:
    """Looks, remembers and tells.

    `served` are the platforms whose channels are fetched for, `disk` is where the store grows, None where it
    is in memory; `backs_up` whether backups are made.
    """

    def __init__(
        self,
        *,
        store: Store,
        health: Health,
        platforms: Sequence[str],
        served: Sequence[str],
        admin: AdminChannel,
        disk: Path | None,
        backs_up: bool,
        clock: Clock,
    ) -> None:
        self._store = store
        self._health = health
        self._admin = admin
        self._disk = disk
        self._backs_up = backs_up
        self._clock = clock
        self._started = clock()
        # Not connected yet, since now.
        self._disconnected = dict.fromkeys(platforms, self._started)
        self._platforms = platforms
        self._served = served
        self._watched: datetime | None = None  # since when there is a channel to fetch for
        self._refused: datetime | None = None  # since when the store refuses
        self._logged: dict[str, tuple[bool, datetime | None]] = {}
        self._last: LastLook | None = None  # None before the store has said what was
        self.found: tuple[Trouble, ...] = ()

    async def look(self) -> None:
        """Look once; a store that refuses is looked at again."""
        now = self._clock()
        refusal = await self._refusal(now)
        try:
            last = await self._looked_before()
            self.found = troubles(await self._facts(now, refusal))
            await self._tell(last, now)
        except (StoreError, OSError) as error:
            log.warning("not looked after", error=str(error))
            self.found = unread(self.found, refusal, now)
            known, changes = compared(self._last.told if self._last else (), self.found, now)
            self._log(changes)
            if self._last is not None:
                self._last = replace(self._last, told=untold(self._last.told, known))

    async def _tell(self, last: LastLook, now: datetime) -> None:
        known, changes = compared(last.told, self.found, now)
        self._log(changes)
        # What a crash may have kept from being told, under the same keys.
        if last.telling and not await self._admin.tell(last.telling):
            await self._keep(replace(last, at=now, found=self.found))
            return
        if changes:
            await self._keep(LastLook(at=now, found=self.found, told=known, telling=changes))
            if not await self._admin.tell(changes):
                known = untold(last.told, known)
        await self._keep(LastLook(at=now, found=self.found, told=known))

    async def _keep(self, look: LastLook) -> None:
        await keep(self._store, look)
        self._last = look

    async def _looked_before(self) -> LastLook:
        """The last look; at the first that of the process before, and since when that was cut off."""
        if self._last is None:
            self._last = await last_look(self._store)
            self.found = self._last.found
            for each in self.found:
                if each.kind is Kind.DISCONNECTED and each.about in self._disconnected:
                    self._disconnected[each.about] = each.since
        return self._last

    def _log(self, changes: Sequence[Change]) -> None:
        """Tell the log what changed, once even where the admin channel cannot be told yet."""
        say = in_language("en")
        for change in changes:
            trouble = change.trouble
            about = {"about": trouble.about} if trouble.about else {}
            # Of messages given up each further one is news, and never is any over.
            what = change.over, trouble.since if trouble.kind is Kind.BURIED else None
            if self._logged.get(trouble.key) == what:
                continue
            self._logged[trouble.key] = what
            if change.over:
                log.info("trouble over", kind=trouble.kind.value, **about, says=relief(say, trouble))
            else:
                told = {"since": _iso(trouble.since), "says": sentence(say, trouble, "UTC")}
                log.error("trouble", kind=trouble.kind.value, **about, **told)

    async def _refusal(self, now: datetime) -> tuple[datetime, str] | None:
        """Since when the store refuses, and why; None where it does not."""
        store = await self._health.storing()
        self._refused = None if store.well else min(self._refused or now, now)
        return None if self._refused is None else (self._refused, store.says)

    async def _facts(self, now: datetime, refusal: tuple[datetime, str] | None) -> Facts:
        disk = await asyncio.to_thread(shutil.disk_usage, self._disk) if self._disk else None
        watched = await self._categories()
        self._watched = min(self._watched or now, now) if watched else None
        return Facts(
            now=now,
            started=self._started,
            last=self.found,
            ledger=await self._store.ledger(watched, since=announcement_day(now) - _LEDGER),
            watched=self._watched,
            disconnected=self._connections(now),
            refused={name: self._health.refusal(name) for name in self._platforms},
            backup=await last_backup(self._store) if self._backs_up else LastBackup(),
            free=disk.free if disk else None,
            size=disk.total if disk else None,
            buried=[
                each for each in await self._store.buried(since=now - BURIED_FOR) if NOTICE not in each.key
            ],
            admin=await self._admin.unfit(now),
            refusal=refusal,
        )

    async def _categories(self) -> set[str]:
        """What is fetched: channels of platforms that PLATFORM does not name any more are left alone."""
        channels = await self._store.channels()
        return {
            each for channel in channels if channel.platform in self._served for each in channel.categories
        }

    def _connections(self, now: datetime) -> Mapping[str, datetime]:
        """Since when platforms are cut off."""
        for name in self._platforms:
            if self._health.connection(name).well:
                self._disconnected.pop(name, None)
            else:
                # A clock that was set back must not make it a thing of the future.
                self._disconnected[name] = min(self._disconnected.get(name, now), now)
        return self._disconnected


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
