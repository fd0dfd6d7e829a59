"""What SQLite's errors mean for the person who runs Paperboy, and what to do."""

from __future__ import annotations

import sqlite3


def code_of(error: sqlite3.Error) -> int:
    """The primary result code, the low byte of the whole: https://www.sqlite.org/rescode.html"""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def is_busy(error: sqlite3.Error) -> bool:
    """Whether somebody else held the database for too long."""
    return code_of(error) == sqlite3.SQLITE_BUSY


def sentence(path: str, error: sqlite3.DatabaseError) -> str:
    """The error as one sentence about the database at `path`."""
    match code_of(error):
        case sqlite3.SQLITE_FULL:
            return f"The disk of {path} is full: nothing was stored. Free space; Paperboy goes on by itself."
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return f"{path} is locked by another program, which did not finish in time: close that program."
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return f"{path} cannot be written: give this user write access to the file and its folder."
        case sqlite3.SQLITE_CANTOPEN:
            return (
                f"{path} cannot be opened: STORE names a file, whose folder must be there and be writable by "
                "this user, and not on a read-only disk."
            )
        case sqlite3.SQLITE_IOERR:
            return f"{path} could not be read or written ({error}): check the disk and its free space."
        case sqlite3.SQLITE_NOTADB | sqlite3.SQLITE_FORMAT:
            return f"{path} is not a SQLite database: point STORE at another file, as sqlite:///data/paperboy.db."
        case sqlite3.SQLITE_CORRUPT:
            return f"{path} is damaged ({error}): put a backup in its place with `paperboy restore`."
    return f"{path}: the database refused: {error}."
