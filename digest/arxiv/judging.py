"""Is this feed today's batch, whole? Pure decisions of the ladder in `source`.

A feed cannot be trusted by its dates: arXiv renders yesterday's batch under today's date, cuts feeds at 2000
entries and sometimes serves them late or in part. What can be trusted is the set of identifiers, and the
listing page, which is dated by its heading and says how many entries it should have.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from digest.arxiv.calendar import follows_holiday, latest_announcement_day, rest_reason
from digest.arxiv.feed import MOST_ENTRIES, Feed, belonging_to
from digest.model import Announcement, CategoryDay, EmptyReason
from digest.union import strongest

_STALE_SHARE = 0.5  # consecutive batches share 1-5 % of their papers: revisions and late cross-lists
_ODD_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a feed needs the listing's word.

    `is_usable`: its entries are the day's, even if not all of them. `is_complete`: where no listing can be
    had, they are taken for all of them.
    """

    reason: str
    is_usable: bool = True
    is_complete: bool = True


def doubt(
    feed: Feed, category: str, day: date, *, last: CategoryDay | None, last_ids: Collection[str]
) -> Doubt | None:
    """What speaks against taking the feed for the batch of `day`; None when nothing does.

    `last` and `last_ids` are the newest batch that is known of the category.
    """
    if feed.categories and category.casefold() not in map(str.casefold, feed.categories):
        return Doubt(reason=f"its feed is that of {feed.category}", is_usable=False)
    if not feed.announcements:
        return Doubt(reason="its feed is empty", is_usable=False)
    share = shared(feed, last_ids) if last is None or last.day < day else 0.0
    if share >= _STALE_SHARE:
        shown = f" of {last.day:%A} {last.day.day} {last.day:%B}" if last else ""
        return Doubt(reason=f"its feed still shows the batch{shown}", is_usable=False)
    return _part_missing(feed) or _uncertain(feed, day, last, share)


def _part_missing(feed: Feed) -> Doubt | None:
    if len(feed.announcements) >= MOST_ENTRIES:
        return Doubt(reason=f"its feed is cut at {MOST_ENTRIES} entries", is_complete=False)
    if feed.problem:
        return Doubt(reason="its feed is damaged", is_complete=False)
    return None


def _uncertain(feed: Feed, day: date, last: CategoryDay | None, share: float) -> Doubt | None:
    if last is None:
        return Doubt(reason="no earlier batch is known to compare its feed with")
    if last.day == day:
        return Doubt(reason="an earlier try left it incomplete")
    if share >= _ODD_SHARE:
        return Doubt(reason=f"{share:.0%} of its feed was announced before")
    if feed.day and feed.day != day:
        return Doubt(reason=f"its feed bears the date {feed.day.isoformat()}")
    if last.day < latest_announcement_day(day - timedelta(days=1)):
        # The feed may hold the batch of a day that we missed.
        return Doubt(reason=f"nothing is known of the days since {last.day.isoformat()}")
    return None


def shared(feed: Feed, ids: Collection[str]) -> float:
    """The share of the feed's papers that are among the ids, 0 to 1."""
    return len(feed.ids.intersection(ids)) / len(feed.ids) if feed.ids else 0.0


def is_another_batch(feed: Feed, listed: Iterable[Announcement]) -> bool:
    """Whether a feed shows another day than a listing: most of its papers are not in it."""
    return bool(feed.ids) and shared(feed, _ids(listed)) < _STALE_SHARE


def has_all(feed: Feed | None, listed: Iterable[Announcement]) -> bool:
    """Whether the listing names no paper that the feed lacks."""
    return feed is not None and _ids(listed) <= feed.ids


def united(
    listed: Collection[Announcement],
    feed: Feed | None,
    category: str,
    day: date,
    last_ids: Collection[str],
) -> tuple[Announcement, ...]:
    """The listing's announcements with what the feed adds: licences, versions, papers that a page hides."""
    listed_ids = _ids(listed)
    of_feed = (
        ()
        if feed is None or is_another_batch(feed, listed)
        else belonging_to(feed.announcements, category, day)
    )
    added = (each for each in of_feed if each.paper.id.id in listed_ids or each.paper.id.id not in last_ids)
    return strongest((*added, *belonging_to(listed, category, day)))


def why_empty(day: date) -> EmptyReason:
    """Why a day had no announcement, once arXiv has moved on to a later one."""
    if follows_holiday(day):
        return EmptyReason.HOLIDAY
    return rest_reason(day) or EmptyReason.NO_ANNOUNCEMENT


def _ids(announcements: Iterable[Announcement]) -> frozenset[str]:
    return frozenset(each.paper.id.id for each in announcements)
