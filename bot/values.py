"""Values that people write in settings and commands, read leniently and refused with an example."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo

from digest.analysis.budget import Limit
from digest.errors import InvalidQuery, InvalidSetting
from digest.matching import parse_query
from digest.matching.taxonomy import CATEGORIES, category_named, nearest_category

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_LANGUAGES = {"en": "en", "zh": "zh-CN", "zh-cn": "zh-CN", "zh-hans": "zh-CN"}


def parse_analyzer(value: str) -> str:
    """`extractive`, or `openai:MODEL` as it is written."""
    text = value.strip()
    if text.lower() in ("extractive", "extracts"):
        return "extractive"
    kind, _, model = text.partition(":")
    if kind.lower() == "openai" and model.strip():
        return f"openai:{model.strip()}"
    raise InvalidSetting(f"“{value}” is no analyzer; try extractive or openai:gpt-5-mini")


def parse_budget(value: str) -> Limit | None:
    """A day's limit from `2000000` (tokens) or `$5` (dollars); None for an empty value."""
    text = value.strip().replace(",", "").replace("_", "")
    if not text:
        return None
    match = re.fullmatch(r"(\$)?(\d+(?:\.\d+)?)(k|m)?", text, flags=re.IGNORECASE)
    if match is None or (match[1] and match[3]):
        raise InvalidSetting(f"“{value}” is not a budget; try 2000000 (tokens) or $5 (dollars)")
    if match[1]:
        return Limit(dollars=float(match[2]))
    return Limit(tokens=int(float(match[2]) * {"k": 1_000, "m": 1_000_000}.get((match[3] or "").lower(), 1)))


def parse_categories(value: str) -> tuple[str, ...]:
    """Categories from `cs.RO, CS.cv`, as arXiv spells them. Raises `InvalidSetting` naming what is none."""
    found = [each for each in re.split(r"[,;\s]+", value.strip()) if each]
    if not found:
        raise InvalidSetting("no category given; try cs.RO, cs.CV")
    return tuple(dict.fromkeys(_category(each) for each in found))


def _category(text: str) -> str:
    """The category in arXiv's spelling."""
    named = category_named(text)
    if named in CATEGORIES:
        return named
    if named is not None:
        some = sorted(each for each in CATEGORIES if each.startswith(f"{named}."))[:2]
        raise InvalidSetting(
            f"“{text}” is an archive, and arXiv is asked category by category; try {', '.join(some)}"
        )
    near = nearest_category(text)
    if near in CATEGORIES:
        raise InvalidSetting(f"“{text[:40]}” is not an arXiv category; did you mean {near}?")
    raise InvalidSetting(f"“{text[:40]}” is not an arXiv category; try cs.RO, cs.CV or math.GT")


def parse_keywords(value: str) -> tuple[str, ...]:
    """Queries from `vla, traffic prediction`; separated by `;` or newlines if there is one."""
    separator = r"[;\n]" if re.search(r"[;\n]", value.strip()) else r"[,，]"
    found = tuple(dict.fromkeys(each.strip() for each in re.split(separator, value) if each.strip()))
    for each in found:
        try:
            parse_query(each)
        except InvalidQuery as error:
            raise InvalidSetting(f"“{each}”: {error}") from error
    return found


def parse_language(value: str) -> str:
    """`en` or `zh-CN` from any common spelling; of a list as desktops set it (`de:en_GB`) the first known.

    They use the same name: https://www.gnu.org/software/gettext/manual/html_node/The-LANGUAGE-variable.html.
    """
    for each in value.split(":"):
        tag = re.sub(r"[.@].*", "", each.strip()).replace("_", "-").lower()
        if tag in _LANGUAGES:
            return _LANGUAGES[tag]
        if tag.startswith("en-"):
            return "en"
    raise InvalidSetting(f"“{value}” is not a language Paperboy speaks; try en or zh-CN")


def parse_timezone(value: str) -> str:
    """An IANA time zone name, or `local` for the machine's."""
    name = value.strip()
    if name.lower() == "local":
        return "local"
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        raise InvalidSetting(
            f"“{value}” is not a time zone; try Europe/Paris, Asia/Shanghai or UTC"
        ) from error


def parse_time(value: str) -> str:
    """A wall-clock time as `HH:MM` from `9`, `9:30`, `09.30` or `0930`."""
    match = re.fullmatch(r"([01]?\d|2[0-3])(?:[:.h]?([0-5]\d))?", value.strip())
    if match is None:
        raise InvalidSetting(f"“{value}” is not a time of day; try 09:00 or 17:30")
    return f"{int(match[1]):02}:{match[2] or '00'}"


def parse_days(value: str) -> tuple[int, ...]:
    """Weekdays (Monday 0) from `mon-fri`, `daily` or `mon,wed`."""
    text = value.strip().lower()
    if text in ("daily", "every day", "all", "mon-sun"):
        return tuple(range(7))
    if text in ("weekdays", "working days"):
        return tuple(range(5))
    days: set[int] = set()
    for part in re.split(r"[,\s]+", text):
        first, _, last = part.partition("-")
        try:
            start, end = (WEEKDAYS.index(name[:3]) for name in (first, last or first))
        except ValueError as error:
            raise InvalidSetting(f"“{value}” names no days; try mon-fri, daily or mon,wed,fri") from error
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def stored_timezone(value: str) -> str:
    """The IANA name to keep for a channel: `local` becomes the machine's own zone."""
    if value != "local":
        return value
    from tzlocal import get_localzone_name

    return get_localzone_name() or "UTC"


def zone(name: str) -> ZoneInfo:
    """The time zone of a stored name."""
    return ZoneInfo(name)
