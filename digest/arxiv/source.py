"""Every category-day by the best way there is, and honest words where there is none.

The ladder for today's batch: RSS, or Atom when RSS is broken; when anything speaks against the feed (see
`judging`), the listing page that is dated by its heading and counted; when that fails or shows another day,
the catch-up page. A past day comes from its catch-up pages.

An RSS batch belongs to the date in New York at which it is asked for, provided that its papers are not those
of the last batch we know. Whatever dates the feed bears only decide whether the listing is asked too; then
the listing's heading dates the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from digest.arxiv import calendar, judging
from digest.arxiv.api import batches
from digest.arxiv.client import Answer, ArxivClient
from digest.arxiv.endpoints import ArxivEndpoints
from digest.arxiv.entries import is_category, shown
from digest.arxiv.feed import Feed, belonging_to
from digest.arxiv.ledger import Entry
from digest.arxiv.listing import Listing
from digest.clock import Clock, utc_now
from digest.errors import SourceUnavailable
from digest.model import (
    Announcement,
    ArxivId,
    CategoryBatch,
    CategoryDay,
    DayState,
    EmptyReason,
    Paper,
)

_HOLIDAY_PATIENCE = timedelta(hours=3)  # after midnight Eastern; then a holiday's silence is believed
_MOST_PAGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What a day's feed showed: nothing (`fault` or `unchanged`), or entries and maybe a doubt."""

    feed: Feed | None = None
    form: str = "rss"
    answer: Answer | None = None
    doubt: judging.Doubt | None = None
    fault: SourceUnavailable | None = None
    is_unchanged: bool = False


class ArxivSource:
    """arXiv as a `digest.ports.PaperSource`."""

    def __init__(self, client: ArxivClient, *, clock: Clock = utc_now) -> None:
        self._arxiv = ArxivEndpoints(client)
        self._clock = clock

    async def announced(
        self, category: str, day: date, /, *, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        """One category's announcements of one announcement day; arXiv's faults are the batch's state."""
        entry = Entry(category=category, day=day, now=self._clock())
        if not is_category(category):
            return entry.failed(f"“{shown(category)}” is not an arXiv category; try cs.CV or hep-th.")
        today = calendar.announcement_day(entry.now)
        if not calendar.announces(day):
            return entry.empty(EmptyReason.WEEKEND)
        if day > today:
            return entry.late("arXiv announces it at midnight Eastern time.")
        if day < today - calendar.CATCHUP_WINDOW:
            return entry.failed("arXiv shows past announcements for 90 days only.", retry=False)
        try:
            if day < today:
                return await self._of_a_past_day(entry)
            return await self._of_today(entry, last, last_ids)
        except SourceUnavailable as error:
            return entry.failed(str(error), retry_after=error.retry_after)

    async def latest(self, category: str, /) -> CategoryBatch:
        """The newest mailing of a category, whatever day it is of: for a first look at any hour.

        Raises `SourceUnavailable` when the listing page cannot be had.
        """
        now = self._clock()
        listing, listed = await self._new(category)
        entry = Entry(category=category, day=listing.day or calendar.announcement_day(now), now=now)
        return entry.listed(belonging_to(listed, entry.day), listing, "list")

    async def papers(self, ids: Sequence[ArxivId], /) -> tuple[Paper, ...]:
        """Current metadata of the papers, in one batched request per 100; unknown ids are left out.

        A single paper that the API does not give (it refuses, or answers nothing, when overloaded) is looked
        up on its abstract page.
        """
        found: list[Paper] = []
        for batch in batches(ids):
            try:
                found.extend(await self._arxiv.papers(batch))
            except SourceUnavailable:
                if len(ids) > 1:
                    raise
        if len(ids) == 1 and not found:
            shown = await self._arxiv.abstract_page(ids[0])
            found.extend([shown] if shown else [])
        return tuple(found)

    async def pdf(self, paper: ArxivId, /) -> bytes:
        """The PDF of a version (or the latest). Raises `PaperNotFound` where arXiv has none."""
        return await self._arxiv.pdf(paper)

    # Today

    async def _of_today(
        self, entry: Entry, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        seen = await self._seen(entry, last, last_ids)
        if seen.is_unchanged and last is not None and last.day == entry.day and last.state.is_final:
            return CategoryBatch(ledger=replace(last, checked_at=entry.now))
        if seen.feed is not None and seen.doubt is None:
            return _of_feed(entry, seen)
        try:
            listing, listed = await self._new(entry.category)
        except SourceUnavailable as error:
            return await self._without_listing(entry, seen, error)
        if listing.day is None or listing.day > entry.day:
            return await self._of_a_past_day(entry)
        if listing.day < entry.day:
            return _older_listing(entry, seen, listing)
        fresh = seen.feed if seen.doubt is None or seen.doubt.is_usable else None
        batch = judging.united(listed, fresh, entry.day, last_ids)
        return _validated(entry.listed(batch, listing, "list", note=_why(seen), got=len(listed)), seen)

    async def _seen(self, entry: Entry, last: CategoryDay | None, last_ids: frozenset[str]) -> _Seen:
        """The category's feed: RSS, or Atom where RSS is broken."""
        etag, modified = (last.etag, last.last_modified) if last else (None, None)
        faults: list[SourceUnavailable] = []
        for form in ("rss", "atom"):
            try:
                feed, answer = await self._arxiv.feed(
                    form,
                    entry.category,
                    etag=etag if form == "rss" else None,
                    last_modified=modified if form == "rss" else None,
                )
            except SourceUnavailable as error:
                faults.append(error)
                continue
            if feed is None:
                stale = judging.Doubt(reason="its feed has not changed since the last batch", is_usable=False)
                return _Seen(form=form, answer=answer, doubt=stale, is_unchanged=True)
            found = judging.doubt(feed, entry.day, last=last, last_ids=last_ids)
            return _Seen(feed=feed, form=form, answer=answer, doubt=found)
        return _Seen(fault=faults[0])

    async def _without_listing(self, entry: Entry, seen: _Seen, error: SourceUnavailable) -> CategoryBatch:
        """Today's batch when its listing page cannot be had: its catch-up page, else the feed as it is."""
        try:
            first = await self._arxiv.catchup(entry.category, entry.day)
        except SourceUnavailable:
            return _unconfirmed(entry, seen, error)
        return await self._of_catchup(entry, first)

    # Past days

    async def _of_a_past_day(self, entry: Entry) -> CategoryBatch:
        try:
            first = await self._arxiv.catchup(entry.category, entry.day)
        except SourceUnavailable as error:
            return await self._without_catchup(entry, error)
        return await self._of_catchup(entry, first)

    async def _without_catchup(self, entry: Entry, error: SourceUnavailable) -> CategoryBatch:
        """The listing of new papers may still show the day."""
        try:
            listing, listed = await self._new(entry.category)
        except SourceUnavailable:
            raise error from None
        if listing.day != entry.day:
            raise error
        return entry.listed(belonging_to(listed, entry.day), listing, "list")

    async def _of_catchup(self, entry: Entry, first: Listing) -> CategoryBatch:
        if first.total == 0:
            return _empty_catchup(entry, first)
        listed = list(first.announcements)
        note, page, position = "", 1, first.shown
        while position < first.total and page < _MOST_PAGES:
            page += 1
            try:
                following = await self._arxiv.catchup(entry.category, entry.day, page=page)
            except SourceUnavailable as error:
                note = str(error)
                break
            if not following.shown:
                break
            listed.extend(following.announcements)
            position += following.shown
        batch = judging.united(listed, None, entry.day, ())
        return entry.listed(batch, first, "catchup", note=note, got=len(listed))

    async def _new(self, category: str) -> tuple[Listing, tuple[Announcement, ...]]:
        """The listing of new papers: its first page, and the entries of all its pages."""
        first = await self._arxiv.new(category)
        listed = list(first.announcements)
        position = first.shown
        while 0 < position < first.total:
            following = await self._arxiv.new(category, skip=position)
            if not following.shown or following.day != first.day:
                break
            listed.extend(following.announcements)
            position += following.shown
        return first, tuple(listed)


def _of_feed(entry: Entry, seen: _Seen, *, note: str = "") -> CategoryBatch:
    assert seen.feed is not None
    state = DayState.COMPLETE if seen.doubt is None or seen.doubt.is_complete else DayState.TRUNCATED
    announcements = belonging_to(seen.feed.announcements, entry.day)
    return _validated(entry.batch(state, seen.form, announcements, note=note), seen)


def _validated(batch: CategoryBatch, seen: _Seen) -> CategoryBatch:
    """The batch with the RSS feed's validators, for the next conditional request."""
    if seen.answer is None or seen.form != "rss":
        return batch
    ledger = replace(batch.ledger, etag=seen.answer.etag, last_modified=seen.answer.last_modified)
    return replace(batch, ledger=ledger)


def _older_listing(entry: Entry, seen: _Seen, listing: Listing) -> CategoryBatch:
    """arXiv's listing still shows an earlier day: the feed is ahead of it, arXiv rests, or it is late."""
    assert listing.day is not None
    usable = seen.feed is not None and seen.doubt is not None and seen.doubt.is_usable
    if usable and seen.feed is not None and judging.is_of_later_day(seen.feed, listing):
        return _of_feed(entry, seen)
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY)
    return entry.late(f"arXiv still shows {listing.day:%A} {listing.day.day} {listing.day:%B}.")


def _unconfirmed(entry: Entry, seen: _Seen, error: SourceUnavailable) -> CategoryBatch:
    """The day by its feed alone, when no listing page can be had."""
    if seen.feed is not None and seen.doubt is not None and seen.doubt.is_usable:
        return _of_feed(
            entry, seen, note=f"Not checked against arXiv's listing: {seen.doubt.reason}, and {error}"
        )
    if seen.fault is not None:
        return entry.failed(str(seen.fault), retry_after=seen.fault.retry_after or error.retry_after)
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY)
    why = seen.doubt.reason if seen.doubt else "its feed cannot be judged"
    return entry.late(f"As far as we can see: {why}, and {error}", retry_after=error.retry_after)


def _empty_catchup(entry: Entry, page: Listing) -> CategoryBatch:
    """No entries: for certain once arXiv links to a later mailing, else maybe not mailed yet."""
    if page.next_day is not None:
        return entry.empty(judging.why_empty(entry.day), source="catchup")
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY, source="catchup")
    return entry.late("arXiv shows no announcement for the day so far.", source="catchup")


def _is_silent_holiday(entry: Entry) -> bool:
    patience_over = entry.now >= calendar.expected_at(entry.day) + _HOLIDAY_PATIENCE
    return patience_over and calendar.rest_reason(entry.day) is EmptyReason.HOLIDAY


def _why(seen: _Seen) -> str:
    if seen.fault is not None:
        return f"Taken from the listing page: {seen.fault}"
    return f"Taken from the listing page: {seen.doubt.reason}." if seen.doubt else ""
