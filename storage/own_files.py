"""Which files stand under a database's names, to notice when somebody removes or replaces them."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Self

Identity = tuple[int, int]  # device and inode


@dataclass(frozen=True, slots=True)
class OwnFiles:
    """The database, its log (-wal) and the log's index (-shm); None where there is none.

    While a connection is open, SQLite neither removes nor replaces any of them.
    """

    names: tuple[str, str, str] = field(repr=False)
    main: Identity | None
    log: Identity | None
    index: Identity | None

    @classmethod
    def of(cls, path: str) -> Self:
        """What belongs to the database at a path."""
        real = os.path.realpath(path)  # SQLite keeps log and index beside the file, not beside a link to it
        return cls._seen((path, f"{real}-wal", f"{real}-shm"))

    def now(self) -> Self:
        """What stands under the same names now (takes some 10 µs)."""
        return self._seen(self.names)

    @classmethod
    def _seen(cls, names: tuple[str, str, str]) -> Self:
        return cls(names, *map(_identity, names))


def _identity(name: str) -> Identity | None:
    try:
        found = os.stat(name)  # noqa: PTH116 - before each write, and Path takes ten times as long
    except OSError:
        return None
    return found.st_dev, found.st_ino
