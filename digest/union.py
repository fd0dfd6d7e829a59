"""Announcements of one paper, which may stand in several lists, as one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from digest.model import Announcement, ArxivId


def strongest(announcements: Iterable[Announcement]) -> tuple[Announcement, ...]:
    """One announcement per paper and day: new beats cross beats replace beats replace-cross.

    Keeps the order of first sight; categories and listings are united; the fuller metadata wins.
    """
    merged: dict[tuple[str, date], Announcement] = {}
    for each in announcements:
        key = (each.paper.id.id, each.day)
        seen = merged.get(key)
        merged[key] = each if seen is None else _united(seen, each)
    return tuple(merged.values())


def _united(one: Announcement, other: Announcement) -> Announcement:
    stronger, weaker = (one, other) if one.type.strength <= other.type.strength else (other, one)
    versions = [p.id.version for p in (one.paper, other.paper) if p.id.version]
    paper = replace(
        stronger.paper,
        id=ArxivId(stronger.paper.id.id, max(versions, default=None)),
        # Listing pages cut author lists at 100, and some feeds cut abstracts: the longer one is the whole.
        abstract=max(stronger.paper.abstract, weaker.paper.abstract, key=len),
        authors=max(stronger.paper.authors, weaker.paper.authors, key=len),
        categories=tuple(dict.fromkeys(stronger.paper.categories + weaker.paper.categories)),
        comment=stronger.paper.comment or weaker.paper.comment,
        journal_ref=stronger.paper.journal_ref or weaker.paper.journal_ref,
        doi=stronger.paper.doi or weaker.paper.doi,
        licence=stronger.paper.licence or weaker.paper.licence,
        submitted=stronger.paper.submitted or weaker.paper.submitted,
    )
    listed = tuple(dict.fromkeys(one.listed_in + other.listed_in))
    return replace(stronger, paper=paper, listed_in=listed)
