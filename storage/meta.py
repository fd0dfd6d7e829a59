"""Small facts by name."""

from __future__ import annotations

from storage.driver import Transaction


def get(tx: Transaction, key: str) -> str | None:
    row = tx.row("SELECT value FROM meta WHERE key = :key", key=key)
    return None if row is None else str(row["value"])


def put(tx: Transaction, key: str, value: str) -> None:
    tx.run(
        "INSERT INTO meta (key, value) VALUES (:key, :value) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        key=key,
        value=value,
    )
