"""/settings, /status, /about: a channel's settings and how things stand."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from bot.commands.request import Desk, Request, Verb
from bot.schedule import upcoming
from bot.values import (
    WEEKDAYS,
    parse_categories,
    parse_days,
    parse_language,
    parse_time,
    parse_timezone,
    stored_timezone,
    zone,
)
from bot.words import counted
from digest.arxiv.calendar import announcement_day
from digest.channel import Channel, DigestState, Mode
from digest.compose import state_sentence
from digest.document import Bold, Code, Document, Link, Span, Table, bullets, context, para
from digest.errors import InvalidSetting, UserError
from digest.model import AnnounceType, Usage

_SHOWN_DAYS = 7


def _cap(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 100:
        raise InvalidSetting(f"“{text}” is not a number of papers; try 8 (1 to 100)")
    return int(text)


def _timezone(text: str) -> str:
    return stored_timezone(parse_timezone(text))


def _mode(text: str) -> Mode:
    try:
        return Mode(text.lower())
    except ValueError as error:
        raise InvalidSetting(f"“{text}” is no mode; try thread or compact") from error


def _revisions(text: str) -> tuple[AnnounceType, ...]:
    first = (AnnounceType.NEW, AnnounceType.CROSS)
    match text.lower():
        case "on" | "yes":
            return (*first, AnnounceType.REPLACE, AnnounceType.REPLACE_CROSS)
        case "off" | "no":
            return first
    raise InvalidSetting(f"“{text}” is neither on nor off; try revisions on")


@dataclass(frozen=True, slots=True)
class _Setting:
    """One setting a channel can change, and an example that works."""

    example: str
    change: Callable[[Channel, str], Channel]
    shown: Callable[[Channel], str]


_SETTINGS: Mapping[str, _Setting] = {
    "time": _Setting("08:30", lambda c, text: replace(c, digest_at=parse_time(text)), lambda c: c.digest_at),
    "days": _Setting(
        "mon-fri",
        lambda c, text: replace(c, days=parse_days(text)),
        lambda c: ", ".join(WEEKDAYS[day] for day in c.days),
    ),
    "timezone": _Setting(
        "Europe/Paris", lambda c, text: replace(c, timezone=_timezone(text)), lambda c: c.timezone
    ),
    "categories": _Setting(
        "cs.RO, cs.CV",
        lambda c, text: replace(c, categories=parse_categories(text)),
        lambda c: ", ".join(c.categories),
    ),
    "language": _Setting(
        "zh-CN", lambda c, text: replace(c, language=parse_language(text)), lambda c: c.language
    ),
    "cap": _Setting("8", lambda c, text: replace(c, cap=_cap(text)), lambda c: str(c.cap)),
    "mode": _Setting("compact", lambda c, text: replace(c, mode=_mode(text)), lambda c: c.mode.value),
    "revisions": _Setting(
        "on",
        lambda c, text: replace(c, types=_revisions(text)),
        lambda c: "on" if AnnounceType.REPLACE in c.types else "off",
    ),
}


async def settings(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Show the channel's settings, or change one."""
    name, _, value = request.words.partition(" ")
    if name:
        yield await change(request, desk, name.lower(), value)
        return
    channel = request.channel
    rows = tuple(
        (name, each.shown(channel), f"/settings {name} {each.example}") for name, each in _SETTINGS.items()
    )
    yield Document(
        (para(Bold("Settings of this channel")), Table(("setting", "value", "to change it"), rows)),
        summary="Settings of this channel",
    )


async def change(request: Request, desk: Desk, name: str, value: str) -> Document:
    """Change one setting and say what follows from it. Raises `InvalidSetting` with an example."""
    if name not in _SETTINGS:
        raise UserError(f"“{name}” is not a setting; there are {', '.join(_SETTINGS)}.")
    setting = _SETTINGS[name]
    if not value.strip():
        now = setting.shown(request.channel)
        raise UserError(f"{name.capitalize()} is {now}. To change it: /settings {name} {setting.example}")
    channel = request.channel
    if name == "time" and " " in value.strip():
        value, _, place = value.strip().partition(" ")
        channel = replace(channel, timezone=_timezone(place))
    changed = setting.change(channel, value.strip())
    if name in ("time", "days", "timezone"):
        changed = replace(changed, next_run_at=upcoming(changed, request.at))
    await desk.store.save_channel(changed)
    return Document(
        (para(Bold(f"{name.capitalize()}: "), setting.shown(changed), f". {next_digest(changed)}"),)
    )


def next_digest(channel: Channel) -> str:
    """When the next digest comes, in the channel's own time."""
    if channel.paused:
        return "The digest is paused; /digest resume starts it again."
    if channel.next_run_at is None:
        return "The first digest comes right away."
    local = channel.next_run_at.astimezone(zone(channel.timezone))
    return f"Next digest: {local:%A} {local.day} {local:%B, %H:%M %Z}."


async def status(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """What arrived per category, what is due, and what is wrong."""
    channel, now = request.channel, request.at
    today = announcement_day(now)
    ledger = await desk.store.ledger(channel.categories, since=today - timedelta(days=_SHOWN_DAYS))
    rows = tuple(
        (
            row.category,
            _day(row.day),
            state_sentence(row, timezone=channel.timezone),
        )
        for row in reversed(ledger)
    )
    unsent = await desk.store.outbox(channel=channel.key)
    taken = await desk.store.usage(now.astimezone(UTC).date())
    open_runs = await desk.store.digest_runs(channel=channel.key, state=DigestState.OPEN)
    mine = await desk.store.subscriptions(channel.key)
    facts = [
        f"{counted(len(mine), 'subscription')} in {', '.join(channel.categories)}.",
        next_digest(channel),
        _waiting(len(unsent)),
        *_spent(taken),
        *(
            f"The digest of {_day(run.local_date)} waits for categories that are late."
            for run in open_runs[:1]
        ),
    ]
    table = (
        (Table(("category", "announced", "what happened"), rows),)
        if rows
        else (para("Nothing was fetched yet."),)
    )
    yield Document(
        (para(Bold("Status"), f" at {_local(now, channel)}"), bullets([[fact] for fact in facts]), *table),
        summary="Status",
    )


def _waiting(unsent: int) -> str:
    if not unsent:
        return "Every message is delivered."
    return f"{counted(unsent, 'message')} {'is' if unsent == 1 else 'are'} waiting to be delivered."


def _day(day: date) -> str:
    return f"{day:%a} {day.day} {day:%b}"


def _local(moment: datetime, channel: Channel) -> str:
    local = moment.astimezone(zone(channel.timezone))
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M %Z}"


def _spent(usage: Usage) -> tuple[str, ...]:
    tokens = usage.prompt_tokens + usage.completion_tokens
    if not tokens:
        return ()
    cost = f", ${usage.cost:.2f}" if usage.cost else ""
    return (f"The model took {tokens:,} tokens today (UTC){cost}.",)


async def about(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """What this is, its licence and its source, as the AGPL asks of a service on a network."""
    from importlib.metadata import version

    yield Document(
        (
            para(
                Bold(f"Paperboy {version('paperboy-bot')}"),
                " reads arXiv for a team. Thank you to arXiv for use of its open access interoperability.",
            ),
            context("Free software under the AGPL-3.0-or-later. Its source: ", *_source(desk.source_url)),
            context("More: ", Code("/help")),
        ),
        summary="Paperboy",
    )


def _source(url: str) -> tuple[Span | str, ...]:
    return (Link(url, url),) if url else ("ask whoever runs this Paperboy.",)


VERBS = (
    Verb(
        name="settings",
        usage="[name value]",
        summary="This channel's time, days, time zone, categories, language, cap, mode, revisions.",
        examples=("/settings", "/settings categories cs.RO, cs.CV", "/settings language zh-CN"),
        answer=settings,
        aliases=("set",),
    ),
    Verb(
        name="status",
        usage="",
        summary="What arrived, what is late and why, what is due.",
        examples=("/status",),
        answer=status,
    ),
    Verb(name="about", usage="", summary="Version, licence, source.", examples=("/about",), answer=about),
)
