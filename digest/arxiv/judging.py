"""Is this feed today's batch, whole? Pure decisions of the ladder in `source`.

A feed cannot be trusted by its dates: arXiv renders yesterday's batch under today's date, cuts feeds at 2000
entries and sometimes serves them late or in part. What can be trusted is the set of identifiers, and the
listing page, which is dated by its heading and says how many entries it should have.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from digest.arxiv.calendar import follows_holiday, latest_announcement_day, rest_reason
from digest.arxiv.feed import MOST_ENTRIES, Feed, belonging_to
from digest.arxiv.listing import Listing
from digest.model import Announcement, CategoryDay, EmptyReason, strongest

_STALE_SHARE = 0.5  # consecutive batches share 1-5 % of their papers, mostly a new one's quick revision
_ODD_SHARE = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """Why a feed needs the listing's word. `is_usable`: its entries are today's, even if not all of them;
    `is_complete`: without the listing it is taken for the whole batch.
    """

    reason: str
    is_usable: bool = True
    is_complete: bool = True


def doubt(feed: Feed, day: date, *, last: CategoryDay | None, last_ids: Collection[str]) -> Doubt | None:
    """What speaks against taking the feed for the batch of `day`; None when nothing does.

    `last` and `last_ids` are the newest batch that is known of the category.
    """
    number = len(feed.announcements)
    if not number:
        return Doubt(reason="its feed is empty", is_usable=False)
    share = shared(feed, last_ids) if last is None or last.day < day else 0.0
    if share >= _STALE_SHARE:
        shown = f" of {last.day:%A} {last.day.day} {last.day:%B}" if last else ""
        return Doubt(reason=f"its feed still shows the batch{shown}", is_usable=False)
    if number >= MOST_ENTRIES:
        return Doubt(reason=f"its feed is cut at {MOST_ENTRIES} entries", is_complete=False)
    if feed.problem:
        return Doubt(reason="its feed is damaged", is_complete=False)
    if share >= _ODD_SHARE:
        return Doubt(reason=f"{share:.0%} of its feed was announced before")
    if feed.day and feed.day != day:
        return Doubt(reason=f"its feed bears the date {feed.day.isoformat()}")
    if last is not None and last.day == day:
        return Doubt(reason="an earlier try left it incomplete")
    if last is not None and last.day < latest_announcement_day(date.fromordinal(day.toordinal() - 1)):
        return Doubt(reason=f"nothing is known of the days since {last.day.isoformat()}")
    return None


def shared(feed: Feed, last_ids: Collection[str]) -> float:
    """The share of the feed's papers that the last batch had too, 0 to 1."""
    return len(feed.ids.intersection(last_ids)) / len(feed.ids) if feed.ids else 0.0


def is_of_later_day(feed: Feed, listing: Listing) -> bool:
    """Whether the feed is newer than a listing of an earlier day: most of its papers are not in it."""
    listed = {each.paper.id.id for each in listing.announcements}
    return bool(feed.ids) and shared(feed, listed) < _STALE_SHARE


def united(
    listed: Collection[Announcement], feed: Feed | None, day: date, last_ids: Collection[str]
) -> tuple[Announcement, ...]:
    """The listing's announcements with what the feed adds: licences, versions, papers that a page hides."""
    listed_ids = {each.paper.id.id for each in listed}
    of_feed = () if feed is None else belonging_to(feed.announcements, day)
    added = (each for each in of_feed if each.paper.id.id in listed_ids or each.paper.id.id not in last_ids)
    return strongest((*belonging_to(listed, day), *added))


def why_empty(day: date) -> EmptyReason:
    """Why a day had no announcement, once arXiv has moved on to a later one."""
    if follows_holiday(day):
        return EmptyReason.HOLIDAY
    return rest_reason(day) or EmptyReason.NO_ANNOUNCEMENT
