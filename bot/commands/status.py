"""/status, /health and /about: how things stand, and what this is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

from bot.backup import LATE, last_backup
from bot.commands.request import Desk, Request, Verb, nothing
from bot.commands.times import day_in_words, moment, promised
from bot.commands.troubles import sentence
from bot.locale import Say
from bot.watch.remembered import last_look
from bot.watch.troubles import Kind
from digest.arxiv.calendar import announcement_day
from digest.channel import Channel, DigestState, Who
from digest.compose import state_sentence
from digest.document import (
    Block,
    Bold,
    Code,
    Context,
    Document,
    Link,
    Para,
    Span,
    Table,
    Text,
    bullets,
    spans,
)
from digest.errors import UserError
from digest.model import CategoryDay, Usage

_SHOWN_DAYS = 7
UNSEEN = timedelta(minutes=15)  # since the last look of a process that looks every minute


async def status(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """What arrived per category, what is due, and what is wrong."""
    say, channel = request.say, request.channel
    ledger = await _ledger(request, desk)
    rows = tuple(
        (row.category, day_in_words(request, row.day), _state(row, channel)) for row in reversed(ledger)
    )
    table: Block
    if not rows:
        table = Para(say.spans("Nothing was fetched yet."))
    elif channel.platform == "telegram" and not channel.rich:
        table = bullets([[" · ".join(row)] for row in rows])
    else:
        table = Table((say("category"), say("announced"), say("what happened")), rows)
    told = await facts(request, desk)
    yield Document(
        (
            Para((Bold(say("Status")), Text(f" · {moment(request, request.at)}"))),
            bullets([[fact] for fact in told]),
            table,
        ),
        summary=f"{say('Status')}{say.words.colon}{told[0]}",
    )


async def _ledger(request: Request, desk: Desk) -> tuple[CategoryDay, ...]:
    since = announcement_day(request.at) - timedelta(days=_SHOWN_DAYS)
    return await desk.store.ledger(request.channel.categories, since=since)


def _state(row: CategoryDay, channel: Channel) -> str:
    return state_sentence(row, timezone=channel.timezone, language=channel.language)


async def facts(request: Request, desk: Desk) -> list[str]:
    """How the channel stands, a sentence each: what is wrong, what it follows, what is due and waits."""
    say, channel = request.say, request.channel
    mine = await desk.store.subscriptions(channel.key)
    unsent = await desk.store.outbox(channel=channel.key)
    waiting = await desk.store.digest_runs(channel=channel.key, state=DigestState.OPEN)
    taken = await desk.store.usage(request.at.astimezone(UTC).date())
    return [
        *await troubles(request, desk),
        say(
            "{n} subscription in {categories}.|{n} subscriptions in {categories}.",
            n=len(mine),
            categories=", ".join(channel.categories),
        ),
        await promised(request, desk),
        *_paused(request),
        *await _last(request, desk),
        _unsent(say, len(unsent)),
        *_spent(say, taken),
        *(
            say(
                "The digest of {day} waits for categories that are late.",
                day=day_in_words(request, run.local_date),
            )
            for run in waiting[:1]
        ),
    ]


async def troubles(request: Request, desk: Desk) -> tuple[str, ...]:
    """What is wrong with the store and its backups, if anything is."""
    say = request.say
    trouble = await desk.store.trouble()
    last = await last_backup(desk.store)
    told = [say("The store needs attention: {why}", why=trouble)] if trouble else []
    told += await _seen(request, desk, skip=Kind.DISK if trouble else None)
    if last.error:
        told.append(say("The last backup failed: {why}", why=last.error))
    elif last.made is not None and request.at - last.made > LATE:
        told.append(say("The last backup is of {when}.", when=moment(request, last.made)))
    return tuple(told)


async def _seen(request: Request, desk: Desk, *, skip: Kind | None) -> list[str]:
    """What the running process found when it last looked after everything, or that none does."""
    look = await last_look(desk.store)
    if look.at is not None and request.at - look.at > UNSEEN:
        when = moment(request, look.at)
        return [request.say("No running Paperboy has looked after this since {when}.", when=when)]
    # Of backups and the store it is told above, whether a process runs or not.
    told_apart = (Kind.BACKUP, Kind.STORE, skip)
    timezone = request.channel.timezone
    return [sentence(request.say, each, timezone) for each in look.found if each.kind not in told_apart]


async def _backed_up(request: Request, desk: Desk) -> tuple[str, ...]:
    """When the last backup was made, for administrators; `troubles` tells of one that is late."""
    last = await last_backup(desk.store)
    if last.made is None:
        return () if last.error else (request.say("No backup was made yet."),)
    if not last.error and request.at - last.made > LATE:
        return ()
    return (request.say("The last backup is of {when}.", when=moment(request, last.made)),)


def _paused(request: Request) -> tuple[str, ...]:
    because = request.say.error(request.channel.paused_because)
    return (request.say("Paused: {because}", because=because),) if request.channel.paused and because else ()


async def _last(request: Request, desk: Desk) -> tuple[str, ...]:
    """What the last digest was, which may have been too empty to be posted."""
    runs = await desk.store.digest_runs(channel=request.channel.key)
    told = await desk.store.digest(request.channel.key, runs[0].local_date) if runs else None
    if told is None:
        return ()
    day = day_in_words(request, told.local_date)
    if not told.matches:
        return (
            request.say(
                "Last digest: {day}, {n} paper scanned and none matched.|"
                "Last digest: {day}, {n} papers scanned and none matched.",
                day=day,
                n=told.scanned,
            ),
        )
    papers = request.say.words.say.papers(len(told.matches))
    return (request.say("Last digest: {day}, {papers}.", day=day, papers=papers),)


def _unsent(say: Say, number: int) -> str:
    if not number:
        return say("Every message is delivered.")
    return say("{n} message is waiting to be delivered.|{n} messages are waiting to be delivered.", n=number)


def _spent(say: Say, usage: Usage) -> tuple[str, ...]:
    tokens = usage.prompt_tokens + usage.completion_tokens
    if not tokens:
        return ()
    cost = f", ${usage.cost:.2f}" if usage.cost else ""
    return (say("The model took {tokens} tokens today (UTC){cost}.", tokens=tokens, cost=cost),)


async def health(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The status in short, for administrators: what is late, what waits, what the model took."""
    say = request.say
    if await request.standing() is Who.MEMBERS:
        raise UserError(say("/health is for administrators; /status tells how this channel stands."))
    ledger = await _ledger(request, desk)
    newest = {row.category: row for row in ledger}
    late = [row for row in newest.values() if not row.state.is_final]
    checked = max((row.checked_at for row in ledger), default=None)
    unsent = await desk.store.outbox()
    trouble = await troubles(request, desk)
    lines = [
        *trouble,
        _fetched(request, checked),
        *(f"{row.category}: {_state(row, request.channel)}" for row in late),
        _unsent(say, len(unsent)),
        *_spent(say, await desk.store.usage(request.at.astimezone(UTC).date())),
        *await _backed_up(request, desk),
    ]
    heading = say("All is well")
    if late:
        heading = say("{n} category needs attention|{n} categories need attention", n=len(late))
    if trouble:
        heading = say("Paperboy needs attention")
    yield Document((Para((Bold(heading),)), bullets([[line] for line in lines])), summary=heading)


def _fetched(request: Request, checked: datetime | None) -> str:
    if checked is None:
        return request.say("Nothing was fetched yet.")
    return request.say("arXiv was last asked {when}.", when=moment(request, checked))


async def about(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """What this is, its licence and its source, as the AGPL asks of a service on a network."""
    from importlib.metadata import version

    say = request.say
    source: tuple[Span, ...] = (
        (Link(desk.source_url, desk.source_url),)
        if desk.source_url
        else say.spans("ask whoever runs this Paperboy.")
    )
    yield Document(
        (
            Para(
                (
                    Bold(f"Paperboy {version('paperboy-bot')}"),
                    Text(say(" reads arXiv for a team. ")),
                    # arXiv asks for these words: https://info.arxiv.org/help/api/tou.html
                    Text("Thank you to arXiv for use of its open access interoperability."),
                )
            ),
            Context(
                say.spans("Free software under the AGPL-3.0-or-later. Its source: {source}", source=source)
            ),
            Context(spans(say("More: "), Code("/help"))),
        ),
        summary="Paperboy",
    )


VERBS = (
    Verb(
        name="status",
        usage="",
        summary="What arrived, what is late and why, what is due.",
        examples=("/status",),
        answer=status,
        takes=nothing,
    ),
    Verb(
        name="health",
        usage="",
        summary="The status in short, for administrators.",
        examples=("/health",),
        answer=health,
        takes=nothing,
        hidden=True,
    ),
    Verb(
        name="about",
        usage="",
        summary="Version, licence, source.",
        examples=("/about",),
        answer=about,
        takes=nothing,
    ),
)
