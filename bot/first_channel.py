"""The first channel of a platform: made from the settings, and changed when they change.

That is the terminal's, or the one that SLACK_CHANNEL or TELEGRAM_CHAT names.

What the settings last gave is remembered, so that a change made with /settings stands until the setting
itself is changed.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from bot.answering import Place
from bot.config import Settings
from bot.parts import Parts
from bot.schedule import upcoming
from bot.values import WEEKDAYS, parse_days, stored_timezone
from digest.analyses import quiet
from digest.channel import Channel
from digest.matching import canonical, parse_query
from digest.model import AnnounceType

TERMINAL = "console:terminal"

Tell = Callable[[str], Any]

# Which field of the channel each setting gives.
_FIELDS = {
    "categories": "categories",
    "timezone": "timezone",
    "digest_at": "digest_at",
    "digest_days": "days",
    "digest_cap": "cap",
    "language": "language",
    "revisions": "types",
}
_SCHEDULE = ("timezone", "digest_at", "digest_days")


_TERMINAL = Place(key=TERMINAL, private=True)


async def first_channel(
    parts: Parts,
    settings: Settings,
    *,
    tell: Tell = quiet,
    platform: str = "console",
    place: Place = _TERMINAL,
) -> Channel:
    """The channel in agreement with the settings; KEYWORDS are its first subscriptions.

    A setting that is given (in the environment or `.env`) and changed since the channel was last made from
    the settings is applied; `tell` hears one line of each. Subscriptions are added, never removed.
    """
    wanted = replace(
        _channel(settings), key=place.key, platform=platform, title=place.title, private=place.private
    )
    known = await parts.store.channel(place.key)
    given = await _remembered(parts, place.key) if known is not None else {}
    if known is None:
        known = wanted
        await parts.store.save_channel(wanted)
        await _subscribe(parts, place.key, settings.keywords)
    elif given:
        known = await _changed(parts, known, settings, given, tell)
    # A channel older than this memory keeps what it has: nothing tells /settings from the settings there.
    await _remember(parts, place.key, settings, given)
    return known


def _channel(settings: Settings) -> Channel:
    revised = (AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS) if settings.revisions else ()
    return Channel(
        key=TERMINAL,
        platform="console",
        timezone=stored_timezone(settings.timezone),
        digest_at=settings.digest_at,
        days=parse_days(settings.digest_days),
        categories=settings.categories,
        types=(AnnounceType.NEW, AnnounceType.CROSS, *revised),
        language=settings.language,
        cap=settings.digest_cap,
    )


async def _changed(
    parts: Parts, known: Channel, settings: Settings, given: Mapping[str, Any], tell: Tell
) -> Channel:
    wanted, changes = _channel(settings), {}
    for name in _fresh(settings, given):
        was, now = _shown(name, known), _shown(name, wanted)
        if was != now:
            changes[_FIELDS[name]] = getattr(wanted, _FIELDS[name])
            tell(f"{name.upper()} from the settings: {now} (was {was}).")
    rescheduled = any(_FIELDS[name] in changes for name in _SCHEDULE)

    def apply(channel: Channel) -> Channel:
        channel = replace(channel, **changes)
        if rescheduled and channel.next_run_at is not None:
            channel = replace(channel, next_run_at=upcoming(channel, parts.clock()))
        return channel

    if changes:
        known = await parts.store.change_channel(known.key, apply) or known
    if "keywords" in settings.model_fields_set:
        seen = _canonicals(given.get("keywords", ()))
        fresh = [each for each in settings.keywords if _canonical(each) not in seen]
        for keyword in await _subscribe(parts, known.key, fresh):
            tell(f"KEYWORDS from the settings: subscribed to {keyword}.")
    return known


def _fresh(settings: Settings, given: Mapping[str, Any]) -> Iterator[str]:
    """The settings that are given and not what they were."""
    wanted = _channel(settings)
    for name in _FIELDS:
        if name in settings.model_fields_set and _shown(name, wanted) != given.get(name):
            yield name


def _shown(name: str, channel: Channel) -> str:
    match name:
        case "categories":
            return ", ".join(channel.categories)
        case "digest_days":
            return ", ".join(WEEKDAYS[day] for day in channel.days)
        case "revisions":
            return "on" if AnnounceType.REPLACE in channel.types else "off"
    return str(getattr(channel, _FIELDS[name]))


async def _subscribe(parts: Parts, channel: str, keywords: Iterable[str]) -> tuple[str, ...]:
    """Subscribe to those that are not subscribed to; gives these, in order."""
    have = _canonicals(each.query for each in await parts.store.subscriptions(channel))
    added = []
    for keyword in keywords:
        if _canonical(keyword) not in have:
            have.add(_canonical(keyword))
            await parts.store.add_subscription(channel, keyword, by="KEYWORDS", at=parts.clock())
            added.append(keyword)
    return tuple(added)


def _canonicals(queries: Iterable[str]) -> set[str]:
    return {_canonical(each) for each in queries}


def _canonical(query: str) -> str:
    return canonical(parse_query(query))


def _memory(channel: str) -> str:
    return f"channel_settings/{channel}"


async def _remembered(parts: Parts, channel: str) -> Mapping[str, Any]:
    known: Mapping[str, Any] = json.loads(await parts.store.meta(_memory(channel)) or "{}")
    return known


async def _remember(parts: Parts, channel: str, settings: Settings, given: Mapping[str, Any]) -> None:
    """Keep what the settings give now; what is not given any more stays as it was."""
    wanted = _channel(settings)
    now: dict[str, Any] = {name: _shown(name, wanted) for name in _FIELDS} | {
        "keywords": list(settings.keywords)
    }
    kept = {name: value for name, value in given.items() if name not in settings.model_fields_set}
    if now | kept != given:
        await parts.store.set_meta(_memory(channel), json.dumps(now | kept, ensure_ascii=False))
