"""How long a server asks to wait, in any of the forms that servers use."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from digest.clock import Clock

_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|d|h|m|s)")
_IN_WORDS = re.compile(
    r"(?:try again in|retry (?:after|in)|retrydelay\"?:?|wait(?: for)?) ?\"?"
    r"((?:\d+(?:\.\d+)?(?:ms|[dhms])\s?)+|\d+(?:\.\d+)?(?= ?(?:sec|seconds)\b))",
    re.IGNORECASE,
)


def wait_of_headers(headers: Mapping[str, str], clock: Clock) -> float | None:
    """Seconds from `retry-after-ms` or `retry-after` in either form; None where they make no sense."""
    exact = _number(headers.get("retry-after-ms", ""))
    if exact is not None:
        return exact / 1000
    value = headers.get("retry-after", "").strip()
    seconds = _number(value)
    if seconds is not None:
        return seconds
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock()).total_seconds())
    except (ValueError, TypeError):
        return None


def wait_in_words(text: str) -> float | None:
    """Seconds from words such as “Please try again in 6m12.5s” or "retryDelay": "34s"."""
    match = _IN_WORDS.search(text)
    if match is None:
        return None
    parts = _DURATION.findall(match[1].casefold())
    if not parts:
        return float(match[1])
    return sum(float(number) * _UNITS[unit] for number, unit in parts)


def _number(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) and value >= 0 else None
