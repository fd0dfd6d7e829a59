"""A digest is due once per local date, whatever downtime and clock changes do."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.schedule import next_run, rescheduled, run_date, upcoming
from bot.values import zone
from digest.channel import Channel, Mode

MORNING = Channel(key="console:terminal", platform="console", timezone="Europe/Berlin", digest_at="09:00")
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kathmandu",  # +05:45
    "Australia/Lord_Howe",  # a clock change of half an hour
    "Pacific/Apia",
    "America/Sao_Paulo",
    "Asia/Shanghai",
    "UTC",
)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_the_next_digest_is_on_the_next_digest_day() -> None:
    friday = date(2026, 7, 3)
    assert next_run(MORNING, friday) == at("2026-07-06T07:00")


def test_downtime_over_three_schedules_gives_one_digest() -> None:
    channel = replace(MORNING, next_run_at=at("2026-06-29T07:00"))  # Monday
    thursday_noon = at("2026-07-02T12:00")
    due = run_date(channel, thursday_noon)
    assert due == date(2026, 7, 2)
    assert next_run(channel, due) > thursday_noon


def test_a_digest_before_its_hour_belongs_to_the_day_before() -> None:
    channel = replace(MORNING, next_run_at=at("2026-06-29T07:00"))
    assert run_date(channel, at("2026-07-02T05:00")) == date(2026, 7, 1)


def test_a_first_digest_is_due_at_once() -> None:
    sunday = at("2026-07-05T10:00")
    assert run_date(replace(MORNING, next_run_at=sunday), sunday) == date(2026, 7, 5)


def test_a_paused_channel_is_never_due() -> None:
    channel = replace(MORNING, next_run_at=at("2026-06-29T07:00"), paused=True)
    assert run_date(channel, at("2026-07-02T12:00")) is None


def test_a_changed_hour_can_still_be_today() -> None:
    assert upcoming(MORNING, at("2026-07-02T05:00")) == at("2026-07-02T07:00")
    assert upcoming(MORNING, at("2026-07-02T07:00")) == at("2026-07-03T07:00")


def test_a_weekly_digest_is_due_on_the_last_of_the_channels_days_alone() -> None:
    weekly = replace(MORNING, mode=Mode.WEEKLY, days=(0, 2, 4))
    assert next_run(weekly, date(2026, 6, 29)) == at("2026-07-03T07:00")
    assert next_run(weekly, date(2026, 7, 3)) == at("2026-07-10T07:00")
    assert upcoming(weekly, at("2026-07-03T06:00")) == at("2026-07-03T07:00")
    missed = replace(weekly, next_run_at=at("2026-07-03T07:00"))
    assert run_date(missed, at("2026-07-08T12:00")) == date(2026, 7, 3)


@pytest.mark.parametrize("timezone", ZONES)
@pytest.mark.parametrize("digest_at", ["02:30", "00:00", "23:59"])
def test_400_days_give_one_digest_each_through_every_clock_change(timezone: str, digest_at: str) -> None:
    channel = Channel(
        key="c", platform="console", timezone=timezone, digest_at=digest_at, days=tuple(range(7))
    )
    start = at("2026-01-01T00:00")
    channel = replace(channel, next_run_at=upcoming(channel, start))
    runs: Counter[date] = Counter()
    now = start
    for _ in range(400 * 24 * 2):
        now += timedelta(minutes=30)
        due = run_date(channel, now)
        if due is not None:
            runs[due] += 1
            channel = replace(channel, next_run_at=next_run(channel, due))
    first = min(runs)
    last = now.astimezone(zone(timezone)).date()
    expected = {first + timedelta(days=n) for n in range((last - first).days)}
    assert set(runs.values()) == {1}
    assert expected - set(runs) == set()


def test_a_date_whose_digest_is_out_has_no_second_hour() -> None:
    tuesday_noon = at("2026-06-30T10:00")
    later = replace(MORNING, digest_at="17:00")
    assert upcoming(later, tuesday_noon) == at("2026-06-30T15:00")
    assert upcoming(later, tuesday_noon, made={date(2026, 6, 30)}) == at("2026-07-01T15:00")
    both = {date(2026, 6, 30), date(2026, 7, 1)}
    assert upcoming(later, tuesday_noon, made=both) == at("2026-07-02T15:00")


def test_a_week_is_not_skipped_when_its_hour_is_set_back() -> None:
    friday_noon = at("2026-07-03T10:00")
    weekly = replace(MORNING, mode=Mode.WEEKLY)
    before = replace(weekly, digest_at="17:00", next_run_at=at("2026-07-03T15:00"))
    assert rescheduled(weekly, friday_noon, before=before, made=()) == friday_noon
    assert run_date(replace(weekly, next_run_at=friday_noon), friday_noon) == date(2026, 7, 3)
    made = {date(2026, 7, 3)}
    assert rescheduled(weekly, friday_noon, before=before, made=made) == at("2026-07-10T07:00")
    assert rescheduled(MORNING, friday_noon, before=before, made=()) == at("2026-07-06T07:00")


def test_a_week_whose_hour_was_over_before_the_change_is_not_owed() -> None:
    friday_noon = at("2026-07-03T10:00")
    weekly = replace(MORNING, mode=Mode.WEEKLY)
    before = replace(MORNING, next_run_at=at("2026-07-06T07:00"))
    assert rescheduled(weekly, friday_noon, before=before, made=()) == at("2026-07-10T07:00")
