"""Values to rows and back, in one place.

Moments are ISO text in UTC of one width, so that they sort; days are ISO text; sequences are JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from digest.channel import Channel, Delivery, DeliveryState, DigestRun, DigestState, Subscription
from digest.document import Document
from digest.model import Announcement, AnnounceType, ArxivId, CategoryDay, Paper
from storage.codec import from_json, to_json
from storage.driver import Row, Value

Columns = Mapping[str, Value]
_COMPACT = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def moment(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def maybe_moment(value: datetime | None) -> str | None:
    return None if value is None else moment(value)


def _moment_of(text: str | None) -> datetime | None:
    return None if text is None else datetime.fromisoformat(text)


def clean(text: str) -> str:
    """Text that every database takes: without NUL and lone surrogates."""
    if text.isascii() and "\0" not in text:
        return text
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _maybe_clean(text: str | None) -> str | None:
    return None if text is None else clean(text)


def _words(values: Iterable[str]) -> str:
    return clean(_COMPACT.encode(list(values)))


def paper_values(paper: Paper, number: int) -> Columns:
    return {
        "number": number,
        "id": paper.id.id,
        "version": paper.id.version,
        "title": clean(paper.title),
        "abstract": clean(paper.abstract),
        "authors": _words(paper.authors),
        "categories": _words(paper.categories),
        "comment": _maybe_clean(paper.comment),
        "journal_ref": _maybe_clean(paper.journal_ref),
        "doi": _maybe_clean(paper.doi),
        "licence": _maybe_clean(paper.licence),
        "submitted": None if paper.submitted is None else paper.submitted.isoformat(),
    }


def paper_of(row: Row) -> Paper:
    return Paper(
        id=ArxivId(row["id"], row["version"]),
        title=row["title"],
        abstract=row["abstract"],
        authors=tuple(json.loads(row["authors"])),
        categories=tuple(json.loads(row["categories"])),
        comment=row["comment"],
        journal_ref=row["journal_ref"],
        doi=row["doi"],
        licence=row["licence"],
        submitted=None if row["submitted"] is None else date.fromisoformat(row["submitted"]),
    )


def announcement_of(row: Row, paper: Paper) -> Announcement:
    """The announcement of a row; its paper has the version announced then."""
    return Announcement(
        paper=replace(paper, id=ArxivId(paper.id.id, row["announced_version"] or paper.id.version)),
        type=AnnounceType(row["type"]),
        day=date.fromisoformat(row["day"]),
        listed_in=(row["category"],),
    )


def category_day_values(row: CategoryDay) -> Columns:
    return {
        "category": row.category,
        "day": row.day.isoformat(),
        "state": row.state.value,
        "body": to_json(CategoryDay, row),
    }


def category_day_of(row: Row) -> CategoryDay:
    return from_json(CategoryDay, row["body"])


def channel_values(channel: Channel) -> Columns:
    return {
        "key": channel.key,
        "platform": channel.platform,
        "next_run_at": maybe_moment(channel.next_run_at),
        # Everything else; a setting that is added later needs no migration.
        "settings": to_json(Channel, replace(channel, next_run_at=None)),
    }


def channel_of(row: Row) -> Channel:
    return replace(from_json(Channel, row["settings"]), next_run_at=_moment_of(row["next_run_at"]))


def subscription_of(row: Row) -> Subscription:
    return Subscription(
        channel=row["channel"],
        number=row["number"],
        query=row["query"],
        created_by=row["created_by"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def digest_run_of(row: Row) -> DigestRun:
    return DigestRun(
        channel=row["channel"],
        local_date=date.fromisoformat(row["local_date"]),
        state=DigestState(row["state"]),
        started_at=datetime.fromisoformat(row["started_at"]),
    )


def delivery_values(delivery: Delivery, local_date: date) -> Columns:
    return {
        "key": delivery.key,
        "channel": delivery.channel,
        "local_date": local_date.isoformat(),
        "position": delivery.position,
        "document": to_json(Document, delivery.document),
        "parent_key": delivery.parent_key,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "message_id": delivery.message_id,
        "not_before": maybe_moment(delivery.not_before),
        "error": clean(delivery.error),
        "begun_at": maybe_moment(delivery.begun_at),
    }


def delivery_of(row: Row) -> Delivery:
    return Delivery(
        key=row["key"],
        channel=row["channel"],
        position=row["position"],
        document=from_json(Document, row["document"]),
        parent_key=row["parent_key"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        message_id=row["message_id"],
        not_before=_moment_of(row["not_before"]),
        error=row["error"],
        begun_at=_moment_of(row["begun_at"]),
        buried_at=_moment_of(row["buried_at"]),
    )
