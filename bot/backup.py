"""Backups of the store: made daily while Paperboy runs, by hand at any time, and put back.

The running process looks at what the store says of the last one (`backup/last`), so a missed hour, a restart
or a failure is made good at the next look. What is copied is checked before it gets its name.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from digest.errors import InvalidDatabase, PaperboyError, StoreError, UserError
from storage import open_store, sqlite_path

if TYPE_CHECKING:
    from bot.config import Settings
    from digest.ports import Store
    from storage.restored import Restored

EVERY = timedelta(hours=24)
AGAIN = timedelta(hours=1)  # after one that failed
LATE = timedelta(hours=48)  # the age of the last one that is worth a word
LAST = "backup/last"
SPARE = 64 * 2**20  # bytes that a copy leaves free on its disk
EXAMPLE = "data/backups/paperboy-2026-11-27T0300Z.db"
_MEMORY = ":memory:"
_OURS = re.compile(r"paperboy-\d{4}-\d\d-\d\dT\d{4,6}Z\.db")
_ABANDONED = 3600.0  # seconds after which a copy under way belongs to a process that was killed

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class LastBackup:
    """What the store says of the running process's backups: the last that succeeded, and what failed since.

    `at` and `path` are of the last good one, empty where there is none; `error` says why the one tried at
    `tried` failed, empty if it did not. Moments are ISO text in UTC.
    """

    at: str = ""
    path: str = ""
    error: str = ""
    tried: str = ""

    @property
    def made(self) -> datetime | None:
        """When the last good one was made."""
        return datetime.fromisoformat(self.at) if self.at else None

    def is_due(self, now: datetime) -> bool:
        """Whether it is time for the next; a clock that was set back makes it due too."""
        last, wait = (self.tried, AGAIN) if self.error else (self.at, EVERY)
        return not last or not timedelta() <= now - datetime.fromisoformat(last) < wait


@dataclass(frozen=True, slots=True, kw_only=True)
class Copied:
    """A backup: where it is, and its size in bytes."""

    path: Path
    size: int


async def last_backup(store: Store) -> LastBackup:
    """What is known of the last backup."""
    return LastBackup(**json.loads(await store.meta(LAST) or "{}"))


async def back_up_if_due(store: Store, settings: Settings, now: datetime) -> None:
    """Make the daily backup if the last is a day old, and remove the oldest; failures are kept and logged."""
    path = sqlite_path(settings.store)
    if path == _MEMORY or settings.backup_keep == 0:
        return
    try:
        last = await last_backup(store)
        if not last.is_due(now):
            return
        from storage.restored import BEGUN

        # In the copy, it tells a restored Paperboy since when to look for messages.
        await store.set_meta(BEGUN, _iso(now))
        try:
            made = await back_up(Path(path), settings.backup_dir, at=now)
        except StoreError as error:
            log.error("backup failed", error=str(error))
            last = LastBackup(at=last.at, path=last.path, error=str(error), tried=_iso(now))
        else:
            log.info("backup made", path=str(made.path), megabytes=round(made.size / 2**20, 1))
            last = LastBackup(at=_iso(now), path=str(made.path.absolute()))
        await store.set_meta(LAST, json.dumps(asdict(last)))
        if not last.error:
            # Once it is noted: what cannot be removed must not have the next one made at every look.
            await asyncio.to_thread(prune, settings.backup_dir, keep=settings.backup_keep)
    except PaperboyError as error:
        log.error("backup not noted", error=str(error))


async def back_up(path: Path, folder: Path, *, at: datetime) -> Copied:
    """Copy the database at `path` into a folder, under a name that tells when, and check the copy.

    The database may be in use. Raises `StoreError` in one sentence; no half copy has a backup's name.
    """
    return await asyncio.to_thread(_back_up, path, folder, at)


def _back_up(path: Path, folder: Path, at: datetime) -> Copied:
    from storage.copies import copied, problems_of, remove, sync_folder

    try:
        folder.mkdir(parents=True, exist_ok=True)
        _leave_room(path, folder)
        target = _free_name(folder, at)
        partial = folder / f".{target.name}.{os.getpid()}.part"
        remove(partial)
        copied(path, partial)
        wrong = problems_of(partial)
        if wrong:
            remove(partial)
            raise StoreError(f"The copy of {path} is damaged, and so may be {path}: {wrong[0]}.")
        size = partial.stat().st_size
        partial.rename(target)
        sync_folder(folder)
    except OSError as error:
        raise StoreError(f"The backup cannot be written to {folder}: {error.strerror}.") from error
    return Copied(path=target, size=size)


def _leave_room(path: Path, folder: Path) -> None:
    """Refuse to fill the disk, which is mostly the one that Paperboy works on."""
    if not path.is_file():
        raise StoreError(f"There is no database at {path}: nothing to back up.")
    free, needed = shutil.disk_usage(folder).free, path.stat().st_size + SPARE
    if free < needed:
        raise StoreError(
            f"The disk of {folder} has {free >> 20} MB free, and a backup needs {needed >> 20}: free "
            "some, or point BACKUP_DIR at another disk."
        )


def _free_name(folder: Path, at: datetime) -> Path:
    """A name that tells the minute, or the second where that minute has one already."""
    utc = at.astimezone(UTC)
    named = folder / f"paperboy-{utc:%Y-%m-%dT%H%MZ}.db"
    return folder / f"paperboy-{utc:%Y-%m-%dT%H%M%SZ}.db" if named.exists() else named


def prune(folder: Path, *, keep: int) -> tuple[Path, ...]:
    """Remove all but the newest backups, and copies that a killed process left; what was removed.

    Only files that are named as backups are; others may lie there. What cannot be removed stays, and the log
    tells.
    """
    try:
        backups = sorted((each for each in folder.iterdir() if _OURS.fullmatch(each.name)), key=_when)
        abandoned = [each for each in folder.glob(".paperboy-*.part*") if _abandoned(each)]
    except OSError as error:
        log.error("old backups not looked for", folder=str(folder), error=error.strerror)
        return ()
    return tuple(each for each in (*backups[:-keep], *abandoned) if _removed(each))


def _abandoned(copy: Path) -> bool:
    """Whether nobody works on a copy any more; one that is gone by now is somebody's work."""
    try:
        return copy.stat().st_mtime < time.time() - _ABANDONED
    except FileNotFoundError:
        return False


def _removed(backup: Path) -> bool:
    try:
        backup.unlink(missing_ok=True)
    except OSError as error:
        log.error("old backup not removed", path=str(backup), error=error.strerror)
        return False
    return True


def newest_backup(folder: Path) -> tuple[Path, datetime] | None:
    """The newest file of a backup's name in a folder, and when it was made; None where there is none."""
    found = [each for each in folder.glob("paperboy-*.db") if _OURS.fullmatch(each.name)]
    if not found:
        return None
    newest = max(found, key=_when)
    return newest, datetime.strptime(_when(newest), "%Y%m%d%H%M%S").replace(tzinfo=UTC)


def _when(backup: Path) -> str:
    """When a backup was made, as text that sorts."""
    return "".join(filter(str.isdigit, backup.name)).ljust(len("20261127030000"), "0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """A backup that is ready to take the place of the database at `path`.

    `kept` is where that goes, if there is one.
    """

    path: Path
    staging: Path
    kept: Path
    holds: Restored

    def put_in_place(self) -> Path | None:
        """Make it the database; where the old one is now, None if there was none. Raises `StoreError`."""
        from storage.copies import put_in_place

        return self.kept if put_in_place(self.staging, self.path, self.kept) else None


@asynccontextmanager
async def prepared(store: str, file: Path, *, now: datetime) -> AsyncIterator[Prepared]:
    """A backup, copied beside the database that the STORE setting names, checked and made ready.

    Nothing is changed before it is put in place, and no Paperboy that works or delivers can start within the
    block. Raises in one sentence: `StoreError` while one runs, `InvalidDatabase` for a file that is damaged,
    newer, or not a Paperboy's.
    """
    from storage.copies import remove
    from storage.lock import FileLock, lock_file

    path = _place(store, file)
    staging = path.with_name(f"{path.name}.restoring")
    lock = FileLock.take(lock_file(path), of=str(path))
    try:
        await asyncio.to_thread(_stage, file, staging)
        yield Prepared(
            path=path,
            staging=staging,
            kept=_kept(path, now),
            holds=await _made_ready(staging, now),
        )
    finally:
        with suppress(OSError):
            remove(staging)
        lock.release()


def _kept(path: Path, now: datetime) -> Path:
    """A free name for what a restore takes the place of."""
    stem = f"{path.name}.before-restore-{now.astimezone(UTC):%Y-%m-%dT%H%M%SZ}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 100)))
    return next(free for free in map(path.with_name, names) if not free.exists())


def _place(store: str, file: Path) -> Path:
    """Where the database belongs, in a folder that is there."""
    path = Path(sqlite_path(store))
    if str(path) == _MEMORY:
        raise UserError("STORE is :memory:, which ends with its process: there is nothing to restore.")
    if file.exists() and path.exists() and file.samefile(path):
        raise UserError(f"{file} is the database itself: give a backup, such as {EXAMPLE}.")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{path.parent} cannot be made: {error.strerror}.") from error
    return path


def _stage(file: Path, staging: Path) -> None:
    from storage.copies import problems_of, staged

    staged(file, staging)
    wrong = problems_of(staging)
    if wrong:
        raise InvalidDatabase(f"{file} is damaged ({wrong[0]}): take another copy.")


async def _made_ready(staging: Path, now: datetime) -> Restored:
    """Bring the copy to this version's form, and mark what is to be looked for."""
    async with open_store(str(staging), alone=False) as store:
        return await store.mark_restored(now)


def _iso(moment: datetime) -> str:
    # As the store writes moments, so that they sort.
    return moment.astimezone(UTC).isoformat(timespec="microseconds")
