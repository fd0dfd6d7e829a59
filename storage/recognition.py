"""Whether a SQLite file is a Paperboy's, and one that this version understands."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import Any

from sqlite_utils import Database

from digest.errors import InvalidDatabase
from storage.migrations import migrations

APPLICATION_ID = 0x50424F59  # "PBOY", in the file's header


def recognise(path: str, connection: sqlite3.Connection, *, foreign: str, newer: str) -> None:
    """Refuse a database of another program or of a newer Paperboy, before anything is changed in it.

    `foreign` and `newer` say what to do about either. Raises `InvalidDatabase`.
    """
    tables = {
        str(row[0]) for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    }
    application: Any = connection.execute("PRAGMA application_id").fetchone()[0]
    if tables and application != APPLICATION_ID:
        named = ", ".join(sorted(tables)[:3])
        raise InvalidDatabase(f"{path} belongs to another program (its tables: {named}): {foreign}.")
    unknown = {step.name for step in migrations.applied(Database(connection))} - _known()
    if unknown:
        raise InvalidDatabase(f"{path} was written by a newer Paperboy (step {max(unknown)}): {newer}.")


def _known() -> set[str]:
    """The names of all steps of this version."""
    with closing(sqlite3.connect(":memory:")) as nothing:
        return {step.name for step in migrations.pending(Database(nothing))}
