"""A category's whole mailing of a day, from all the pages that arXiv parts it into."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from digest.arxiv.endpoints import ArxivEndpoints
from digest.arxiv.listing import Listing
from digest.errors import SourceUnavailable
from digest.model import Announcement

Following = Callable[[int, int], Awaitable[Listing]]  # page number, entries so far -> page

_MOST_PAGES = 20  # of up to 2,000 entries; all of arXiv mails fewer on its fullest day


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailing:
    """What listing pages gave: `listed` in page order, of `total` entries that the pages promise.

    `day` is the one in the pages' heading, `next_day` the next mailing if arXiv links to one, `fault` why a
    later page is missing.
    """

    source: str  # "list" or "catchup"
    day: date | None
    total: int
    listed: tuple[Announcement, ...]
    next_day: date | None = None
    fault: str = ""


async def newest_mailing(arxiv: ArxivEndpoints, category: str) -> Mailing:
    """The mailing that /list/{category}/new shows, whatever day it is of.

    Raises `SourceUnavailable` when the first page cannot be had.
    """
    first = await arxiv.new(category)

    async def following(_: int, position: int) -> Listing:
        return await arxiv.new(category, skip=position)

    return await _whole("list", first, following)


async def mailing_of(arxiv: ArxivEndpoints, category: str, day: date) -> Mailing:
    """The mailing of one of the last 90 days, by its catch-up pages.

    Raises `SourceUnavailable` when the first page cannot be had.
    """
    first = await arxiv.catchup(category, day)

    async def following(page: int, _: int) -> Listing:
        return await arxiv.catchup(category, day, page=page)

    return await _whole("catchup", first, following)


async def _whole(source: str, first: Listing, following: Following) -> Mailing:
    """The first page and those after it."""
    listed, position, page, fault = list(first.announcements), first.shown, 1, ""
    while 0 < position < first.total and page < _MOST_PAGES:
        page += 1
        try:
            more = await following(page, position)
        except SourceUnavailable as error:
            fault = str(error)
            break
        if not more.shown or more.day != first.day:
            break
        listed.extend(more.announcements)
        position += more.shown
    return Mailing(
        source=source,
        day=first.day,
        total=first.total,
        listed=tuple(listed),
        next_day=first.next_day,
        fault=fault,
    )
