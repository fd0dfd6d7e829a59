"""When arXiv announces: Monday to Friday by America/New_York, except on deferred mailings.

A day here is the date arXiv prints over a listing ("Tuesday, 30 June 2026"). That batch is announced at 20:00
Eastern of the evening before, and the feeds carry it from midnight Eastern
(https://info.arxiv.org/help/availability.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from digest.model import EmptyReason

EASTERN = ZoneInfo("America/New_York")
CATCHUP_WINDOW = timedelta(days=90)  # arXiv answers 400 to catch-up pages of older days
# Deferred mailings that arXiv has named. They explain an empty day; they never keep us from asking, since
# arXiv moves them, and a mailing deferred on the evening of a holiday is missing from the next day's listing.
HOLIDAYS = frozenset({date(2026, 11, 26), date(2026, 12, 25), date(2026, 12, 29), date(2026, 12, 31)})

_SATURDAY = 5
_LATE_AT_FIRST = timedelta(minutes=15)
_LATE_LATER = timedelta(hours=1)
_PATIENCE = timedelta(hours=3)


def announcement_day(now: datetime) -> date:
    """The date in New York at a moment: the day whose batch the feeds show, if it has one."""
    return now.astimezone(EASTERN).date()


def announces(day: date) -> bool:
    """Whether arXiv announces on such a day as a rule: Monday to Friday."""
    return day.weekday() < _SATURDAY


def latest_announcement_day(today: date) -> date:
    """The newest day up to `today` on which a batch is expected."""
    while not announces(today) or today in HOLIDAYS:
        today -= timedelta(days=1)
    return today


def next_announcement_day(day: date) -> date:
    """The first day after `day` on which a batch is expected."""
    day += timedelta(days=1)
    while not announces(day) or day in HOLIDAYS:
        day += timedelta(days=1)
    return day


def rest_reason(day: date, *, holidays: Iterable[date] = HOLIDAYS) -> EmptyReason | None:
    """Why arXiv is expected to announce nothing on a day; None when a batch is due."""
    if not announces(day):
        return EmptyReason.WEEKEND
    return EmptyReason.HOLIDAY if day in holidays else None


def follows_holiday(day: date, *, holidays: Iterable[date] = HOLIDAYS) -> bool:
    """Whether a deferred mailing falls between this working day and the working day before it."""
    before = day - timedelta(days=1)
    while not announces(before):
        if before in holidays:
            return True
        before -= timedelta(days=1)
    return before in holidays


def expected_at(day: date) -> datetime:
    """When a day's batch reaches the feeds: midnight in New York, in UTC."""
    return datetime.combine(day, time(), EASTERN).astimezone(UTC)


def next_try(day: date, now: datetime) -> datetime:
    """When to ask again for a day that is not complete.

    Every 15 minutes in its first three hours and hourly after. A past day changes only when arXiv mails
    again, so it waits for the next batch, at most 6 hours.
    """
    expected = expected_at(day)
    if now < expected:
        return expected
    if announcement_day(now) > day:
        upcoming = expected_at(next_announcement_day(announcement_day(now)))
        return min(upcoming, now + timedelta(hours=6))
    return now + (_LATE_AT_FIRST if now - expected < _PATIENCE else _LATE_LATER)
