"""The SQLite driver: one file, one connection, one thread that owns it.

sqlite-utils forbids sharing a connection between threads, for good reason: a second thread's transaction
becomes a savepoint of the first's. So all work hops to one thread, in the order it was asked for. Durable
commits are `synchronous=FULL` in WAL mode: a message's `sending` row must outlive a power cut, or the message
is posted twice. Others are `NORMAL`, which saves the wait for the disk.

SQLite goes on writing into a file that was removed or replaced, and all of that is lost when the process
ends. So the names are looked at before each write: a removed file is written back, a removed log is made
anew, and where another file stands nothing is stored.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar, cast

import structlog
from sqlite_utils import Database

from digest.errors import StoreError
from digest.model import Paper
from storage.copies import BESIDE, copied, copy, problems, remove, sync_folder
from storage.driver import Result, Row, Value, Values, Work, expanded
from storage.fts import find_query
from storage.lock import FileLock, lock_file
from storage.migrations import migrations
from storage.own_files import OwnFiles
from storage.recognition import APPLICATION_ID, recognise
from storage.refusals import is_busy, sentence

BUSY_SECONDS = 5.0  # patience with another process's write
HASTY_SECONDS = 0.2  # the same once that was in vain, so that reads need not wait behind every write
MEMORY = ":memory:"
_OLDEST = (3, 37)  # STRICT tables

T = TypeVar("T")

log = structlog.get_logger(__name__)


class SqliteDriver:
    """Implements `storage.driver.Driver` on one SQLite file, or `:memory:`.

    `patience` is how many seconds to wait while another program writes.
    """

    def __init__(self, path: str, *, alone: bool = True, patience: float = BUSY_SECONDS) -> None:
        self._path = path
        self._patience = patience
        self._alone = alone and path != MEMORY
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="paperboy-store")
        self._lock: FileLock | None = None
        self._files: OwnFiles | None = None
        self._aside: Path | None = None  # where what we know was kept when another file took our name
        self._hasty = False
        self._connection: sqlite3.Connection

    async def open(self) -> SqliteDriver:
        """Lock, open, check and migrate the file. Raises `StoreError` with one sentence when that fails."""
        try:
            await self._hop(self._open)
        except BaseException:
            await self.close()
            raise
        return self

    async def read(self, work: Work[Result], /) -> Result:
        return await self._hop(lambda: self._transact("BEGIN", work))

    async def write(self, work: Work[Result], /, *, durable: bool = True) -> Result:
        def transact() -> Result:
            self._mind_the_files()
            if durable:
                return self._transact("BEGIN IMMEDIATE", work)
            self._connection.execute("PRAGMA synchronous=NORMAL")
            try:
                return self._transact("BEGIN IMMEDIATE", work)
            finally:
                self._connection.execute("PRAGMA synchronous=FULL")

        return await self._hop(transact)

    async def check(self) -> tuple[str, ...]:
        return await self._hop(lambda: problems(self._connection))

    async def room(self) -> int | None:
        if self._path == MEMORY:
            return None
        return await self._hop(lambda: shutil.disk_usage(Path(self._path).absolute().parent).free)

    async def backup(self, path: Path, /) -> None:
        if self._path == MEMORY:
            await self._hop(lambda: copy(self._connection, path))
        else:
            # From a connection of its own, so that nothing waits for a large copy.
            await asyncio.to_thread(copied, Path(self._path), path)

    async def close(self) -> None:
        """Finish the work that was asked for, fold the log into the file, let go of it."""
        with suppress(RuntimeError):  # closed already
            await self._hop(self._close)
        self._thread.shutdown()

    async def _hop(self, job: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._wrapped, job)

    def _wrapped(self, job: Callable[[], T]) -> T:
        try:
            return job()
        except (sqlite3.ProgrammingError, sqlite3.IntegrityError):
            raise  # a fault of ours, not of the database
        except sqlite3.DatabaseError as error:
            if is_busy(error):
                self._hasten(True)
            raise StoreError(sentence(self._path, error)) from error

    def _hasten(self, hasty: bool) -> None:
        """Wait less for others, or as long as usual again."""
        if hasty != self._hasty and hasattr(self, "_connection"):
            seconds = min(self._patience, HASTY_SECONDS) if hasty else self._patience
            self._connection.execute(f"PRAGMA busy_timeout={int(seconds * 1_000)}")
            self._hasty = hasty

    def _open(self) -> None:
        if sqlite3.sqlite_version_info < _OLDEST:
            raise StoreError(
                f"This Python has SQLite {sqlite3.sqlite_version}; Paperboy needs 3.37 or newer."
            )
        if self._path != MEMORY:
            _make_folder(Path(self._path).parent)
        if self._alone:
            self._lock = FileLock.take(lock_file(self._path), of=self._path)
        self._connect()

    def _connect(self) -> None:
        if self._path != MEMORY:
            # What people asked and secrets of ours are in it: not for other users of the machine.
            with suppress(OSError):
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        # Transactions are begun by us; Python's implicit ones would hide deferred upgrades.
        self._connection = sqlite3.connect(self._path, timeout=self._patience, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        recognise(
            self._path,
            self._connection,
            foreign="point STORE at another file, as sqlite:///data/paperboy.db",
            newer="install that version again, or restore a backup of this one: paperboy restore FILE",
        )
        self._connection.execute("PRAGMA journal_mode=WAL")
        self._connection.execute("PRAGMA synchronous=FULL")
        self._migrate()
        self._hasty = False
        if self._path != MEMORY:
            self._files = OwnFiles.of(self._path)

    def _mind_the_files(self) -> None:
        """Look after files of ours that somebody removed or replaced. Raises `StoreError` for the latter."""
        if self._files is None or not hasattr(self, "_connection"):
            return
        seen = self._files.now()
        if seen == self._files:
            return
        try:
            if seen.main is None:
                self._write_back(Path(self._path))
            elif seen.main != self._files.main:
                self._stand_aside(Path(self._path))
            elif self._fold():
                log.warning("database log was removed", path=self._path, done="made anew; nothing is lost")
                self._reconnect()
        except OSError as error:
            raise StoreError(f"{self._path} was removed, and cannot be written: {error.strerror}.") from error

    def _write_back(self, path: Path) -> None:
        """Give a removed database its file again: the connection still holds all of it."""
        self._fold()
        _make_folder(path.parent)
        rescued = path.with_name(f"{path.name}.rescued")
        remove(rescued)
        self._keep(rescued, because="removed")
        rescued.replace(path)
        sync_folder(path.parent.absolute())
        for end in BESIDE:  # of the removed file, and empty
            path.with_name(path.name + end).unlink(missing_ok=True)
        if self._lock is not None and not self._lock.stands_at(lock_file(path)):
            self._lock.release()
            self._lock = FileLock.take(lock_file(path), of=str(path))
        log.error("database was removed", path=str(path), done="written back; nothing is lost")
        self._reconnect()

    def _stand_aside(self, path: Path) -> None:
        """Keep what we know under another name, and our log out of the file that stands under ours."""
        if self._aside is None:
            self._fold()
            aside = path.with_name(f"{path.name}.replaced-{time.strftime('%Y-%m-%dT%H%M%SZ', time.gmtime())}")
            self._keep(aside, because="replaced by another file")
            self._aside = aside
        raise StoreError(
            f"{path} was replaced by another file while Paperboy works with it: nothing is stored until it "
            f"is started again. What it knew is in {self._aside}; for backups use `paperboy restore`."
        )

    def _keep(self, path: Path, *, because: str) -> None:
        try:
            copy(self._connection, path)
        except StoreError as error:
            raise StoreError(
                f"{self._path} was {because} while Paperboy works with it, and what it knows cannot be kept: "
                f"{error}"
            ) from error

    def _fold(self) -> bool:
        """Fold the log into the database; False while somebody else reads from it."""
        return not self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]

    def _reconnect(self) -> None:
        self._connection.close()
        del self._connection
        self._connect()

    def _migrate(self) -> None:
        db = Database(self._connection)
        if not migrations.pending(db):
            return
        # One transaction around all steps, so that two processes cannot both begin them.
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
            migrations.apply(db)
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise

    def _transact(self, begin: str, work: Work[Result]) -> Result:
        if not hasattr(self, "_connection"):
            self._connect()  # which failed when it was lost
        self._connection.execute(begin)
        try:
            result = work(_SqliteTransaction(self._connection))
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        if begin != "BEGIN":
            self._hasten(False)
        return result

    def _roll_back(self) -> None:
        # A full disk or an I/O error has rolled back already.
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def _close(self) -> None:
        if hasattr(self, "_connection"):
            self._connection.close()
            del self._connection
        if self._lock is not None:
            self._lock.release()
            self._lock = None


class _SqliteTransaction:
    """Implements `storage.driver.Transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def rows(self, sql: str, /, **values: Values) -> Sequence[Row]:
        return cast("Sequence[Row]", self._connection.execute(*expanded(sql, values)).fetchall())

    def row(self, sql: str, /, **values: Values) -> Row | None:
        return cast("Row | None", self._connection.execute(*expanded(sql, values)).fetchone())

    def run(self, sql: str, /, **values: Values) -> int:
        return self._connection.execute(*expanded(sql, values)).rowcount

    def many(self, sql: str, values: Iterable[Mapping[str, Value]], /) -> None:
        self._connection.executemany(sql, values)

    def index(self, numbers: Sequence[int], before: Mapping[int, Paper], /) -> None:
        # In bulk: 3 times faster than triggers or row by row (31 against 102 ms for 1,000 abstracts).
        self._connection.executemany(
            "INSERT INTO papers_fts (papers_fts, rowid, title, abstract) VALUES ('delete', ?, ?, ?)",
            ((number, paper.title, paper.abstract) for number, paper in before.items()),
        )
        self._connection.execute(
            "INSERT INTO papers_fts (rowid, title, abstract) SELECT number, title, abstract FROM papers "
            "WHERE number IN (SELECT value FROM json_each(?)) ORDER BY number",
            (json.dumps(numbers),),
        )

    def find(self, text: str, /, *, limit: int) -> Sequence[Row]:
        query = find_query(text)
        if not query:
            return ()
        return self.rows(
            "SELECT papers.* FROM papers_fts JOIN papers ON papers.number = papers_fts.rowid "
            "WHERE papers_fts MATCH :query ORDER BY papers_fts.rowid DESC LIMIT :limit",
            query=query,
            limit=limit,
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"The folder {folder} for the database cannot be made: {error.strerror}.") from error
