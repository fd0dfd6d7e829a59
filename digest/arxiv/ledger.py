"""Rows of the ledger: how a category-day was got, or why not."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from digest.arxiv.calendar import next_try
from digest.arxiv.feed import belonging_to
from digest.arxiv.mailing import Mailing
from digest.model import (
    Announcement,
    AnnounceType,
    CategoryBatch,
    CategoryDay,
    DayState,
    EmptyReason,
)
from digest.union import strongest


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The category-day that is being fetched, and since when: makes its row, whatever the outcome."""

    category: str
    day: date
    now: datetime

    def batch(
        self,
        state: DayState,
        source: str,
        announcements: Sequence[Announcement] = (),
        *,
        note: str = "",
        reason: EmptyReason | None = None,
        retry_after: float | None = None,
    ) -> CategoryBatch:
        """A row in any state; `retry_after`, the seconds that arXiv asked for, only defers the next try."""
        again = None if state.is_final else next_try(self.day, self.now)
        if again and retry_after:
            again = max(again, self.now + timedelta(seconds=retry_after))
        ledger = CategoryDay(
            category=self.category,
            day=self.day,
            state=state,
            source=source,
            counts=counts(announcements),
            reason=reason,
            note=note,
            checked_at=self.now,
            next_try=again,
        )
        return CategoryBatch(ledger=ledger, announcements=tuple(announcements))

    def mailed(
        self,
        mailing: Mailing,
        announcements: Sequence[Announcement] | None = None,
        *,
        source: str = "",
        note: str = "",
    ) -> CategoryBatch:
        """A row from listing pages, held to the number of entries that they promise.

        `announcements` are the pages' own, merged with a feed's if there was one.
        """
        if announcements is None:
            announcements = strongest(belonging_to(mailing.listed, self.category, self.day))
        source = source or mailing.source
        if not mailing.total and not announcements:
            return self.empty(EmptyReason.NO_ANNOUNCEMENT, source=source)
        got = len(mailing.listed)
        if got >= mailing.total:
            return self.batch(DayState.COMPLETE, source, announcements, note=note)
        short = f"Only {got:,} of {mailing.total:,} listed entries could be read."
        return self.batch(
            DayState.TRUNCATED, source, announcements, note=f"{short} {mailing.fault or note}".strip()
        )

    def empty(self, reason: EmptyReason, *, source: str = "") -> CategoryBatch:
        """arXiv announced nothing, for certain."""
        return self.batch(DayState.EMPTY, source, reason=reason)

    def late(self, note: str, *, source: str = "", retry_after: float | None = None) -> CategoryBatch:
        """Not announced as far as we can see."""
        return self.batch(DayState.LATE, source, note=note, retry_after=retry_after)

    def failed(self, note: str, *, retry_after: float | None = None, retry: bool = True) -> CategoryBatch:
        """Could not be fetched; `retry=False` when no later try can do better."""
        batch = self.batch(DayState.FAILED, "", note=note, retry_after=retry_after)
        if retry:
            return batch
        return CategoryBatch(ledger=replace(batch.ledger, next_try=None))


def counts(announcements: Sequence[Announcement]) -> tuple[tuple[AnnounceType, int], ...]:
    """Announcements per type, the strongest type first."""
    numbers = Counter(each.type for each in announcements)
    return tuple((kind, numbers[kind]) for kind in AnnounceType if numbers[kind])
