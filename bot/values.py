"""Values that people write in settings and commands, read leniently and refused with an example."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from digest.analysis.budget import Limit
from digest.errors import InvalidQuery, InvalidSetting
from digest.matching import parse_query
from digest.matching.taxonomy import CATEGORIES, category_named, nearest_category

_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CONTINENTS = frozenset({"Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"})
# What people of an offset most likely mean by it.
_WELL_KNOWN = (
    *("Europe/London", "Europe/Paris", "Europe/Athens", "Europe/Istanbul", "Asia/Dubai", "Asia/Karachi"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Asia/Dhaka", "Asia/Bangkok", "Asia/Shanghai", "Asia/Tokyo"),
    *("Australia/Sydney", "Pacific/Auckland", "America/New_York", "America/Chicago", "America/Denver"),
    *("America/Los_Angeles", "America/Sao_Paulo", "Pacific/Honolulu"),
)
WEEKDAYS = tuple(name[:3] for name in _WEEKDAYS)
_CHINESE_DAYS = {each: WEEKDAYS[n % 7] for n, each in enumerate("一二三四五六日")} | {
    "天": "sun",
    "末": "sat,sun",
}
_LANGUAGES = {
    "zh": "zh-CN",
    "zh-cn": "zh-CN",
    "zh-hans": "zh-CN",
    "zh-sg": "zh-CN",
    "chinese": "zh-CN",
    "中文": "zh-CN",
    "简体中文": "zh-CN",
    "english": "en",
    "英文": "en",
}
# ISO 639-1, https://www.loc.gov/standards/iso639-2/php/code_list.php
_ISO_639 = frozenset(
    (  # noqa: SIM905 - a list of quoted codes is no easier to read
        "aa ab ae af ak am an ar as av ay az ba be bg bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de "
        "dv dz ee el en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia "
        "id ie ig ii ik io is it iu ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo "
        "lt lu lv mg mh mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl "
        "ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg th ti tk "
        "tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu"
    ).split()
)


def parse_analyzer(value: str) -> str:
    """`extractive`, or `openai:MODEL` as it is written."""
    text = value.strip()
    if text.lower() in ("extractive", "extracts"):
        return "extractive"
    kind, _, model = text.partition(":")
    if kind.lower() == "openai" and model.strip():
        return f"openai:{model.strip()}"
    raise InvalidSetting(f"“{value}” is no analyzer; try extractive or openai:gpt-5-mini")


def parse_platforms(value: str) -> tuple[str, ...]:
    """Platforms from `slack, telegram`, each once."""
    names = dict.fromkeys(each for each in re.split(r"[,;+\s]+", value.strip().lower()) if each)
    for each in names:
        if each not in ("console", "slack", "telegram"):
            raise InvalidSetting(f"“{each}” is no platform; try console, slack, telegram or slack, telegram")
    if not names:
        raise InvalidSetting("no platform given; try console, slack or telegram")
    return tuple(names)


def parse_slack_channel(value: str) -> str:
    """A Slack channel's id, which is in the channel's details; a name like #robotics is not one."""
    text = value.strip()
    if text and not re.fullmatch(r"[CGD][A-Z0-9]{2,}", text):
        raise InvalidSetting(f"“{value}” is not a channel's id, which its details show; try C0123ABCD")
    return text


def parse_telegram_chat(value: str) -> str:
    """A Telegram chat's number, with a forum topic's behind a slash if there is one."""
    text = value.strip()
    if text and not re.fullmatch(r"-?\d{1,15}(?:/\d{1,10})?", text):
        raise InvalidSetting(f"“{value}” is not a chat's number; try -1001234567890 or -1001234567890/77")
    return text


def parse_admin_channel(value: str) -> str:
    """A channel of any platform, with the platform's name before it: `slack:C0123ABCD`, `console`."""
    text = value.strip()
    platform, _, channel = text.partition(":")
    match platform.lower():
        case "":
            return ""
        case "console" if channel in ("", "terminal"):
            return "console:terminal"
        # A key as the database has it names the workspace too.
        case "slack" if re.fullmatch(r"(?:[TE][A-Z0-9]{2,}/)?[CGD][A-Z0-9]{2,}", channel):
            return f"slack:{channel}"
        case "telegram" if re.fullmatch(r"-?\d{1,15}(?:/\d{1,10})?", channel):
            return f"telegram:{channel}"
    raise InvalidSetting(
        f"“{value}” names no channel; try slack:C0123ABCD, telegram:-1001234567890 or console"
    )


def parse_prefix(value: str) -> str:
    """What stands before Slack's commands: small letters, digits, - and _."""
    text = value.strip().lstrip("/")
    if not re.fullmatch(r"[a-z0-9_-]{0,12}", text):
        raise InvalidSetting(f"“{value}” cannot stand before a command; try pb-")
    return text


def parse_listen(value: str) -> tuple[str, int]:
    """Host and port from `127.0.0.1:8080` or `[::1]:8080`."""
    match = re.fullmatch(r"(\[[0-9a-fA-F:]+\]|[\w.-]+):(\d{1,5})", value.strip())
    if match is None or not 0 <= int(match[2]) <= 65_535:
        raise InvalidSetting(f"“{value}” is not an address to listen at; try 127.0.0.1:8080")
    return match[1].strip("[]"), int(match[2])


def parse_budget(value: str) -> Limit | None:
    """A day's limit from `2000000` (tokens) or `$5` (dollars); None for an empty value."""
    text = value.strip().replace(",", "").replace("_", "")
    if not text:
        return None
    match = re.fullmatch(r"(\$)?(\d{1,15}(?:\.\d{1,15})?)(k|m)?", text, flags=re.IGNORECASE)
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
    """A language tag such as `en`, `zh-CN`, `de` or `pt-BR`; of a list as desktops set it the first.

    The interface is in English or Chinese; analyses by a model are in any language. Desktops use the same
    name: https://www.gnu.org/software/gettext/manual/html_node/The-LANGUAGE-variable.html.
    """
    for each in value.split(":"):
        tag = re.sub(r"[.@].*", "", each.strip()).replace("_", "-")
        language, _, region = tag.partition("-")
        if tag.lower() in _LANGUAGES:
            return _LANGUAGES[tag.lower()]
        if language.lower() == "en":
            return "en"
        if language.lower() in _ISO_639 and re.fullmatch(r"[A-Za-z0-9-]{0,16}", region):
            return f"{language.lower()}-{region.upper() if len(region) == 2 else region}".rstrip("-")
    raise InvalidSetting(f"“{value}” is not a language code; try en, zh-CN, de or ja")


def parse_timezone(value: str) -> str:
    """An IANA time zone name, however its letters are written, or `local` for the machine's."""
    name = value.strip()
    if name.lower() == "local":
        return "local"
    try:
        return ZoneInfo(name).key
    except (ValueError, OSError, KeyError) as error:  # KeyError: ZoneInfoNotFoundError
        if name.casefold() in _zones():
            return _zones()[name.casefold()]
        near = _near_zone(name)
        if near:
            raise InvalidSetting(f"“{value}” is not the name of a time zone; try {near}") from error
        raise InvalidSetting(
            f"“{value}” is not a time zone; try Europe/Paris, Asia/Shanghai or UTC"
        ) from error


@cache
def _zones() -> Mapping[str, str]:
    """The names of all time zones, in order, by what they are in small letters."""
    return {name.casefold(): name for name in sorted(available_timezones())}


def _near_zone(text: str) -> str:
    """The zone that may be meant by a city (`paris`, `new york`) or by an offset (`+05:45`), else empty."""
    offset = re.fullmatch(r"(?:utc|gmt)?\s*([+-])(\d{1,2})(?::?(\d\d))?", text.lower().replace("−", "-"))
    names = [each for each in _zones().values() if each.partition("/")[0] in _CONTINENTS]
    if offset is not None:
        minutes = (int(offset[2]) * 60 + int(offset[3] or 0)) * (-1 if offset[1] == "-" else 1)
        now, off = datetime.now(UTC), timedelta(minutes=minutes)
        known = (*_WELL_KNOWN, *names)
        return next((each for each in known if now.astimezone(ZoneInfo(each)).utcoffset() == off), "")
    wanted = re.sub(r"\s+", "_", text).casefold()
    folded = {each: each.casefold() for each in names}
    return next((each for each, name in folded.items() if wanted in (name, name.rpartition("/")[2])), "")


def parse_time(value: str) -> str:
    """A wall-clock time as `HH:MM` from `9`, `9:30`, `09.30`, `0930`, `8am` or `8:30 pm`."""
    text = unicodedata.normalize("NFKC", value).strip().lower()
    match = re.fullmatch(r"([01]?\d|2[0-3])(?:[:.h]?([0-5]\d))?(?:\s*([ap])\.?m\.?)?", text)
    if match is None or (match[3] and not 1 <= int(match[1]) <= 12):
        raise InvalidSetting(f"“{value}” is not a time of day; try 09:00 or 17:30")
    hour = int(match[1]) % 12 + (12 if match[3] == "p" else 0) if match[3] else int(match[1])
    return f"{hour:02}:{match[2] or '00'}"


def parse_days(value: str) -> tuple[int, ...]:
    """Weekdays (Monday 0) from `mon-fri`, `daily`, `mon,wed` or `周一到周五`."""
    text = value.strip().lower()
    if text in ("daily", "every day", "all", "mon-sun", "每天", "每日"):
        return tuple(range(7))
    if text in ("weekdays", "working days", "工作日"):
        return tuple(range(5))
    if text in ("weekend", "weekends"):
        return (5, 6)
    text = re.sub(r"(?:周|星期|礼拜)([一二三四五六日天末]+)", _in_english, text)
    # With single spaces: the pattern must never meet a long run of them.
    text = re.sub(r" ?[-–—到至] ?| (?:to|through) ", "-", " ".join(text.split()))
    days: set[int] = set()
    for part in re.split(r"[,、，\s]+", text):
        first, dash, last = part.partition("-")
        try:
            start, end = (_weekday(name) for name in (first, last if dash else first))
        except ValueError as error:
            raise InvalidSetting(f"“{value}” names no days; try mon-fri, daily or mon,wed,fri") from error
        days.update((start + step) % 7 for step in range((end - start) % 7 + 1))
    return tuple(sorted(days))


def _in_english(days: re.Match[str]) -> str:
    """The weekdays of `周一` or `周一三五`, apart from what stands around them."""
    return f" {','.join(_CHINESE_DAYS[each] for each in days[1])} "


def _weekday(name: str) -> int:
    """The number of `mon`, `thurs`, `monday`, `mondays`. Raises `ValueError`."""
    one = name.removesuffix("s")
    found = (n for n, each in enumerate(_WEEKDAYS) if len(one) >= 3 and each.startswith(one))
    number = next(found, None)
    if number is None:
        raise ValueError(name)
    return number


def stored_timezone(value: str) -> str:
    """The IANA name to keep for a channel: `local` becomes the machine's own zone."""
    if value != "local":
        return value
    from tzlocal import get_localzone_name

    return get_localzone_name() or "UTC"


def zone(name: str) -> ZoneInfo:
    """The time zone of a stored name."""
    return ZoneInfo(name)
