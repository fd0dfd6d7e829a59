"""Copies of a SQLite database: made while work on it goes on, checked, and put in its place."""

from __future__ import annotations

import os
import shutil
import sqlite3
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import quote

from digest.errors import InvalidDatabase, StoreError
from storage.recognition import recognise
from storage.refusals import code_of, sentence

PATIENCE = 60.0  # seconds with a program that holds the database for itself
BESIDE = ("-wal", "-shm", "-journal")  # what SQLite keeps beside a database

_WITH_THAT = "install that version again, and do this with it"
_OURS = "give a file that `paperboy backup` made, such as data/backups/paperboy-2026-11-27T0300Z.db"


def copied(path: Path, target: Path) -> None:
    """Write a consistent copy of the database at `path` to a new file, while others read and write it.

    Raises `StoreError` in one sentence, also where there is no database, or one that is not ours.
    """
    if not path.is_file():
        raise StoreError(f"There is no database at {path}: nothing to copy.")
    try:
        with closing(sqlite3.connect(_address(path, "mode=rw"), uri=True)) as origin:
            recognise(str(path), origin, foreign="point STORE at Paperboy's own", newer=_WITH_THAT)
            copy(origin, target)
    except sqlite3.DatabaseError as error:
        raise StoreError(sentence(str(path), error)) from error


def copy(origin: sqlite3.Connection, target: Path) -> None:
    """Write what a connection sees to a new file, which only its owner may read, and sync it.

    It is one file in rollback mode, with nothing beside it. Raises `StoreError` where it cannot be written,
    `sqlite3.Error` where the origin cannot be read; leaves no file then.
    """
    until = time.monotonic() + PATIENCE

    def waits(status: int, remaining: int, total: int) -> None:
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) and time.monotonic() > until:
            raise StoreError("Another program holds the database for itself: close that program.")

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise StoreError(f"{target} cannot be written: {error.strerror}.") from error
    try:
        with closing(sqlite3.connect(target, isolation_level=None)) as made:
            # In one step, which is one snapshot: in several, every write from outside begins it anew.
            origin.backup(made, progress=waits)
            made.execute("PRAGMA journal_mode=DELETE")
    except BaseException as error:
        remove(target)
        if isinstance(error, sqlite3.Error) and code_of(error) == sqlite3.SQLITE_FULL:
            raise StoreError(f"The disk of {target} is full: the copy was not made.") from error
        raise


def problems(connection: sqlite3.Connection) -> tuple[str, ...]:
    """What is wrong with a database, one sentence each; empty when it is sound."""
    found = [str(row[0]) for row in connection.execute("PRAGMA integrity_check")]
    try:
        connection.execute("INSERT INTO papers_fts (papers_fts, rank) VALUES ('integrity-check', 1)")
    except sqlite3.DatabaseError as error:
        found.append(f"the full-text index does not agree with the papers ({error})")
    return tuple(line for line in found if line != "ok")


def problems_of(path: Path) -> tuple[str, ...]:
    """As `problems`, of a copy that nobody else has open."""
    try:
        with closing(sqlite3.connect(_address(path, "mode=rw"), uri=True, isolation_level=None)) as made:
            return problems(made)
    except sqlite3.DatabaseError as error:
        return (str(error),)


def staged(file: Path, staging: Path) -> None:
    """Copy a backup to `staging`, once it is seen to be ours and not newer than this Paperboy.

    The backup itself is only read. Raises `InvalidDatabase` in one sentence, or `StoreError` where `staging`
    cannot be written.
    """
    if not file.is_file():
        kind = "a folder" if file.is_dir() else "not there"
        raise InvalidDatabase(f"{file} is {kind}: {_OURS}.")
    # Without a log beside it nobody writes it, and it may lie where nothing can be written.
    manner = "mode=ro" if file.with_name(f"{file.name}-wal").exists() else "immutable=1"
    remove(staging)
    try:
        with closing(sqlite3.connect(_address(file, manner), uri=True)) as origin:
            recognise(str(file), origin, foreign=_OURS, newer=_WITH_THAT)
            if not origin.execute("SELECT 1 FROM sqlite_master WHERE name = 'papers'").fetchone():
                raise InvalidDatabase(f"{file} is empty, no Paperboy's database: {_OURS}.")
            copy(origin, staging)
    except sqlite3.DatabaseError as error:
        if code_of(error) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT):
            raise InvalidDatabase(f"{file} is not a SQLite database: {_OURS}.") from error
        raise InvalidDatabase(f"{file} cannot be read whole ({error}): take another copy.") from error


def put_in_place(staging: Path, path: Path, kept: Path) -> bool:
    """Make `staging` the database at `path`, and keep under `kept` what was there; whether anything was.

    Killed at any moment, this leaves one whole database at `path`. Nobody else may have it open. Raises
    `StoreError`.
    """
    path = path.resolve()  # SQLite keeps its log beside the file, not beside a link to it
    was_there = path.exists()
    logs = [path.with_name(path.name + end) for end in BESIDE]
    try:
        _take_after(path, staging)
        if was_there:
            _also_named(path, kept)
            for each in logs:
                if each.exists() and not each.name.endswith("-shm"):
                    # By their second names, they outlive SQLite's tidying up after a database it cannot read.
                    _also_named(each, kept.with_name(each.name.replace(path.name, kept.name, 1)))
            _fold(path)
        for each in logs:
            each.unlink(missing_ok=True)  # an old log would be played into the new database
        staging.replace(path)
        sync_folder(path.parent)
        _without_empty_logs(kept)
    except OSError as error:
        raise StoreError(f"{path} cannot be replaced: {error.strerror}.") from error
    return was_there


def _without_empty_logs(kept: Path) -> None:
    for each in (kept.with_name(kept.name + end) for end in BESIDE):
        if each.exists() and not each.stat().st_size:
            each.unlink()


def _take_after(path: Path, staging: Path) -> None:
    """Give the new file the old one's owner and mode: who restores need not be who runs Paperboy."""
    model = path if path.exists() else path.parent
    known = model.stat()
    if os.geteuid() == 0:
        for each in (staging, path.with_name(f"{path.name}.lock")):
            if each.exists():
                os.chown(each, known.st_uid, known.st_gid)
    staging.chmod(known.st_mode & 0o777 if model is path else 0o600)


def _fold(path: Path) -> None:
    """Fold the log into the database, so that it is one file, where SQLite can read it."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(_address(path, "mode=rw"), uri=True)) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _also_named(path: Path, kept: Path) -> None:
    """Give the file a second name, or a copy where the file system knows no such thing."""
    try:
        os.link(path, kept)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(path, kept)


def sync_folder(folder: Path) -> None:
    """Make sure that a new name in a folder outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove(path: Path) -> None:
    """Remove a database that nobody needs, with what lies beside it."""
    for end in ("", *BESIDE):
        path.with_name(path.name + end).unlink(missing_ok=True)


def _address(path: Path, manner: str) -> str:
    """SQLite's URI of a file: https://www.sqlite.org/uri.html"""
    return f"file:{quote(str(path.absolute()))}?{manner}"
