"""Moments, days and pauses, as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta

from bot.commands.request import Desk, Request
from bot.values import zone
from digest.channel import Channel
from digest.errors import InvalidSetting
from digest.wording import ENGLISH

LONGEST_PAUSE = timedelta(days=366)
_UNITS = {"h": 1, "hour": 1, "d": 24, "day": 24, "w": 168, "week": 168, "m": 720, "month": 720}
_CHINESE_UNITS = {"小时": "h", "天": "d", "日": "d", "周": "w", "星期": "w", "个月": "m", "月": "m"}


def next_digest(request: Request, channel: Channel | None = None) -> str:
    """When the next digest comes, in the channel's own time: "Next digest: Wednesday 1 July, 09:00 CEST."."""
    channel, say = channel or request.channel, request.say
    if channel.paused:
        if channel.paused_until is not None:
            return say("The digest is paused until {when}.", when=moment(request, channel.paused_until))
        return say("The digest is paused; /digest resume starts it again.")
    if channel.next_run_at is None or channel.next_run_at <= request.at:
        return say("The next digest comes right away.")
    return say("Next digest: {when}.", when=moment(request, channel.next_run_at))


async def promised(request: Request, desk: Desk, channel: Channel | None = None) -> str:
    """The same where somebody subscribed; where nobody did no digest comes, and it is told how to begin."""
    channel = channel or request.channel
    if channel.paused or await desk.store.subscriptions(channel.key):
        return next_digest(request, channel)
    return how_to_begin(request)


def how_to_begin(request: Request) -> str:
    """What a channel without subscriptions is told when it asks for a digest."""
    return request.say("There is nothing to look for yet. Start with: /subscribe vla, vision language action")


def moment(request: Request, at: datetime) -> str:
    """A moment in the channel's own time: "Wednesday 1 July, 09:00 CEST"."""
    return request.say.words.moment_of(at, zone(request.channel.timezone))


def day_in_words(request: Request, day: date) -> str:
    """A day of these weeks: "Tuesday 30 June"."""
    return request.say.words.weekday_date(day)


def today(request: Request) -> date:
    """The channel's local date."""
    return request.at.astimezone(zone(request.channel.timezone)).date()


def parse_pause(text: str, channel: Channel, now: datetime) -> datetime | None:
    """The end of a pause (UTC): `7d`, `2 weeks`, `until 2026-12-01`, `until monday`; None for no words.

    A date means its first moment in the channel's time zone. Raises `InvalidSetting`.
    """
    wanted = text.strip().lower()
    if not wanted:
        return None
    end = _after(wanted, now) or _on(wanted, channel, now)
    if end is None:
        raise InvalidSetting(f"“{text[:40]}” is no time to pause; try 7d, 2 weeks or until {_example(now)}")
    if end <= now:
        raise InvalidSetting(f"“{text[:40]}” is over already; try 7d or until {_example(now)}")
    if end - now > LONGEST_PAUSE:
        raise InvalidSetting(f"“{text[:40]}” is more than a year; leave it out to pause without an end")
    return end


def _example(now: datetime) -> str:
    return (now + timedelta(days=14)).date().isoformat()


def _after(wanted: str, now: datetime) -> datetime | None:
    """The end of `7d`, `7 days`, `2周`."""
    found = re.fullmatch(
        r"(?:for\s+)?(\d{1,9}|a|an|one)?\s*([a-z]+|小时|天|日|周|星期|个月|月)(?:\s*long)?", wanted
    )
    if found is None:
        return None
    unit = _CHINESE_UNITS.get(found[2], found[2])
    hours = _UNITS.get(unit, _UNITS.get(unit.removesuffix("s")))
    if hours is None or (found[1] is None and len(unit) < 3):
        return None
    number = int(found[1]) if found[1] and found[1].isdecimal() else 1
    # One too many is refused by whoever asked; more would overflow a date.
    return now + min(timedelta(hours=min(number, 10_000) * hours), 2 * LONGEST_PAUSE)


def _on(wanted: str, channel: Channel, now: datetime) -> datetime | None:
    """The first moment of `until 2026-12-01`, `monday`, `tomorrow`."""
    name = re.sub(r"^(?:(?:until|till|to)\s+(?:next\s+)?|next\s+|(?:直到|到)\s*)", "", wanted)
    local = now.astimezone(zone(channel.timezone)).date()
    day: date | None = None
    if name in ("tomorrow", "明天"):
        day = local + timedelta(days=1)
    elif len(name) >= 3 and (weekday := _weekday(name)) is not None:
        day = local + timedelta(days=(weekday - local.weekday() - 1) % 7 + 1)
    else:
        try:
            day = date.fromisoformat(re.sub(r"[./年月]", "-", name).removesuffix("日"))
        except ValueError:
            return None
    # Far off is refused by whoever asked; at the ends of the calendar a date has no moment in UTC.
    day = min(max(day, local - timedelta(days=2)), local + 2 * LONGEST_PAUSE)
    return datetime.combine(day, time(), tzinfo=zone(channel.timezone)).astimezone(UTC)


def _weekday(name: str) -> int | None:
    return next((n for n, each in enumerate(ENGLISH.weekdays) if each.lower().startswith(name)), None)
