"""/digest, /report and /more: the daily digest, its times and its rest."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from bot.commands.changes import change_channel, changed, dates_made, pressed_by
from bot.commands.digest_now import now
from bot.commands.reading import cut
from bot.commands.request import (
    Answer,
    Attachment,
    Desk,
    Reply,
    Request,
    Verb,
    actions,
    attached,
    note,
    nothing,
)
from bot.commands.settings import change_settings
from bot.commands.status import status
from bot.commands.subscribing import paper_list
from bot.commands.times import day_in_words, how_to_begin, moment, parse_pause, promised, today
from bot.locale import Say
from bot.schedule import upcoming
from digest.channel import Channel, DigestRun
from digest.compose import compose
from digest.compose import more as titles_beyond
from digest.compose.parent import TITLES
from digest.document import Bold, Button, Context, Document, Para, spans
from digest.errors import InvalidSetting, UserError
from digest.model import Digest
from digest.report import report as written

_SHOWN = 20  # papers of a look ahead
_SETTINGS = ("time", "days", "mode", "cap")
_ALONE = ("now", "preview", "status", "resume")  # nothing follows them
_SAME_END = timedelta(hours=1)  # between pauses that are one to whoever reads of them
_DAYS_BACK = {"today": 0, "yesterday": 1, "今天": 0, "昨天": 1}


async def digest(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Today's digest now, a look ahead, the last one again, or its settings."""
    word, rest = cut(request.words)
    name = word.lower() or "now"
    if name in _SETTINGS:
        said = change_settings(request, desk, [f"{name} {rest}".strip()])
    elif name in _ALONE and rest:
        raise UserError(
            request.say(
                "“{words}” is too much: /digest {part} takes nothing after it; try /digest {part}",
                words=rest[:40],
                part=name,
            )
        )
    elif name in _PARTS:
        said = _PARTS[name](replace(request, words=rest), desk)
    else:
        raise UserError(
            request.say(
                "“{word}” is nothing /digest can do; try /digest now, preview, last, report, status, "
                "pause 7d, resume, time 08:30, days mon-fri or mode weekly.",
                word=word[:40],
            )
        )
    async for each in said:
        yield each


async def _preview(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say = request.say
    if not await desk.store.subscriptions(request.channel.key):
        yield note(how_to_begin(request))
        return
    found, coming = await desk.daily.found(request.channel), await promised(request, desk)
    once = say("What a digest told of is not told again. ") if await dates_made(request, desk) else ""
    if not found and not await desk.store.days_with_announcements(limit=1):
        yield note(
            say("Nothing was fetched from arXiv yet, so there is nothing to look through."),
            Context(spans(coming)),
        )
        return
    if not found:
        yield note(say("Nothing new matches yet."), Context(spans(once + coming)))
        return
    heading = (
        say(
            "Resumed now, the digest would have {n} paper:|Resumed now, the digest would have {n} papers:",
            n=len(found),
        )
        if request.channel.paused
        else say(
            "{n} paper would be in the next digest:|{n} papers would be in the next digest:", n=len(found)
        )
    )
    more = say("and {n} more. ", n=len(found) - _SHOWN) if len(found) > _SHOWN else ""
    yield Document(
        (
            Para((Bold(heading),)),
            paper_list(found[:_SHOWN]),
            Context(spans(more + once + coming)),
        ),
        summary=heading,
    )


async def _last(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """The newest digest or a day's: on a terminal whole, elsewhere its opening and the rest as a file."""
    told = await _of_day(request, desk, _day(request, "/digest last"))
    if isinstance(told, Document):
        yield told
        return
    # What was the next digest then is none now.
    messages = compose(replace(told, next_at=None), timezone=request.channel.timezone)
    if request.channel.platform != "console":
        yield Reply(document=messages.parent, file=_file(told, request.channel))
        return
    yield messages.parent
    for each in messages.replies:
        yield each.document


async def report(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """The Markdown report of a day's digest, as a file."""
    say, day = request.say, _day(request, "/report") or request.digest
    told = await _of_day(request, desk, day)
    if isinstance(told, Document):
        yield told
        return
    title = say("The report of {day}, as Markdown.", day=say.words.short_year(told.local_date))
    yield attached(request.channel, note(title), _file(told, request.channel))


async def _of_day(request: Request, desk: Desk, day: date | None) -> Digest | Document:
    """The digest of a local date, or the newest; where there is none, what to say."""
    say, key = request.say, request.channel.key
    runs = await desk.store.digest_runs(channel=key) if day is None else ()
    wanted = runs[0].local_date if runs else day
    told = await desk.store.digest(key, wanted) if wanted else None
    if told is not None:
        return told
    none = (
        say("There was no digest on {day}.", day=day.isoformat()) if day else say("There was no digest yet.")
    )
    return note(none, Context(spans(await promised(request, desk))))


def _day(request: Request, command: str) -> date | None:
    """The date in `2026-06-30`, `today`, `yesterday`; None for no words. Raises `InvalidSetting`."""
    words = unicodedata.normalize("NFKC", request.words).strip().lower()
    if not words:
        return None
    if words in _DAYS_BACK:
        return today(request) - timedelta(days=_DAYS_BACK[words])
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise InvalidSetting(
            request.say("“{text}” is not a date; try {command} 2026-06-30", text=words[:40], command=command)
        ) from error


def _file(told: Digest, channel: Channel) -> Attachment:
    return Attachment(
        name=f"digest-{told.local_date}.md",
        content=written(told, language=channel.language, timezone=channel.timezone),
    )


async def _pause(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say, until = request.say, parse_pause(request.words, request.channel, request.at)
    made = await dates_made(request, desk)

    def paused(known: Channel) -> Channel:
        # Whoever presses a second time has paused nothing.
        ours = known if _ends_alike(known, until) else _paused_by(request, known)
        return replace(
            ours,
            paused_until=until,
            # At the pause's end the digest waits for its hour.
            next_run_at=known.next_run_at if until is None else upcoming(known, until, made=made),
        )

    pressed_twice = _ends_alike(request.channel, until)
    channel = await change_channel(request, desk, paused)
    when = moment(request, until) if until else ""
    yield note(
        say("Paused until {when}. What is announced meanwhile is skipped, but for the latest day.", when=when)
        if until
        else say("Paused, without an end. What is announced meanwhile is skipped, but for the latest day."),
        *(() if pressed_twice else pressed_by(request)),
        actions(channel, Button(say("Resume"), command="digest resume")),
    )
    if pressed_twice:
        return
    what = (
        say("{who} paused the digest until {when}.", who=request.who, when=when)
        if until
        else say("{who} paused the digest.", who=request.who)
    )
    for reply in changed(request, what, for_all=True):
        yield reply


def _paused_by(request: Request, known: Channel) -> Channel:
    return replace(
        known,
        paused=True,
        paused_because=request.say("by {who}", who=request.who),
        paused_by=request.user,
        paused_at=known.paused_at if known.paused and known.paused_at else request.at,
    )


def _ends_alike(channel: Channel, until: datetime | None) -> bool:
    """Whether somebody paused the channel already, to about the same moment."""
    if not channel.paused or not channel.paused_by:
        return False
    if channel.paused_until is None or until is None:
        return channel.paused_until is until
    return abs(until - channel.paused_until) <= _SAME_END


async def _resume(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say = request.say
    if not request.channel.paused:
        yield note(say("The digest is not paused."), Context(spans(await promised(request, desk))))
        return

    made = await dates_made(request, desk)

    def resumed(known: Channel) -> Channel:
        # Not at once what was due in the pause: it would be the digest of a day that is skipped.
        return replace(known.unpaused, next_run_at=upcoming(known, request.at, made=made))

    channel = await change_channel(request, desk, resumed)
    await desk.daily.skip_to_today(channel, since=request.channel.paused_at)
    waiting = len(await desk.store.outbox(channel=channel.key))
    may_come = today(request) not in made and await desk.store.subscriptions(channel.key)
    yield note(
        say("Resumed. ") + await promised(request, desk, channel),
        *((Context(spans(_comes_now(say, waiting))),) if waiting else ()),
        *pressed_by(request),
        *([actions(channel, Button(say("Digest now"), command="digest now"))] if may_come else ()),
    )
    for reply in changed(request, say("{who} resumed the digest.", who=request.who), for_all=True):
        yield reply


def _comes_now(say: Say, messages: int) -> str:
    return say("{n} message that waited comes now.|{n} messages that waited come now.", n=messages)


async def more(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The matches beyond the cap of the digest it was said under, else of the last one with papers."""
    say, key, under = request.say, request.channel.key, request.digest
    runs = await desk.store.digest_runs(channel=key)
    told = await desk.store.digest(key, under) if under else await _newest_with_papers(desk, runs)
    if told is None:
        none = say("No digest had papers yet.") if runs else say("There was no digest yet.")
        yield note(none, Context(spans(await promised(request, desk))))
        return
    day = day_in_words(request, told.local_date)
    if not told.more:
        yield note(say("The digest of {day} named all its papers; there are no more.", day=day))
        return
    which = (
        say("The digest of {day} listed these titles already; there are no more.", day=day)
        if len(told.more) <= TITLES
        else say("They are of the digest of {day}.", day=day)
    )
    beyond = titles_beyond(told)
    yield replace(beyond, blocks=(*beyond.blocks, Context(spans(which))))


async def _newest_with_papers(desk: Desk, runs: Sequence[DigestRun]) -> Digest | None:
    for run in runs:
        told = await desk.store.digest(run.channel, run.local_date)
        if told is not None and told.matches:
            return told
    return None


_PARTS: Mapping[str, Answer] = {
    "now": now,
    "preview": _preview,
    "last": _last,
    "report": report,
    "status": status,
    "pause": _pause,
    "resume": _resume,
}


def _changes(words: str) -> bool:
    name, rest = cut(words)
    # A setting without a value asks what it is.
    return name.lower() in ("", "now", "pause", "resume") or (name.lower() in _SETTINGS and bool(rest))


def _takes(words: str) -> bool:
    name, rest = cut(words)
    if name.lower() in _ALONE:
        return not rest
    if name.lower() in ("last", "report"):
        return _takes_day(rest)
    return name.lower() in ("", *_PARTS, *_SETTINGS)


def _takes_day(words: str) -> bool:
    return not words or words.lower() in _DAYS_BACK or words.replace("-", "").isdecimal()


VERBS = (
    Verb(
        name="digest",
        usage="[now | preview | last | report | status | pause | resume | time | days | mode | cap]",
        summary="Today's digest now; a look ahead; the last one again; or its times and form.",
        examples=(
            "/digest now",
            "/digest preview",
            "/digest time 08:30 Europe/Paris",
            "/digest days mon,wed,fri",
            "/digest mode weekly",
            "/digest pause 7d",
        ),
        answer=digest,
        changes=_changes,
        takes=_takes,
    ),
    Verb(
        name="report",
        usage="[day | yesterday]",
        summary="The last digest, or a day's, as a Markdown file.",
        examples=("/report",),
        answer=report,
        takes=_takes_day,
    ),
    Verb(
        name="more",
        usage="",
        summary="The papers of the last digest beyond its cap.",
        examples=("/more",),
        answer=more,
        takes=nothing,
    ),
)
