"""When a channel's digest is due: at most once per local date, whatever the clocks do."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

from bot.values import zone
from digest.channel import Channel, Mode


def run_date(channel: Channel, now: datetime) -> date | None:
    """The local date whose digest is due now, or None.

    After downtime that is the last scheduled date that has passed: one digest catches up with all of it.
    """
    if channel.paused or channel.next_run_at is None or channel.next_run_at > now:
        return None
    due = channel.next_run_at.astimezone(zone(channel.timezone)).date()
    return max(due, _last_scheduled(channel, now) or due)


def next_run(channel: Channel, after: date) -> datetime:
    """The moment (UTC) of the first scheduled digest on a local date later than `after`.

    A wall-clock time that a clock change skips happens as much later as the clock was moved; one that
    happens twice counts the first time (PEP 495, fold=0).
    """
    days = (after + timedelta(days=n) for n in range(1, 8))
    return _moment(channel, next(day for day in days if day.weekday() in channel.digest_days))


def upcoming(channel: Channel, now: datetime, *, made: Collection[date] = ()) -> datetime:
    """The next scheduled moment (UTC) after `now`, today's included, on a local date not among those made.

    There is one digest of a local date, so that one which is out already has no second hour.
    """
    day = now.astimezone(zone(channel.timezone)).date() - timedelta(days=1)
    while True:
        moment = next_run(channel, day)
        day = moment.astimezone(zone(channel.timezone)).date()
        if moment > now and day not in made:
            return moment


def rescheduled(channel: Channel, now: datetime, *, before: Channel, made: Collection[date]) -> datetime:
    """The next moment (UTC) under a schedule that was changed just now from that of `before`.

    Where a digest was still to come today and its hour is over only by the change, a weekly one comes at
    once: the next day for it would be a week off.
    """
    today = now.astimezone(zone(channel.timezone)).date()
    owed = channel.mode is Mode.WEEKLY and planned(before) == today and today not in made
    if owed and today.weekday() in channel.digest_days and _moment(channel, today) <= now:
        return now
    return upcoming(channel, now, made=made)


def planned(channel: Channel) -> date | None:
    """The local date of the channel's next digest."""
    due = channel.next_run_at
    return None if due is None else due.astimezone(zone(channel.timezone)).date()


def _last_scheduled(channel: Channel, now: datetime) -> date | None:
    today = now.astimezone(zone(channel.timezone)).date()
    days = (today - timedelta(days=n) for n in range(8))
    return next(
        (day for day in days if day.weekday() in channel.digest_days and _moment(channel, day) <= now), None
    )


def _moment(channel: Channel, day: date) -> datetime:
    local = datetime.combine(day, time.fromisoformat(channel.digest_at), tzinfo=zone(channel.timezone))
    return local.astimezone(UTC)
