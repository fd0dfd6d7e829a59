"""What Paperboy remembers, behind `digest.ports.Store`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import unquote

from digest.errors import InvalidSetting
from storage.store import Store

__all__ = ["Store", "held_by", "open_store", "sqlite_path"]

_EXAMPLE = "sqlite:///data/paperboy.db"


@asynccontextmanager
async def open_store(url: str, *, alone: bool = True) -> AsyncIterator[Store]:
    """The store at a URL: `sqlite:///data/paperboy.db`, `sqlite:///:memory:` or a bare path.

    A process that works or delivers must be `alone` on its file; one that only looks or subscribes need not
    be. Raises `InvalidSetting` for a URL that means nothing, `StoreError` for a database that refuses.
    """
    # sqlite_utils takes 90 ms to import, which `paperboy --help` need not pay.
    from storage.sqlite import SqliteDriver

    driver = await SqliteDriver(sqlite_path(url), alone=alone).open()
    try:
        yield Store(driver)
    finally:
        await driver.close()


def held_by(url: str) -> str:
    """The process that works on the store at a URL ("4711", or "unknown"); empty where none does."""
    from storage.lock import holder_of, lock_file

    path = sqlite_path(url)
    return "" if path == ":memory:" else holder_of(lock_file(path))


def sqlite_path(url: str) -> str:
    """The file that a STORE setting names (`:memory:` is none)."""
    scheme, separator, rest = url.strip().partition("://")
    if not separator:
        path = scheme
    elif scheme.lower() == "sqlite":
        path = unquote(rest.partition("?")[0]).removeprefix("/")
    elif scheme.lower() in ("postgres", "postgresql"):
        raise InvalidSetting(
            "STORE names a PostgreSQL database, which comes with the scale extra and is not in this version. "
            f"Try {_EXAMPLE}."
        )
    else:
        raise InvalidSetting(f"STORE “{url}” is not a database Paperboy knows. Try {_EXAMPLE}.")
    if not path:
        raise InvalidSetting(f"STORE “{url}” names no file. Try {_EXAMPLE}.")
    return path
