"""When arXiv announces."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from digest.arxiv.calendar import (
    announcement_day,
    announces,
    expected_at,
    follows_holiday,
    latest_announcement_day,
    next_announcement_day,
    next_try,
    rest_reason,
)
from digest.model import EmptyReason

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        (datetime(2026, 6, 30, 3, 59, tzinfo=UTC), date(2026, 6, 29)),
        (datetime(2026, 6, 30, 4, 0, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 12, 1, 4, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 12, 1, 5, 0, tzinfo=UTC), date(2026, 12, 1)),
    ],
)
def test_a_day_begins_at_midnight_in_new_york(utc: datetime, day: date) -> None:
    assert announcement_day(utc) == day
    assert expected_at(day) <= utc or announcement_day(utc) == day


def test_midnight_in_new_york_knows_summer_time() -> None:
    assert expected_at(date(2026, 6, 30)) == datetime(2026, 6, 30, 4, tzinfo=UTC)
    assert expected_at(date(2026, 12, 1)) == datetime(2026, 12, 1, 5, tzinfo=UTC)


def test_nothing_is_announced_at_weekends() -> None:
    week = [date(2026, 6, 29) + timedelta(days=n) for n in range(7)]

    assert [announces(day) for day in week] == [True] * 5 + [False] * 2
    assert rest_reason(week[5]) is EmptyReason.WEEKEND
    assert rest_reason(week[0]) is None


def test_known_holidays_explain_a_rest_but_are_still_asked_about() -> None:
    thanksgiving = date(2026, 11, 26)

    assert announces(thanksgiving)
    assert rest_reason(thanksgiving) is EmptyReason.HOLIDAY
    assert latest_announcement_day(thanksgiving) == date(2026, 11, 25)
    assert next_announcement_day(date(2026, 11, 25)) == date(2026, 11, 27)


def test_a_deferred_mailing_can_be_missing_from_the_next_working_day() -> None:
    assert follows_holiday(date(2026, 11, 27))
    assert follows_holiday(date(2026, 12, 28))  # Friday's deferred mailing would have come on Sunday evening
    assert not follows_holiday(date(2026, 12, 1))


def test_the_latest_announcement_day_of_a_weekend_is_friday() -> None:
    assert latest_announcement_day(date(2026, 6, 28)) == date(2026, 6, 26)
    assert next_announcement_day(date(2026, 6, 26)) == date(2026, 6, 29)


def test_a_late_batch_is_asked_for_often_and_then_hourly() -> None:
    tuesday = date(2026, 6, 30)
    early, late = datetime(2026, 6, 30, 5, tzinfo=UTC), datetime(2026, 6, 30, 12, tzinfo=UTC)

    assert next_try(tuesday, early) - early == timedelta(minutes=15)
    assert next_try(tuesday, late) - late == timedelta(hours=1)
    assert next_try(date(2026, 7, 1), late) == datetime(2026, 7, 1, 4, tzinfo=UTC)


def test_a_past_day_waits_for_the_next_mailing_but_not_for_long() -> None:
    saturday = datetime(2026, 6, 27, 12, tzinfo=UTC)

    assert next_try(date(2026, 6, 26), saturday) == saturday + timedelta(hours=6)


def test_the_calendar_costs_no_http_client() -> None:
    code = (
        "import sys, digest.arxiv.calendar; print({'httpx', 'feedparser', 'selectolax'} & set(sys.modules))"
    )

    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)

    assert found.stdout.strip() == "set()"
