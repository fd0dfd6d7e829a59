"""What a channel can change about its digests: one table for /settings, its form and its errors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bot.permissions import needed
from bot.values import (
    WEEKDAYS,
    parse_categories,
    parse_days,
    parse_language,
    parse_time,
    parse_timezone,
    stored_timezone,
)
from digest.channel import Channel, Mode, Who
from digest.errors import InvalidSetting
from digest.model import AnnounceType


def _cap(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text[:9]) <= 100:
        raise InvalidSetting(f"“{text[:40]}” is not a number of papers; try 8 (1 to 100)")
    return int(text)


def _timezone(text: str) -> str:
    return stored_timezone(parse_timezone(text))


def _mode(text: str) -> Mode:
    try:
        return Mode(text.lower())
    except ValueError as error:
        raise InvalidSetting(f"“{text[:40]}” is no mode; try thread, compact or weekly") from error


def _who(text: str) -> Who:
    name = text.lower()
    aliases = {"member": "members", "everyone": "members", "anyone": "members", "admin": "admins"}
    try:
        return Who(aliases.get(name, name))
    except ValueError as error:
        raise InvalidSetting(
            f"“{text[:40]}” is none of the three who may; try members, admins or creator"
        ) from error


def _switch(text: str) -> bool:
    match text.lower():
        case "on" | "yes" | "true" | "1" | "开" | "打开" | "开启" | "是":
            return True
        case "off" | "no" | "false" | "0" | "关" | "关闭" | "否":
            return False
    raise InvalidSetting(f"“{text[:40]}” is neither on nor off; try on or off")


def _revisions(text: str) -> tuple[AnnounceType, ...]:
    first = (AnnounceType.NEW, AnnounceType.CROSS)
    return (*first, AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS) if _switch(text) else first


def on_off(value: bool) -> str:
    """A switch as people write it."""
    return "on" if value else "off"


def days_in_short(days: tuple[int, ...]) -> str:
    """Weekdays as people write them: "daily", "mon-fri", "mon, wed"."""
    if len(days) == len(WEEKDAYS):
        return "daily"
    names = [WEEKDAYS[day] for day in days]
    consecutive = len(days) > 2 and days == tuple(range(days[0], days[0] + len(days)))
    return f"{names[0]}-{names[-1]}" if consecutive else ", ".join(names)


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: what it is called in a list and in a sentence, two examples, how it is changed and shown.

    `options` are its values where they are few words; `platforms` where it means something, else everywhere.
    One `among_several` means nothing in one person's private chat.
    """

    label: str
    named: str
    example: str
    other: str
    change: Callable[[Channel, str], Channel]
    shown: Callable[[Channel], str]
    options: tuple[str, ...] = ()
    platforms: tuple[str, ...] = ()
    among_several: bool = False

    def proposal(self, channel: Channel) -> str:
        """An example of a value that the channel does not have already."""
        changed = self.shown(self.change(channel, self.example))
        # Categories in another order are the same.
        same = sorted(changed.split(", ")) == sorted(self.shown(channel).split(", "))
        return self.other if same else self.example

    def concerns(self, channel: Channel) -> bool:
        if self.among_several and channel.private:
            return False
        return not self.platforms or channel.platform in self.platforms


SETTINGS: Mapping[str, Setting] = {
    "time": Setting(
        "Time of the digest",
        "the time",
        "08:30",
        "09:00",
        lambda c, text: replace(c, digest_at=parse_time(text)),
        lambda c: c.digest_at,
    ),
    "days": Setting(
        "Days of the digest",
        "the days",
        "mon-fri",
        "daily",
        lambda c, text: replace(c, days=parse_days(text)),
        lambda c: days_in_short(c.days),
    ),
    "timezone": Setting(
        "Time zone",
        "the time zone",
        "Europe/Paris",
        "UTC",
        lambda c, text: replace(c, timezone=_timezone(text)),
        lambda c: c.timezone,
    ),
    "categories": Setting(
        "arXiv categories",
        "the categories",
        "cs.RO, cs.CV",
        "cs.CL, cs.LG",
        lambda c, text: replace(c, categories=parse_categories(text)),
        lambda c: ", ".join(c.categories),
    ),
    "language": Setting(
        "Language",
        "the language",
        "zh-CN",
        "en",
        lambda c, text: replace(c, language=parse_language(text)),
        lambda c: c.language,
    ),
    "cap": Setting(
        "Papers analysed a digest",
        "the cap",
        "8",
        "10",
        lambda c, text: replace(c, cap=_cap(text)),
        lambda c: str(c.cap),
    ),
    "mode": Setting(
        "Form",
        "the form",
        "compact",
        "thread",
        lambda c, text: replace(c, mode=_mode(text)),
        lambda c: c.mode.value,
        options=tuple(Mode),
    ),
    "revisions": Setting(
        "Revised papers too",
        "revised papers",
        "on",
        "off",
        lambda c, text: replace(c, types=_revisions(text)),
        lambda c: on_off(AnnounceType.REPLACE in c.types),
    ),
    "empty": Setting(
        "Digests without papers",
        "digests without papers",
        "off",
        "on",
        lambda c, text: replace(c, tells_empty_days=_switch(text)),
        lambda c: on_off(c.tells_empty_days),
    ),
    "who": Setting(
        "Who may change this",
        "who may change this channel",
        "admins",
        "members",
        lambda c, text: replace(c, changes_by=_who(text)),
        lambda c: needed(c).value,
        options=tuple(Who),
        platforms=("slack", "telegram"),
        among_several=True,
    ),
    "announce": Setting(
        "Tell the channel of changes",
        "telling of changes",
        "on",
        "off",
        lambda c, text: replace(c, announces_changes=_switch(text)),
        lambda c: on_off(c.announces_changes),
        platforms=("slack", "telegram"),
        among_several=True,
    ),
    "rich": Setting(
        "Telegram's rich messages",
        "rich messages",
        "on",
        "off",
        lambda c, text: replace(c, rich=_switch(text)),
        lambda c: on_off(c.rich),
        platforms=("telegram",),
    ),
}
SCHEDULE = ("time", "days", "timezone", "mode")  # what moves the next digest


def settings_of(channel: Channel) -> Mapping[str, Setting]:
    """The settings that mean something in a channel, by name."""
    return {name: each for name, each in SETTINGS.items() if each.concerns(channel)}
