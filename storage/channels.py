"""Channels and their subscriptions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from digest.channel import Channel, Subscription
from storage import rows
from storage.driver import Transaction


def channels(tx: Transaction) -> tuple[Channel, ...]:
    return tuple(map(rows.channel_of, tx.rows("SELECT * FROM channels ORDER BY key")))


def channel(tx: Transaction, key: str) -> Channel | None:
    row = tx.row("SELECT * FROM channels WHERE key = :key", key=key)
    return None if row is None else rows.channel_of(row)


def save_channel(tx: Transaction, saved: Channel) -> None:
    tx.run(
        "INSERT INTO channels (key, platform, next_run_at, settings) "
        "VALUES (:key, :platform, :next_run_at, :settings) ON CONFLICT (key) DO UPDATE SET "
        "platform = excluded.platform, next_run_at = excluded.next_run_at, settings = excluded.settings",
        **rows.channel_values(saved),
    )


def change_channel(tx: Transaction, key: str, change: Callable[[Channel], Channel]) -> Channel | None:
    known = channel(tx, key)
    if known is None:
        return None
    changed = change(known)
    save_channel(tx, changed)
    return changed


# Every table that names a channel, with the columns that do, and those that hold keys that begin with one.
_NAMED = (
    ("subscriptions", ("channel",)),
    ("subscription_numbers", ("channel",)),
    ("digest_runs", ("channel",)),
    ("digest_papers", ("channel",)),
    ("digest_days", ("channel",)),
    ("digests", ("channel",)),
    ("spending", ("channel",)),
    ("inbox", ("channel",)),
    ("messages", ("channel",)),
    ("saved", ("channel",)),
    ("opinions", ("channel",)),
    ("outbox", ("channel",)),
)
_PREFIXED = (("outbox", "key"), ("outbox", "parent_key"), ("answers", "thread"))


def rename_channel(tx: Transaction, old: str, new: str) -> bool:
    """Give a channel and all that is remembered of it another key; False where the new key is taken."""
    known = channel(tx, old)
    if known is None or channel(tx, new) is not None:
        return False
    tx.run("DELETE FROM channels WHERE key = :old", old=old)
    save_channel(tx, replace(known, key=new))
    for table, columns in _NAMED:
        for column in columns:
            tx.run(f"UPDATE {table} SET {column} = :new WHERE {column} = :old", new=new, old=old)  # noqa: S608
    for table, column in _PREFIXED:
        tx.run(
            f"UPDATE {table} SET {column} = :new || substr({column}, :after) "  # noqa: S608 - names of ours
            f"WHERE substr({column}, 1, :length) = :prefix",
            new=new,
            after=len(old) + 1,
            length=len(old) + 1,
            prefix=f"{old}/",
        )
    for row in tx.rows("SELECT key FROM meta"):
        if row["key"].endswith(f"/{old}"):  # such as "last_paper/<channel>"
            tx.run(
                "UPDATE meta SET key = :new WHERE key = :old",
                new=f"{row['key'].removesuffix(old)}{new}",
                old=row["key"],
            )
    return True


def subscriptions(tx: Transaction, of: str | None) -> tuple[Subscription, ...]:
    if of is None:
        found = tx.rows("SELECT * FROM subscriptions ORDER BY channel, number")
    else:
        found = tx.rows("SELECT * FROM subscriptions WHERE channel = :channel ORDER BY number", channel=of)
    return tuple(map(rows.subscription_of, found))


def add_subscription(tx: Transaction, to: str, query: str, *, by: str, at: datetime) -> Subscription:
    folded = rows.clean(" ".join(query.split()).casefold())
    known = tx.row(
        "SELECT * FROM subscriptions WHERE channel = :channel AND folded = :folded", channel=to, folded=folded
    )
    if known is None:
        tx.run(
            "INSERT INTO subscriptions (channel, number, query, folded, created_by, created_at) "
            "VALUES (:channel, :number, :query, :folded, :by, :at)",
            channel=to,
            number=_next_number(tx, to),
            query=rows.clean(query.strip()),
            folded=folded,
            by=rows.clean(by),
            at=rows.moment(at),
        )
        return add_subscription(tx, to, query, by=by, at=at)
    return rows.subscription_of(known)


def _next_number(tx: Transaction, of: str) -> int:
    """Numbers are never used again, so that `/unsubscribe #3` sent twice removes one query."""
    row = tx.row(
        "INSERT INTO subscription_numbers (channel, last) VALUES (:channel, 1) "
        "ON CONFLICT (channel) DO UPDATE SET last = subscription_numbers.last + 1 RETURNING last",
        channel=of,
    )
    assert row is not None
    return int(row["last"])


def remove_subscription(tx: Transaction, of: str, number: int) -> Subscription | None:
    row = tx.row(
        "DELETE FROM subscriptions WHERE channel = :channel AND number = :number RETURNING *",
        channel=of,
        number=number,
    )
    return None if row is None else rows.subscription_of(row)
