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
from digest.arxiv.endpoints import ArxivEndpoints, UnknownCategory
from digest.arxiv.entries import is_category, shown
from digest.arxiv.feed import Feed, belonging_to
from digest.arxiv.ledger import Entry
from digest.arxiv.mailing import Mailing, mailing_of, newest_mailing
from digest.clock import Clock, utc_now
from digest.errors import SourceUnavailable
from digest.model import (
    ArxivId,
    CategoryBatch,
    CategoryDay,
    DayState,
    EmptyReason,
    Paper,
)

_HOLIDAY_PATIENCE = timedelta(hours=3)  # after midnight Eastern; then a holiday's silence is believed
_UNKNOWN_CATEGORY = 86400.0  # seconds until a category that arXiv does not know is asked for again


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the day's feed showed: nothing, and why (`fault`, `is_unchanged`), or entries, maybe in doubt."""

    feed: Feed | None = None
    form: str = "rss"
    answer: Answer | None = None
    doubt: judging.Doubt | None = None
    fault: SourceUnavailable | None = None
    is_unchanged: bool = False

    @property
    def usable(self) -> Feed | None:
        """The feed, if its entries are the day's."""
        return self.feed if self.doubt is None or self.doubt.is_usable else None


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
            return await self._of_a_rest_day(entry, today, last, last_ids)
        if day > today:
            return entry.late("arXiv announces it at midnight Eastern time.")
        if day < today - calendar.CATCHUP_WINDOW:
            return entry.failed("arXiv shows past announcements for 90 days only.", retry=False)
        try:
            if day < today:
                return await self._of_a_past_day(entry)
            return await self._of_today(entry, last, last_ids)
        except UnknownCategory as error:
            return entry.failed(str(error), retry_after=_UNKNOWN_CATEGORY)
        except SourceUnavailable as error:
            return entry.failed(str(error), retry_after=error.retry_after)

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

    async def _of_a_rest_day(
        self, entry: Entry, today: date, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        """A Saturday or Sunday: empty, unless the feed of the day itself shows papers that are not known.

        arXiv's own feeds are empty then; a mirror may lag by a day, and one request makes sure.
        """
        seen = await self._seen(entry, last, last_ids) if entry.day == today else _Seen()
        if seen.usable is not None and seen.usable.announcements:
            return _of_feed(entry, seen, note=f"Announced on a {entry.day:%A}, against arXiv's custom.")
        return entry.empty(EmptyReason.WEEKEND)

    async def _of_today(
        self, entry: Entry, last: CategoryDay | None, last_ids: frozenset[str]
    ) -> CategoryBatch:
        seen = await self._seen(entry, last, last_ids)
        if seen.is_unchanged and last is not None and last.day == entry.day and last.state.is_final:
            return CategoryBatch(ledger=replace(last, checked_at=entry.now))
        if seen.feed is not None and seen.doubt is None:
            return _of_feed(entry, seen)
        try:
            mailing = await newest_mailing(self._arxiv, entry.category)
            if mailing.day is None or mailing.day > entry.day:
                mailing = await mailing_of(self._arxiv, entry.category, entry.day)
        except SourceUnavailable as error:
            return await self._without_listing(entry, seen, error)
        if mailing.source == "list" and mailing.day != entry.day:
            return _older_listing(entry, seen, mailing)
        return _confirmed(entry, seen, mailing, last_ids)

    async def _seen(self, entry: Entry, last: CategoryDay | None, last_ids: frozenset[str]) -> _Seen:
        """The category's feed: RSS, or Atom where RSS is broken."""
        first_fault: SourceUnavailable | None = None
        for form in ("rss", "atom"):
            known = last if form == "rss" else None  # validators are those of the RSS feed
            try:
                feed, answer = await self._arxiv.feed(
                    form,
                    entry.category,
                    etag=known.etag if known else None,
                    last_modified=known.last_modified if known else None,
                )
            except SourceUnavailable as error:
                first_fault = first_fault or error
                continue
            if feed is None:
                stale = judging.Doubt(reason="its feed has not changed since the last batch", is_usable=False)
                return _Seen(form=form, answer=answer, doubt=stale, is_unchanged=True)
            found = judging.doubt(feed, entry.category, entry.day, last=last, last_ids=last_ids)
            return _Seen(feed=feed, form=form, answer=answer, doubt=found)
        return _Seen(fault=first_fault)

    async def _without_listing(self, entry: Entry, seen: _Seen, error: SourceUnavailable) -> CategoryBatch:
        """Today's batch when its listing page cannot be had: its catch-up page, else the feed as it is."""
        if not isinstance(error, UnknownCategory):
            try:
                mailing = await mailing_of(self._arxiv, entry.category, entry.day)
            except SourceUnavailable:
                return _unconfirmed(entry, seen, error)
            return _confirmed(entry, seen, mailing, frozenset())
        if seen.fault is not None:
            raise error
        return _unconfirmed(entry, seen, error)

    # Past days

    async def _still_shown(self, entry: Entry, error: SourceUnavailable) -> CategoryBatch:
        """The newest mailing, by the page of new papers or a feed of its date, when catch-up fails."""
        try:
            mailing = await newest_mailing(self._arxiv, entry.category)
        except SourceUnavailable:
            mailing = None
        if mailing is not None and mailing.day == entry.day:
            return _confirmed(entry, _Seen(), mailing, frozenset())
        if entry.day == calendar.latest_announcement_day(calendar.announcement_day(entry.now)):
            seen = await self._seen(entry, None, frozenset())
            if seen.usable is not None and seen.usable.day == entry.day:
                return _of_feed(entry, seen, note=f"Not checked against arXiv's listing: {error}")
        raise error

    async def _of_a_past_day(self, entry: Entry) -> CategoryBatch:
        """By its catch-up pages; the page of new papers may still show the day when those fail."""
        try:
            mailing = await mailing_of(self._arxiv, entry.category, entry.day)
        except UnknownCategory:
            raise
        except SourceUnavailable as error:
            return await self._still_shown(entry, error)
        return _confirmed(entry, _Seen(), mailing, frozenset())


def _of_feed(entry: Entry, seen: _Seen, *, note: str = "") -> CategoryBatch:
    assert seen.feed is not None
    state = DayState.COMPLETE if seen.doubt is None or seen.doubt.is_complete else DayState.TRUNCATED
    announcements = belonging_to(seen.feed.announcements, entry.category, entry.day)
    return _validated(entry.batch(state, seen.form, announcements, note=note), seen)


def _confirmed(entry: Entry, seen: _Seen, mailing: Mailing, last_ids: frozenset[str]) -> CategoryBatch:
    """The day by its listing, with what the feed adds to it."""
    if mailing.total == 0 and mailing.source == "catchup":
        return _empty_catchup(entry, mailing)
    if mailing.total == 0 and seen.usable is not None:
        return entry.late("arXiv's feed has papers of the day and its listing has none.")
    announcements = judging.united(mailing.listed, seen.usable, entry.category, entry.day, last_ids)
    if judging.has_all(seen.usable, mailing.listed) and mailing.listed:
        return _validated(entry.mailed(mailing, announcements, source=seen.form), seen)
    return _validated(entry.mailed(mailing, announcements, note=_why(seen)), seen)


def _validated(batch: CategoryBatch, seen: _Seen) -> CategoryBatch:
    """The batch with the RSS feed's validators, for the next conditional request."""
    if seen.answer is None or seen.form != "rss":
        return batch
    ledger = replace(batch.ledger, etag=seen.answer.etag, last_modified=seen.answer.last_modified)
    return replace(batch, ledger=ledger)


def _older_listing(entry: Entry, seen: _Seen, mailing: Mailing) -> CategoryBatch:
    """arXiv's listing still shows an earlier day: the feed is ahead of it, arXiv rests, or it is late."""
    assert mailing.day is not None
    if seen.usable is not None and judging.is_another_batch(seen.usable, mailing.listed):
        return _of_feed(entry, seen)
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY)
    return entry.late(f"arXiv still shows {mailing.day:%A} {mailing.day.day} {mailing.day:%B}.")


def _unconfirmed(entry: Entry, seen: _Seen, error: SourceUnavailable) -> CategoryBatch:
    """The day by its feed alone, when no listing page can be had."""
    reason = seen.doubt.reason if seen.doubt else ""
    if seen.usable is not None:
        return _of_feed(entry, seen, note=f"Not checked against arXiv's listing, though {reason}: {error}")
    if seen.fault is not None:
        return entry.failed(str(seen.fault), retry_after=seen.fault.retry_after or error.retry_after)
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY)
    return entry.late(f"As far as we can see, {reason}: {error}", retry_after=error.retry_after)


def _empty_catchup(entry: Entry, mailing: Mailing) -> CategoryBatch:
    """No entries: for certain once arXiv links to a later mailing, else maybe not mailed yet."""
    if mailing.next_day is not None:
        return entry.empty(judging.why_empty(entry.day), source=mailing.source)
    if _is_silent_holiday(entry):
        return entry.empty(EmptyReason.HOLIDAY, source=mailing.source)
    return entry.late("arXiv shows no announcement for the day so far.", source=mailing.source)


def _is_silent_holiday(entry: Entry) -> bool:
    patience_over = entry.now >= calendar.expected_at(entry.day) + _HOLIDAY_PATIENCE
    return patience_over and calendar.rest_reason(entry.day) is EmptyReason.HOLIDAY


def _why(seen: _Seen) -> str:
    if seen.fault is not None:
        return f"Taken from the listing page: {seen.fault}"
    return f"Taken from the listing page: {seen.doubt.reason}." if seen.doubt else ""
