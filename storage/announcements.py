"""Announcements, papers and the ledger: what arXiv said, category by category and day by day.

An announcement is stored once per category that listed it, so that a channel sees it as its own categories
listed it. Metadata is stored once per paper.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from itertools import islice

from digest.model import Announcement, AnnounceType, ArxivId, CategoryBatch, CategoryDay, Paper
from digest.union import strongest
from storage import merge, rows
from storage.driver import Transaction, Value

_CHUNK = 500  # values in one IN list
_PER_DAY = 1_000_000  # row numbers set aside for the papers of one day

_SAVE_PAPER = """
    INSERT INTO papers (number, id, version, title, abstract, authors, categories,
                        comment, journal_ref, doi, licence, submitted)
    VALUES (:number, :id, :version, :title, :abstract, :authors, :categories,
            :comment, :journal_ref, :doi, :licence, :submitted)
    ON CONFLICT (id) DO UPDATE SET
        version = excluded.version, title = excluded.title, abstract = excluded.abstract,
        authors = excluded.authors, categories = excluded.categories, comment = excluded.comment,
        journal_ref = excluded.journal_ref, doi = excluded.doi, licence = excluded.licence,
        submitted = excluded.submitted
"""
_SAVE_ANNOUNCEMENT = """
    INSERT INTO announcements (day, category, paper, version, type, position)
    VALUES (:day, :category, :paper, :version, :type, :position)
    ON CONFLICT (day, category, paper) DO UPDATE SET version = excluded.version, type = excluded.type
"""
_SAVE_DAY = """
    INSERT INTO ledger (category, day, state, body) VALUES (:category, :day, :state, :body)
    ON CONFLICT (category, day) DO UPDATE SET state = excluded.state, body = excluded.body
"""


def save_batch(tx: Transaction, batch: CategoryBatch) -> None:
    told = batch.ledger
    known = tx.row(
        "SELECT body FROM ledger WHERE category = :category AND day = :day",
        category=told.category,
        day=told.day.isoformat(),
    )
    row = merge.later(None if known is None else rows.category_day_of(known), told)
    tx.many(_SAVE_DAY, [rows.category_day_values(row)])
    _keep(tx, [(each.paper, each.day) for each in batch.announcements])
    for (category, day), listed in _by_listing(batch).items():
        _list(tx, category, day, listed)


def _by_listing(batch: CategoryBatch) -> Mapping[tuple[str, date], list[Announcement]]:
    listings: dict[tuple[str, date], list[Announcement]] = {}
    for each in batch.announcements:
        for category in dict.fromkeys((batch.ledger.category, *each.listed_in)):
            listings.setdefault((category, each.day), []).append(each)
    return listings


def _list(tx: Transaction, category: str, day: date, listed: Iterable[Announcement]) -> None:
    """Add a category's announcements of a day; a stronger type and a newer version stay."""
    stored = tx.rows(
        "SELECT paper, version, type, position FROM announcements WHERE category = :category AND day = :day",
        category=category,
        day=day.isoformat(),
    )
    known: dict[str, tuple[AnnounceType, int]] = {
        row["paper"]: (AnnounceType(row["type"]), row["version"] or 0) for row in stored
    }
    position = max((row["position"] for row in stored), default=0)
    changed: dict[str, dict[str, Value]] = {}
    for each in listed:
        paper = each.paper.id.id
        told = each.type, each.paper.id.version or 0
        merged = _stronger(known[paper], told) if paper in known else told
        if known.get(paper) == merged:
            continue
        position += paper not in known
        known[paper] = merged
        row = {"day": day.isoformat(), "category": category, "paper": paper, "position": position}
        changed[paper] = row | {"type": merged[0].value, "version": merged[1] or None}
    tx.many(_SAVE_ANNOUNCEMENT, changed.values())


def _stronger(one: tuple[AnnounceType, int], other: tuple[AnnounceType, int]) -> tuple[AnnounceType, int]:
    return min(one[0], other[0], key=lambda each: each.strength), max(one[1], other[1])


def save_papers(tx: Transaction, papers: Sequence[Paper]) -> None:
    _keep(tx, [(paper, _first_day(paper)) for paper in papers])


def _first_day(paper: Paper) -> date:
    """Where an unannounced paper stands among the others: its first date, else its identifier's month."""
    if paper.submitted is not None:
        return paper.submitted
    digits = paper.id.id.rpartition("/")[2]
    year, month = int(digits[:2]), int(digits[2:4])
    return date(year + (1900 if year >= 91 else 2000), month, 1)


def _keep(tx: Transaction, told: Sequence[tuple[Paper, date]]) -> None:
    """Store what is newly known of papers; those seen first are numbered in the day's order."""
    before = _numbered(tx, {paper.id.id for paper, _ in told})
    numbers = {key: number for key, (number, _) in before.items()}
    now = {key: paper for key, (_, paper) in before.items()}
    free: dict[date, int] = {}
    for paper, day in told:
        key = paper.id.id
        if key not in numbers:
            free[day] = numbers[key] = free[day] + 1 if day in free else _next_number(tx, day)
        now[key] = merge.united(now[key], paper) if key in now else paper
    changed = [key for key, paper in now.items() if key not in before or paper != before[key][1]]
    tx.many(_SAVE_PAPER, (rows.paper_values(now[key], numbers[key]) for key in changed))
    reworded = [key for key in changed if key not in before or _words(now[key]) != _words(before[key][1])]
    tx.index(
        [numbers[key] for key in reworded],
        {numbers[key]: before[key][1] for key in reworded if key in before},
    )


def _words(paper: Paper) -> tuple[str, str]:
    return paper.title, paper.abstract


def _numbered(tx: Transaction, ids: Collection[str]) -> dict[str, tuple[int, Paper]]:
    found: dict[str, tuple[int, Paper]] = {}
    remaining = iter(sorted(ids))
    while chunk := tuple(islice(remaining, _CHUNK)):
        for row in tx.rows("SELECT * FROM papers WHERE id IN :ids", ids=chunk):
            found[row["id"]] = row["number"], rows.paper_of(row)
    return found


def _next_number(tx: Transaction, day: date) -> int:
    first = day.toordinal() * _PER_DAY
    row = tx.row(
        "SELECT max(number) AS last FROM papers WHERE number >= :first AND number < :end",
        first=first,
        end=first + _PER_DAY,
    )
    return first if row is None or row["last"] is None else int(row["last"]) + 1


def ledger(
    tx: Transaction, categories: Collection[str], *, since: date, until: date | None
) -> tuple[CategoryDay, ...]:
    found = tx.rows(
        "SELECT body FROM ledger WHERE category IN :categories AND day >= :since AND day <= :until "
        "ORDER BY day, category",
        categories=tuple(categories),
        since=since.isoformat(),
        until=(until or date.max).isoformat(),
    )
    return tuple(map(rows.category_day_of, found))


def last_batch(tx: Transaction, category: str) -> tuple[CategoryDay | None, frozenset[str]]:
    row = tx.row(
        "SELECT body, day FROM ledger WHERE category = :category AND EXISTS ("
        " SELECT 1 FROM announcements a WHERE a.category = ledger.category AND a.day = ledger.day"
        ") ORDER BY day DESC LIMIT 1",
        category=category,
    )
    if row is None:
        return None, frozenset()
    ids = tx.rows(
        "SELECT paper FROM announcements WHERE category = :category AND day = :day",
        category=category,
        day=row["day"],
    )
    return rows.category_day_of(row), frozenset(each["paper"] for each in ids)


def announcements(
    tx: Transaction, days: Collection[date], *, categories: Collection[str] | None
) -> tuple[Announcement, ...]:
    found = tx.rows(
        "SELECT papers.*, a.day, a.category, a.type, a.version AS announced_version "
        "FROM announcements a JOIN papers ON papers.id = a.paper "
        "WHERE a.day IN :days AND (:everywhere = 1 OR a.category IN :categories) "
        "ORDER BY a.day, a.category, a.position",
        days=tuple(day.isoformat() for day in days),
        everywhere=int(categories is None),
        categories=tuple(categories or ()),
    )
    papers: dict[str, Paper] = {}
    for row in found:
        if row["id"] not in papers:
            papers[row["id"]] = rows.paper_of(row)
    return strongest(rows.announcement_of(row, papers[row["id"]]) for row in found)


def days_with_announcements(tx: Transaction, *, limit: int) -> tuple[date, ...]:
    found = tx.rows("SELECT DISTINCT day FROM announcements ORDER BY day DESC LIMIT :limit", limit=limit)
    return tuple(date.fromisoformat(row["day"]) for row in found)


def paper(tx: Transaction, wanted: ArxivId) -> Paper | None:
    row = tx.row("SELECT * FROM papers WHERE id = :id", id=wanted.id)
    if row is None or (wanted.version and row["version"] not in (None, wanted.version)):
        return None
    return rows.paper_of(row)


def search(tx: Transaction, text: str, *, limit: int) -> tuple[Paper, ...]:
    return tuple(map(rows.paper_of, tx.find(text, limit=limit)))
