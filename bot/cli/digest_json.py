"""Digests and ledger rows as JSON, for scripts."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from digest.analysis import analysis_to_json
from digest.compose import notices
from digest.model import CategoryDay, Digest, Match
from digest.wording import wording


def digest_to_json(digest: Digest, *, timezone: str) -> dict[str, Any]:
    """A digest with its notices, papers, analyses and the ledger rows it rests on."""
    told = notices(digest, zone=ZoneInfo(timezone), words=wording(digest.language))
    return {
        "date": digest.local_date.isoformat(),
        "channel": digest.channel,
        "days": [day.isoformat() for day in digest.days],
        "categories": list(digest.categories),
        "queries": list(digest.queries),
        "scanned": digest.scanned,
        "found": len(digest.matches),
        "papers": [
            match_to_json(item.match) | {"analysis": item.analysis and analysis_to_json(item.analysis)}
            for item in digest.items
        ],
        "more": [match_to_json(match) for match in digest.more],
        "notices": list(told),
        "ledger": [ledger_to_json(row) for row in digest.ledger],
    }


def match_to_json(match: Match) -> dict[str, Any]:
    """A matched paper and why it matched, as `paperboy preview --json` prints it."""
    paper = match.announcement.paper
    return {
        "id": paper.id.id,
        "title": paper.title,
        "announce_type": match.announcement.type.value,
        "categories": list(paper.categories),
        "hits": [
            {"phrase": hit.phrase, "field": hit.field.value, "snippet": hit.snippet} for hit in match.hits
        ],
    }


def ledger_to_json(row: CategoryDay) -> dict[str, Any]:
    """One category-day of the ledger."""
    return {
        "category": row.category,
        "day": row.day.isoformat(),
        "state": row.state.value,
        "reason": row.reason and row.reason.value,
        "source": row.source,
        "counts": {kind.value: number for kind, number in row.counts},
        "note": row.note,
        "checked_at": row.checked_at.isoformat(),
        "next_try": row.next_try and row.next_try.isoformat(),
    }
