"""What is due: which days to fetch, which to tell a channel, and when. Pure decisions over the ledger."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from digest.arxiv.calendar import announces, latest_announcement_day
from digest.model import Announcement, ArxivId, CategoryDay, DayState, Digest, DigestItem, Paper

CategoryDayKey = tuple[str, date]


def days_due(ledger: Sequence[CategoryDay], /, *, today: date, now: datetime) -> tuple[date, ...]:
    """The announcement days of one category that should be fetched now, oldest first.

    A category that was never fetched starts with the latest announcement day; from then on every working day
    is fetched until its state is final, and today is asked about even when arXiv rests, so that the ledger
    says why it is empty.
    """
    rows = {row.day: row for row in ledger}
    start = min(rows, default=latest_announcement_day(today))
    days = (start + timedelta(days=n) for n in range((today - start).days + 1))
    return tuple(
        day for day in days if (announces(day) or day == today) and _is_due(rows.get(day), today, now)
    )


def _is_due(row: CategoryDay | None, today: date, now: datetime) -> bool:
    if row is None:
        return True
    if row.state.is_final:
        return False
    # A row that was looked at later than now is of a clock that ran ahead.
    return row.next_try is None or row.next_try <= now or row.checked_at > now


def to_tell(
    ledger: Sequence[CategoryDay],
    told: Collection[CategoryDayKey],
    /,
    *,
    today: date,
) -> tuple[CategoryDay, ...]:
    """The ledger rows a channel has not been told of.

    A category that is new to the channel starts with the latest announcement day: its earlier days, fetched
    for other channels, are not news. Rest days are told only on the day itself.
    """
    first = _first_told(told)
    return tuple(
        row
        for row in ledger
        if (row.category, row.day) not in told
        and row.day >= first.get(row.category, latest_announcement_day(today))
        and (row.state is not DayState.EMPTY or row.day == today)
    )


def _first_told(told: Collection[CategoryDayKey]) -> dict[str, date]:
    first: dict[str, date] = {}
    for category, day in told:
        first[category] = min(day, first.get(category, day))
    return first


def told_as(announcement: Announcement) -> str:
    """The name under which an announcement counts as told: revisions are news again with each version."""
    paper = announcement.paper.id
    return str(paper) if announcement.type.is_revision else paper.id


def enriched(announcement: Announcement, known: Mapping[str, Paper]) -> Announcement:
    """The announcement with what the API knows of its paper besides what the feed told."""
    more = known.get(announcement.paper.id.id)
    if more is None:
        return announcement
    paper = announcement.paper
    return replace(
        announcement,
        paper=replace(
            paper,
            id=ArxivId(paper.id.id, paper.id.version or more.id.version),
            abstract=paper.abstract or more.abstract,
            authors=more.authors if len(more.authors) > len(paper.authors) else paper.authors,
            categories=paper.categories or more.categories,
            comment=paper.comment or more.comment,
            journal_ref=paper.journal_ref or more.journal_ref,
            doi=paper.doi or more.doi,
            submitted=paper.submitted or more.submitted,
        ),
    )


def is_done(digest: Digest) -> bool:
    """Whether nothing more can come: every category-day it rests on is final."""
    return all(row.state.is_final for row in digest.ledger)


def due_again(digest: Digest, now: datetime) -> tuple[DigestItem, ...]:
    """The items whose analysis stands in for a model that failed and may be asked again by now."""
    return tuple(
        item
        for item in digest.items
        if item.analysis is not None and item.analysis.retry_at is not None and item.analysis.retry_at <= now
    )


def merged(before: Digest | None, news: Digest) -> Digest:
    """A digest with what was added to it after its first message."""
    if before is None:
        return news
    ledger = {(row.category, row.day): row for row in (*before.ledger, *news.ledger)}
    return replace(
        news,
        days=tuple(sorted({*before.days, *news.days})),
        scanned=before.scanned + news.scanned,
        ledger=tuple(ledger[key] for key in sorted(ledger, key=lambda key: (key[1], key[0]))),
        items=(*before.items, *news.items),
        more=(*before.more, *news.more),
        told=(
            *(before.told or ((len(before.items), len(before.more)),)),
            (len(news.items), len(news.more)),
        ),
    )
