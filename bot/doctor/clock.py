"""Whether this machine's clock is right, by the dates that servers put on their answers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from bot.doctor.finding import Finding

MOST = timedelta(seconds=60)  # Slack refuses what is five minutes off

_ADVICE = "Set the clock, and keep it right: timedatectl set-ntp true"


def clock_finding(date: str, now: datetime, *, of: str) -> Finding | None:
    """How far the clock is from the Date of an answer of a service; None where that is no date."""
    try:
        told = parsedate_to_datetime(date)
    except (ValueError, TypeError):
        return None
    off = now - (told if told.tzinfo else told.replace(tzinfo=UTC))
    name = f"clock by {of}"
    if abs(off) <= MOST:
        return Finding(name=name, well=True, says=f"within {MOST.total_seconds():.0f} s of it.")
    direction = "ahead of" if off > timedelta() else "behind"
    says = f"this machine's clock is {abs(off).total_seconds():,.0f} s {direction} it."
    return Finding(name=name, well=False, says=says, advice=_ADVICE)
