"""Channels and their subscriptions."""

from __future__ import annotations

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


def pause_channel(tx: Transaction, key: str, *, because: str) -> None:
    known = channel(tx, key)
    if known is not None:
        save_channel(tx, replace(known, paused=True, paused_because=because))


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
