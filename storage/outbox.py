"""Digest runs and the outbox: pending -> sending -> sent, and nothing sent ever goes back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

from digest.channel import Channel, Delivery, DeliveryState, DigestRun, DigestState
from digest.document import Document
from digest.errors import StoreError
from digest.model import Digest
from storage import restored, rows
from storage.codec import from_json, to_json
from storage.driver import Transaction

_ENQUEUE = """
    INSERT INTO outbox (key, channel, local_date, position, document, parent_key,
                        state, attempts, message_id, not_before, error, begun_at)
    VALUES (:key, :channel, :local_date, :position, :document, :parent_key,
            :state, :attempts, :message_id, :not_before, :error, :begun_at)
    ON CONFLICT (key) DO NOTHING
"""
_ALL = "SELECT * FROM outbox ORDER BY channel, local_date, position, key"
_ALL_OF = "SELECT * FROM outbox WHERE channel = :channel ORDER BY local_date, position, key"
_UNSENT = """
    SELECT * FROM outbox WHERE state IN ('pending', 'sending') ORDER BY channel, local_date, position, key
"""
_UNSENT_OF = """
    SELECT * FROM outbox WHERE state IN ('pending', 'sending') AND channel = :channel
    ORDER BY local_date, position, key
"""


def claim_digest(
    tx: Transaction, channel: Channel, day: date, *, next_run_at: datetime | None, at: datetime
) -> bool:
    # The next run is set even where the run is there already (asked for by hand, or a repeated hour of a
    # clock change); else the channel would stay due for ever.
    moved = tx.run(
        "UPDATE channels SET next_run_at = :next WHERE key = :key AND coalesce(next_run_at, '') = :last",
        next=rows.maybe_moment(next_run_at),
        key=channel.key,
        last=rows.maybe_moment(channel.next_run_at) or "",
    )
    if not moved:
        return False
    started = tx.run(
        "INSERT INTO digest_runs (channel, local_date, state, started_at) "
        "VALUES (:channel, :day, :state, :at) ON CONFLICT (channel, local_date) DO NOTHING",
        channel=channel.key,
        day=day.isoformat(),
        state=DigestState.OPEN.value,
        at=rows.moment(at),
    )
    return started == 1


def digest_runs(tx: Transaction, *, channel: str | None, state: DigestState | None) -> tuple[DigestRun, ...]:
    found = tx.rows(
        "SELECT * FROM digest_runs WHERE channel = coalesce(:channel, channel) "
        "AND state = coalesce(:state, state) ORDER BY local_date DESC, channel",
        channel=channel,
        state=None if state is None else state.value,
    )
    return tuple(map(rows.digest_run_of, found))


def delivered_papers(tx: Transaction, channel: str) -> frozenset[str]:
    found = tx.rows("SELECT paper FROM digest_papers WHERE channel = :channel", channel=channel)
    return frozenset(row["paper"] for row in found)


def told_days(tx: Transaction, channel: str) -> frozenset[tuple[str, date]]:
    found = tx.rows("SELECT category, day FROM digest_days WHERE channel = :channel", channel=channel)
    return frozenset((row["category"], date.fromisoformat(row["day"])) for row in found)


def enqueue(
    tx: Transaction,
    channel: str,
    day: date,
    *,
    deliveries: Sequence[Delivery],
    papers: Sequence[str],
    told: Sequence[tuple[str, date]],
    done: bool,
    digest: Digest | None,
) -> None:
    run = {"channel": channel, "local_date": day.isoformat()}
    doubtful, since = restored.in_doubt(tx, day) if deliveries else (False, None)
    if doubtful:
        deliveries = [replace(each, state=DeliveryState.SENDING, begun_at=since) for each in deliveries]
    tx.many(_ENQUEUE, (rows.delivery_values(each, day) for each in deliveries))
    tx.many(
        "INSERT INTO digest_papers (channel, paper, local_date) VALUES (:channel, :paper, :local_date) "
        "ON CONFLICT (channel, paper) DO NOTHING",
        (run | {"paper": paper} for paper in papers),
    )
    tx.many(
        "INSERT INTO digest_days (channel, category, day, local_date) "
        "VALUES (:channel, :category, :day, :local_date) ON CONFLICT (channel, category, day) DO NOTHING",
        (run | {"category": category, "day": told_day.isoformat()} for category, told_day in told),
    )
    if digest is not None:
        tx.run(
            "INSERT INTO digests (channel, local_date, body) VALUES (:channel, :local_date, :body) "
            "ON CONFLICT (channel, local_date) DO UPDATE SET body = excluded.body",
            body=to_json(Digest, digest),
            **run,
        )
    if done:
        tx.run(
            "UPDATE digest_runs SET state = :done WHERE channel = :channel AND local_date = :local_date",
            done=DigestState.DONE.value,
            **run,
        )


def digest(tx: Transaction, channel: str, day: date) -> Digest | None:
    row = tx.row(
        "SELECT body FROM digests WHERE channel = :channel AND local_date = :day",
        channel=channel,
        day=day.isoformat(),
    )
    # Stored under the channel's key of then; the channel may have moved.
    return None if row is None else replace(from_json(Digest, row["body"]), channel=channel)


def outbox(tx: Transaction, *, channel: str | None, unsent: bool) -> tuple[Delivery, ...]:
    if channel is None:
        found = tx.rows(_UNSENT if unsent else _ALL)
    else:
        found = tx.rows(_UNSENT_OF if unsent else _ALL_OF, channel=channel)
    return tuple(map(rows.delivery_of, found))


def channels_with_unsent(tx: Transaction) -> tuple[str, ...]:
    found = tx.rows(
        "SELECT DISTINCT channel FROM outbox WHERE state IN ('pending', 'sending') ORDER BY channel"
    )
    return tuple(row["channel"] for row in found)


def depth(tx: Transaction) -> Mapping[tuple[str, DeliveryState], int]:
    # In two, each along its own partial index.
    found = [
        *tx.rows(
            "SELECT channel, state, count(*) AS n FROM outbox WHERE state IN ('pending', 'sending') "
            "GROUP BY channel, state"
        ),
        *tx.rows(
            "SELECT channel, state, count(*) AS n FROM outbox WHERE state = 'dead' GROUP BY channel, state"
        ),
    ]
    counts: dict[tuple[str, DeliveryState], int] = {}
    for row in found:
        key = row["channel"].partition(":")[0], DeliveryState(row["state"])
        counts[key] = counts.get(key, 0) + row["n"]
    return counts


def buried(tx: Transaction, *, since: datetime) -> tuple[Delivery, ...]:
    found = tx.rows(
        "SELECT * FROM outbox WHERE state = 'dead' AND buried_at >= :since ORDER BY buried_at, key",
        since=rows.moment(since),
    )
    return tuple(map(rows.delivery_of, found))


def delivery(tx: Transaction, key: str) -> Delivery | None:
    row = tx.row("SELECT * FROM outbox WHERE key = :key", key=key)
    return None if row is None else rows.delivery_of(row)


def sent_delivery(tx: Transaction, channel: str, message_id: str) -> Delivery | None:
    row = tx.row(
        "SELECT * FROM outbox WHERE channel = :channel AND message_id = :message_id",
        channel=channel,
        message_id=message_id,
    )
    return None if row is None else rows.delivery_of(row)


def told_of(tx: Transaction, channel: str, paper: str) -> Delivery | None:
    found = tx.rows(
        "SELECT outbox.* FROM digest_papers JOIN outbox ON outbox.channel = digest_papers.channel "
        "AND outbox.local_date = digest_papers.local_date AND outbox.parent_key IS NULL "
        "WHERE digest_papers.channel = :channel AND digest_papers.paper = :paper "
        "ORDER BY outbox.position, outbox.key LIMIT 1",
        channel=channel,
        paper=paper,
    )
    return rows.delivery_of(found[0]) if found else None


def begin_delivery(tx: Transaction, key: str, *, at: datetime) -> bool:
    begun = tx.run(
        "UPDATE outbox SET state = 'sending', attempts = attempts + 1, not_before = NULL, "
        "begun_at = coalesce(begun_at, :at) WHERE key = :key AND state = 'pending'",
        key=key,
        at=rows.moment(at),
    )
    return begun == 1


def split_delivery(tx: Transaction, key: str, parts: Sequence[Document]) -> bool:
    row = tx.row(
        "SELECT * FROM outbox WHERE key = :key AND state IN ('pending', 'sending') AND attempts = 0", key=key
    )
    if row is None:
        return False
    whole = rows.delivery_of(row)
    thread = whole.parent_key or key
    day = date.fromisoformat(row["local_date"])
    tx.run(
        "UPDATE outbox SET document = :document WHERE key = :key",
        document=to_json(Document, parts[0]),
        key=key,
    )
    tx.many(
        _ENQUEUE,
        (
            # Same position, and a key that sorts behind the whole's: so they follow it at once.
            rows.delivery_values(
                replace(whole, key=f"{key}~{number:02}", document=part, parent_key=thread), day
            )
            for number, part in enumerate(parts[1:], 2)
        ),
    )
    return True


def finish_delivery(tx: Transaction, key: str, message_id: str) -> None:
    changed = tx.run(
        "UPDATE outbox SET state = 'sent', message_id = :message_id, error = '' "
        "WHERE key = :key AND (state = 'sending' OR state = 'sent' AND message_id = :message_id)",
        key=key,
        message_id=message_id,
    )
    _must(changed, tx, key, "be marked sent")


def postpone_delivery(tx: Transaction, key: str, *, until: datetime | None, error: str) -> None:
    changed = tx.run(
        "UPDATE outbox SET state = 'pending', not_before = :until, error = :error "
        "WHERE key = :key AND state IN ('sending', 'pending')",
        key=key,
        until=rows.maybe_moment(until),
        error=rows.clean(error),
    )
    _must(changed, tx, key, "be postponed")


def bury_delivery(tx: Transaction, key: str, *, at: datetime, error: str) -> None:
    changed = tx.run(
        "UPDATE outbox SET state = 'dead', error = :error, buried_at = coalesce(buried_at, :at) "
        "WHERE key = :key AND state != 'sent'",
        key=key,
        at=rows.moment(at),
        error=rows.clean(error),
    )
    _must(changed, tx, key, "be given up")


def _must(changed: int, tx: Transaction, key: str, verb: str) -> None:
    """A change of state that is not allowed is a fault in the sender; silence would lose a message."""
    if changed != 1:
        known = delivery(tx, key)
        state = DeliveryState(known.state).value if known else "unknown"
        raise StoreError(f"The message {key} cannot {verb}: it is {state}.")
