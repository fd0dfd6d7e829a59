"""/digest, /report and /more: the daily digest, its times and its rest."""

from __future__ import annotations

import unicodedata
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from bot.commands.changes import change_channel, changed, dates_made
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
from bot.commands.times import moment, next_digest, parse_pause, today
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
_DAYS_BACK = {"today": 0, "yesterday": 1, "今天": 0, "昨天": 1}


async def digest(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Today's digest now, a look ahead, the last one again, or its settings."""
    word, rest = cut(request.words)
    name = word.lower() or "now"
    if name in _SETTINGS:
        said = change_settings(request, desk, [f"{name} {rest}".strip()])
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


async def _now(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    yield await _begun(request, desk)


async def _begun(request: Request, desk: Desk) -> Document:
    say, channel = request.say, request.channel
    if not await desk.store.subscriptions(channel.key):
        return note(
            say("There is nothing to look for yet. Start with: /subscribe vla, vision language action")
        )
    if channel.paused:
        return note(
            say("The digest is paused."), actions(channel, Button(say("Resume"), command="digest resume"))
        )
    if await desk.start_digest(channel, today(request)):
        return note(say("Making today's digest; it follows when the papers are read."))
    return note(
        say("Today's digest is out already; papers that come late are added to it."),
        actions(channel, Button(say("Show it again"), command="digest last")),
    )


async def _preview(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say = request.say
    found = await desk.daily.found(request.channel)
    once = say("What a digest told of is not told again. ") if await dates_made(request, desk) else ""
    if not found and not await desk.store.days_with_announcements(limit=1):
        yield note(
            say("Nothing was fetched from arXiv yet, so there is nothing to look through."),
            Context(spans(next_digest(request))),
        )
        return
    if not found:
        yield note(say("Nothing new matches yet."), Context(spans(once + next_digest(request))))
        return
    heading = say(
        "{n} paper would be in the next digest:|{n} papers would be in the next digest:", n=len(found)
    )
    more = say("and {n} more. ", n=len(found) - _SHOWN) if len(found) > _SHOWN else ""
    yield Document(
        (
            Para((Bold(heading),)),
            paper_list(found[:_SHOWN]),
            Context(spans(more + once + next_digest(request))),
        ),
        summary=heading,
    )


async def _last(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """The newest digest: on a terminal whole, elsewhere its opening and the rest as a file."""
    told = await last_digest(request, desk)
    if told is None:
        yield note(request.say("There was no digest yet."), Context(spans(next_digest(request))))
        return
    # What was the next digest then is none now.
    messages = compose(replace(told, next_at=None), timezone=request.channel.timezone)
    if request.channel.platform != "console":
        yield Reply(document=messages.parent, file=_file(told, request.channel))
        return
    yield messages.parent
    for each in messages.replies:
        yield each.document


async def last_digest(request: Request, desk: Desk) -> Digest | None:
    """The channel's newest digest."""
    run = await _newest(request, desk)
    return await desk.store.digest(run.channel, run.local_date) if run else None


async def _newest(request: Request, desk: Desk) -> DigestRun | None:
    runs = await desk.store.digest_runs(channel=request.channel.key)
    return runs[0] if runs else None


async def report(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """The Markdown report of a day's digest, as a file."""
    say, words = request.say, request.words.strip()
    try:
        day = _day(request) if words else None
    except ValueError as error:
        raise InvalidSetting(
            say("“{text}” is not a date; try /report 2026-06-30", text=words[:40])
        ) from error
    if day is None:
        told = await last_digest(request, desk)
    else:
        told = await desk.store.digest(request.channel.key, day)
    if told is None:
        when = (
            say("There was no digest on {day}.", day=day.isoformat())
            if day
            else say("There was no digest yet.")
        )
        yield note(when, Context(spans(next_digest(request))))
        return
    title = say("The report of {day}, as Markdown.", day=say.words.short_year(told.local_date))
    yield attached(request.channel, note(title), _file(told, request.channel))


def _day(request: Request) -> date:
    """The date in `2026-06-30`, `today`, `yesterday`. Raises `ValueError`."""
    words = unicodedata.normalize("NFKC", request.words).strip().lower()
    back = _DAYS_BACK.get(words)
    return date.fromisoformat(words) if back is None else today(request) - timedelta(days=back)


def _file(told: Digest, channel: Channel) -> Attachment:
    return Attachment(
        name=f"digest-{told.local_date}.md",
        content=written(told, language=channel.language, timezone=channel.timezone),
    )


async def _pause(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say, until = request.say, parse_pause(request.words, request.channel, request.at)
    made = await dates_made(request, desk)

    def paused(known: Channel) -> Channel:
        return replace(
            known,
            paused=True,
            paused_because=say("by {who}", who=request.who),
            paused_by=request.user,
            paused_until=until,
            # At the pause's end the digest waits for its hour.
            next_run_at=known.next_run_at if until is None else upcoming(known, until, made=made),
        )

    channel = await change_channel(request, desk, paused)
    when = moment(request, until) if until else ""
    yield note(
        say("Paused until {when}. What is announced meanwhile is skipped, but for the latest day.", when=when)
        if until
        else say("Paused, without an end. What is announced meanwhile is skipped, but for the latest day."),
        actions(channel, Button(say("Resume"), command="digest resume")),
    )
    what = (
        say("{who} paused the digest until {when}.", who=request.who, when=when)
        if until
        else say("{who} paused the digest.", who=request.who)
    )
    for reply in changed(request, what, for_all=True):
        yield reply


async def _resume(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    say = request.say
    if not request.channel.paused:
        yield note(say("The digest is not paused."), Context(spans(next_digest(request))))
        return

    made = await dates_made(request, desk)

    def resumed(known: Channel) -> Channel:
        planned = known.next_run_at
        if planned is not None and planned > request.at:  # set to after the pause
            planned = upcoming(known, request.at, made=made)
        return replace(known.unpaused, next_run_at=planned)

    channel = await change_channel(request, desk, resumed)
    await desk.daily.skip_to_today(channel)
    yield note(say("Resumed. ") + next_digest(request, channel))
    for reply in changed(request, say("{who} resumed the digest.", who=request.who), for_all=True):
        yield reply


async def more(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The matches of the last digest that were beyond its cap."""
    told = await last_digest(request, desk)
    if told is None or not told.more:
        yield note(request.say("The last digest named all its papers; there is no more."))
        return
    beyond = titles_beyond(told)
    if len(told.more) <= TITLES:
        known = Context(request.say.spans("The digest listed these titles already; there are no more."))
        beyond = replace(beyond, blocks=(*beyond.blocks, known))
    yield beyond


_PARTS: Mapping[str, Answer] = {
    "now": _now,
    "preview": _preview,
    "last": _last,
    "report": report,
    "status": status,
    "pause": _pause,
    "resume": _resume,
}


def _changes(words: str) -> bool:
    return cut(words)[0].lower() in ("", "now", "pause", "resume", *_SETTINGS)


def _takes(words: str) -> bool:
    return cut(words)[0].lower() in ("", *_PARTS, *_SETTINGS)


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
