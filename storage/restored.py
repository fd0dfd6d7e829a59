"""Going on from a backup: what happened between its making and now is not in it, but did happen.

Messages that wait in the backup may have been sent since, and the digests of these days are made again under
the same keys. So for both the platform is asked first: they become `sending`, which is how the sender knows
a message of unknown fate.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from storage import meta, rows
from storage.driver import Transaction

BEGUN = "backup/begun"  # when a backup was begun: all before it is in it
_KEY = "restored"

# Every moment that is written while Paperboy works; whatever follows the latest is not in the backup.
_LATEST = """
    SELECT max(moment) AS moment FROM (
        SELECT max(started_at) AS moment FROM digest_runs
        UNION ALL SELECT max(begun_at) FROM outbox
        UNION ALL SELECT max(received_at) FROM inbox
        UNION ALL SELECT max(saved_at) FROM texts
        UNION ALL SELECT value FROM meta WHERE key = :begun
    )
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What a restored database holds. `until` is the latest moment it surely knows of, if there is one."""

    until: datetime | None
    channels: int
    subscriptions: int
    looked_for: int  # messages that are looked for before they are sent


def mark(tx: Transaction, at: datetime) -> Restored:
    """Have what may have been sent after the backup looked for first; `at` is now."""
    latest = tx.row(_LATEST, begun=BEGUN)
    until = str(latest["moment"]) if latest is not None and latest["moment"] else None
    looked_for = tx.run(
        "UPDATE outbox SET state = 'sending', begun_at = coalesce(begun_at, :until) "
        "WHERE state IN ('pending', 'sending')",
        until=until,
    )
    # What was said to us and is not answered here may be answered: the second try looks for the first.
    tx.run("UPDATE inbox SET tries = max(tries, 1) WHERE answered_at IS NULL")
    meta.put(tx, _KEY, json.dumps({"until": until, "at": rows.moment(at)}))
    return Restored(
        until=None if until is None else datetime.fromisoformat(until),
        channels=_count(tx, "channels"),
        subscriptions=_count(tx, "subscriptions"),
        looked_for=looked_for,
    )


def in_doubt(tx: Transaction, day: date) -> tuple[bool, datetime | None]:
    """Whether a digest of that local date may have been sent after the backup, and since when to look."""
    known = meta.get(tx, _KEY)
    if known is None:
        return False, None
    restored = json.loads(known)
    # Somewhere it is a day later than in UTC.
    last = datetime.fromisoformat(restored["at"]).astimezone(UTC).date() + timedelta(days=1)
    until = restored["until"]
    return day <= last, None if until is None else datetime.fromisoformat(until)


def _count(tx: Transaction, table: str) -> int:
    row = tx.row(f"SELECT count(*) AS n FROM {table}")  # noqa: S608 - our own names
    return int(row["n"]) if row is not None else 0
