"""Small facts by name."""

from __future__ import annotations

from storage.driver import Transaction


def get(tx: Transaction, key: str) -> str | None:
    row = tx.row("SELECT value FROM meta WHERE key = :key", key=key)
    return None if row is None else str(row["value"])


def beginning(tx: Transaction, prefix: str) -> dict[str, str]:
    """The facts whose names begin so."""
    found = tx.rows(
        "SELECT key, value FROM meta WHERE substr(key, 1, :length) = :prefix ORDER BY key",
        length=len(prefix),
        prefix=prefix,
    )
    return {row["key"]: row["value"] for row in found}


def drop(tx: Transaction, key: str) -> None:
    tx.run("DELETE FROM meta WHERE key = :key", key=key)


def put(tx: Transaction, key: str, value: str) -> None:
    tx.run(
        "INSERT INTO meta (key, value) VALUES (:key, :value) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key=key,
        value=value,
    )
