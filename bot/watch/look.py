"""The look after everything, once a minute: the facts, what is wrong by them, and telling of what changed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import structlog

from bot.backup import LastBackup, last_backup
from bot.watch.admin import NOTICE, AdminChannel
from bot.watch.health import Health
from bot.watch.remembered import LastLook, keep, last_look
from bot.watch.troubles import BURIED_FOR, Change, Facts, Kind, Trouble, compared, troubles
from digest.arxiv.calendar import announcement_day
from digest.clock import Clock
from digest.errors import StoreError
from digest.model import CategoryDay
from digest.ports import Store

_LEDGER = timedelta(days=60)  # far beyond any time without announcements

log = structlog.get_logger(__name__)


class Look:
    """Looks, remembers and tells.

    `disk` is where the store grows, None where it is in memory; `backs_up` whether backups are made.
    """

    def __init__(
        self,
        *,
        store: Store,
        health: Health,
        platforms: Sequence[str],
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
        self._logged: set[str] = set()
        self.found: tuple[Trouble, ...] = ()

    async def look(self) -> None:
        """Look once; a store that refuses is looked at again."""
        now = self._clock()
        try:
            self.found = troubles(await self._facts(now))
            told = (await last_look(self._store)).told
            known, changes = compared(told, self.found, now)
            self._log(changes)
            # First the messages: a crash in between tells them once more, under the same keys.
            if not changes or await self._admin.tell(changes, now):
                told = known
            await keep(self._store, LastLook(at=now, found=self.found, told=told))
        except (StoreError, OSError) as error:
            log.warning("not looked after", error=str(error))

    def _log(self, changes: Sequence[Change]) -> None:
        """Tell the log what changed, once even where the admin channel cannot be told yet."""
        for change in changes:
            trouble = change.trouble
            about = {"about": trouble.about} if trouble.about else {}
            known = f"{trouble.key}/{trouble.number}" if trouble.kind is Kind.BURIED else trouble.key
            if change.over:
                self._logged.discard(known)
                log.info("trouble over", kind=trouble.kind.value, **about)
            elif known not in self._logged:
                self._logged.add(known)
                log.error(
                    "trouble", kind=trouble.kind.value, **about, since=_iso(trouble.since), why=trouble.why
                )

    async def _facts(self, now: datetime) -> Facts:
        disk = await asyncio.to_thread(shutil.disk_usage, self._disk) if self._disk else None
        return Facts(
            now=now,
            started=self._started,
            ledger=await self._ledger(now),
            disconnected=self._connections(now),
            backup=await last_backup(self._store) if self._backs_up else LastBackup(),
            free=disk.free if disk else None,
            size=disk.total if disk else None,
            buried=[
                each for each in await self._store.buried(since=now - BURIED_FOR) if NOTICE not in each.key
            ],
            admin=await self._admin.unfit(now),
        )

    async def _ledger(self, now: datetime) -> tuple[CategoryDay, ...]:
        watched = {each for channel in await self._store.channels() for each in channel.categories}
        return await self._store.ledger(watched, since=announcement_day(now) - _LEDGER)

    def _connections(self, now: datetime) -> Mapping[str, datetime]:
        """Since when platforms are cut off."""
        for name in self._platforms:
            if self._health.connection(name).well:
                self._disconnected.pop(name, None)
            else:
                self._disconnected.setdefault(name, now)
        return self._disconnected


def _iso(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
