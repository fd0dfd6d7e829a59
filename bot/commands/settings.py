"""/settings: what a channel wants of its digests, one setting or several at once."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import AsyncIterator, Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from bot.commands.changes import change_channel, changed, dates_made, pressed_by
from bot.commands.reading import cut
from bot.commands.request import Desk, Reply, Request, Verb, actions
from bot.commands.setting_table import SCHEDULE, SETTINGS, Setting, days_in_short, settings_of
from bot.commands.times import promised, today
from bot.locale import Say
from bot.permissions import RANK
from bot.schedule import planned, rescheduled
from bot.values import parse_timezone, stored_timezone
from digest.channel import Channel, Mode
from digest.document import (
    Block,
    Bold,
    Button,
    Code,
    Context,
    Document,
    Para,
    Span,
    Table,
    bullets,
    plain,
    spans,
)
from digest.errors import PaperboyError, UserError
from digest.wording import ENGLISH

Change = Callable[[Channel], Channel]
_LONG, _LONGEST = 100, 2_000  # characters of a value; all of arXiv's categories are 1,400


async def settings(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Show the channel's settings, or change them: one in a line, several in lines of their own."""
    lines = [line.strip() for line in request.words.splitlines() if line.strip()]
    if lines:
        async for said in change_settings(request, desk, lines):
            yield said
        return
    say, channel = request.say, request.channel
    heading = say("Settings of this channel")
    if channel.platform == "telegram" and not channel.rich:
        lines_of: list[list[Span | str]] = [
            [Bold(name), f" {each.shown(channel)} · ", Code(f"/settings {name} {each.proposal(channel)}")]
            for name, each in settings_of(channel).items()
        ]
        yield Document((Para((Bold(heading),)), bullets(lines_of)), summary=heading)
        return
    rows = tuple(
        (_label(each, say), each.shown(channel), f"/settings {name} {each.proposal(channel)}")
        for name, each in settings_of(channel).items()
    )
    yield Document(
        (
            Para((Bold(heading),)),
            Table((say("setting"), say("value"), say("to change it, for example")), rows),
        ),
        summary=heading,
    )


def _label(setting: Setting, say: Say) -> str:
    label = say.translated(setting.label)
    return label + say.words.bracketed(say.words.comma.join(setting.options)) if setting.options else label


@dataclass(frozen=True, slots=True)
class _Line:
    """One line of a change: the setting's name and the change, tried out so that it cannot fail later."""

    name: str
    change: Change


async def change_settings(
    request: Request, desk: Desk, lines: Sequence[str]
) -> AsyncIterator[Document | Reply]:
    """Change all of the settings named in the lines, or none. Raises `UserError` with an example."""
    wanted = [_line(request, line) for line in lines]
    made = await dates_made(request, desk)

    def change(known: Channel) -> Channel:
        became = known
        for each in wanted:
            became = each.change(became)
        if any(each.name in SCHEDULE for each in wanted):
            became = replace(became, next_run_at=rescheduled(became, request.at, before=known, made=made))
        return became

    await _check_own_standing(request, change(request.channel))
    became = await change_channel(request, desk, change)
    if more := set(became.categories) - set(request.channel.categories):
        # One that was left out for a while begins with the latest day, as a new one does.
        await desk.daily.skip_to_today(became, categories=more)
    names = tuple(dict.fromkeys(each.name for each in wanted))
    told = replace(request, channel=became)
    lost = await _lost(request, desk, became, made=made)
    yield await _told(told, names, desk, *lost)
    sentence = _sentence(told, names, before=request.channel)
    for reply in changed(told, sentence) if sentence else ():
        yield reply


async def faults(request: Request, changes: Sequence[tuple[str, str]]) -> dict[str, str]:
    """What is wrong with each of some changes, by the setting's name."""
    found = {}
    for name, value in changes:
        try:
            await _check_own_standing(request, _line(request, f"{name} {value}").change(request.channel))
        except PaperboyError as error:
            found[name] = request.say.error(str(error))
    return found


def _line(request: Request, line: str) -> _Line:
    name, value = named(line)
    say, known = request.say, settings_of(request.channel)
    if name in SETTINGS and SETTINGS[name].among_several and request.channel.private:
        raise UserError(
            say(
                "“{name}” concerns channels with several people; here there are {names}.",
                name=name,
                names=", ".join(known),
            )
        )
    if name not in known:
        raise UserError(
            say(
                "“{name}” is not a setting; there are {names}.",
                name=name[:40],
                names=", ".join(known),
            )
        )
    setting = known[name]
    example = f"/settings {name} {setting.proposal(request.channel)}"
    if len(value) > (_LONGEST if name == "categories" else _LONG):
        raise UserError(say("That is too long for a setting. To change it: {command}", command=example))
    if not value:
        raise UserError(
            say(
                "{label}: {value}. To change it: {command}",
                label=_label(setting, say),
                value=setting.shown(request.channel),
                command=example,
            )
        )
    change = _change(setting, name, value)
    change(request.channel)
    return _Line(name, change)


def named(line: str) -> tuple[str, str]:
    """The name and the value in a line: `time 08:30`, `time: 08:30`, in characters of plain width."""
    name, value = cut(unicodedata.normalize("NFKC", line))
    return name.rstrip(":：=").lower(), value


def _change(setting: Setting, name: str, value: str) -> Change:
    """What sets the setting; a time may be followed by its zone."""
    zone = ""
    if name == "time":
        value, zone = cut(re.sub(r"(?<=\d)\s+(?=[ap]\.?m\b)", "", value, count=1, flags=re.IGNORECASE))

    def change(channel: Channel) -> Channel:
        if zone:
            channel = replace(channel, timezone=stored_timezone(parse_timezone(zone.strip())))
        return setting.change(channel, value)

    return change


async def _check_own_standing(request: Request, wanted: Channel) -> None:
    """Nobody may shut the door behind which they stand."""
    if wanted.changes_by is None or wanted.changes_by == request.channel.changes_by:
        return
    if RANK.index(await request.standing()) < RANK.index(wanted.changes_by):
        raise UserError(request.say("That would keep you out yourself; ask one of them to set it."))


async def _lost(
    request: Request, desk: Desk, became: Channel, *, made: Collection[date]
) -> tuple[Block, ...]:
    """That today's digest was still to come and is not any more, and a button to have it now."""
    day, say = today(request), request.say
    if became.paused or day in made or planned(request.channel) != day or planned(became) == day:
        return ()
    if not await desk.store.subscriptions(became.key):
        return ()
    return (
        Para(spans(say("Today's digest does not come by itself any more."))),
        actions(became, Button(say("Digest now"), command="digest now")),
    )


async def _told(request: Request, names: Sequence[str], desk: Desk, *lost: Block) -> Document:
    say, channel = request.say, request.channel
    colon = say.words.colon
    shown = [
        spans(Bold(say.translated(SETTINGS[name].label)), f"{colon}{_value(channel, name)}") for name in names
    ]
    blocks = (Para(shown[0]),) if len(shown) == 1 else (Para(say.spans("Set:")), bullets(shown))
    summary = say.words.semicolon.join(map(plain, shown))
    consequences = _consequences(request, names, has_model=desk.ask.has_model)
    more = [Para(spans(each)) for each in consequences]
    coming = Context(spans(await promised(request, desk)))
    return Document((*blocks, *more, coming, *pressed_by(request), *lost), summary=summary)


def _consequences(request: Request, names: Sequence[str], *, has_model: bool) -> Iterator[str]:
    """What a change means that its value does not tell."""
    say, channel = request.say, request.channel
    if channel.mode is Mode.WEEKLY and {"mode", "days"} & set(names):
        day, days = say.words.weekdays[channel.digest_days[-1]], days_in_short(channel.days)
        if len(channel.days) > 1:
            yield say("The weekly digest comes on {day}, the last of {days}.", day=day, days=days)
        else:
            yield say("The weekly digest comes on {day}.", day=day)
    if "language" not in names or channel.language == "en":
        return
    if not has_model:
        yield say("Without a model nothing is translated: extracts stay in the language of the paper.")
    if say.words is ENGLISH:
        yield (
            say("The words around them stay English.")
            if not has_model
            else say("Analyses are written in it; the words around them stay English.")
        )


def _value(channel: Channel, name: str) -> str:
    shown = SETTINGS[name].shown(channel)
    return f"{shown} ({channel.timezone})" if name == "time" else shown


def _sentence(request: Request, names: Sequence[str], *, before: Channel) -> str:
    """What somebody changed, in one line: "Ada set the time to 08:30, the cap to 5."; empty for nothing."""
    say = request.say
    changes = [
        say(
            "{setting} to {value}",
            setting=say.translated(SETTINGS[name].named),
            value=SETTINGS[name].shown(request.channel),
        )
        for name in names
        if SETTINGS[name].shown(request.channel) != SETTINGS[name].shown(before)
    ]
    return (
        say("{who} set {changes}.", who=request.who, changes=say.words.comma.join(changes)) if changes else ""
    )


def changes_settings(words: str) -> bool:
    """Whether a value follows a setting's name; a name alone asks what it is."""
    return any(named(line)[1] for line in words.splitlines())


def takes_settings(words: str) -> bool:
    """Whether the words are none, or begin with a setting's name."""
    return not words or named(words.splitlines()[0])[0] in SETTINGS


VERBS = (
    Verb(
        name="settings",
        usage="[name value]",
        summary="This channel's time, days, categories, language and the like.",
        examples=("/settings", "/settings categories cs.RO, cs.CV", "/settings language zh-CN"),
        answer=settings,
        aliases=("set",),
        changes=changes_settings,
        takes=takes_settings,
    ),
)
