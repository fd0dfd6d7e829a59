"""/digest and /more: the daily digest, its times and its rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from bot.commands.channel import change, next_digest, status
from bot.commands.request import Desk, Request, Verb, say
from bot.commands.subscriptions import paper_list
from bot.values import zone
from bot.words import counted
from digest.channel import DigestRun
from digest.compose import more as titles_beyond
from digest.document import Bold, Code, Document, context, para
from digest.errors import UserError
from digest.model import Match


async def digest(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Today's digest now, a look ahead, the last one again, or its settings."""
    word, _, rest = request.words.partition(" ")
    match word.lower():
        case "" | "now":
            yield await _now(request, desk)
        case "preview":
            yield await _preview(request, desk)
        case "last":
            async for document in _last(request, desk):
                yield document
        case "status":
            async for document in status(request, desk):
                yield document
        case "pause" | "resume" as verb:
            yield await (_pause if verb == "pause" else _resume)(request, desk)
        case "time" | "days" | "mode" | "cap" as name:
            yield await change(request, desk, name, rest)
        case other:
            raise UserError(
                f"“{other}” is nothing /digest can do; try /digest now, preview, last, status, pause, "
                "resume, time 08:30, days mon-fri or mode compact."
            )


async def _now(request: Request, desk: Desk) -> Document:
    today = request.at.astimezone(zone(request.channel.timezone)).date()
    if not await desk.store.subscriptions(request.channel.key):
        return say("There is nothing to look for yet. Start with: /subscribe vla, vision language action")
    if await desk.start_digest(request.channel, today):
        return say("Making today's digest; it follows when the papers are read.")
    return say(
        "Today's digest is out already: /digest last shows it again. Papers that come late are added to it."
    )


async def _preview(request: Request, desk: Desk) -> Document:
    found = await desk.daily.found(request.channel)
    if not found:
        return Document((para("Nothing matches yet."), context(next_digest(request.channel))))
    return Document(
        (
            para(Bold(f"{counted(len(found), 'paper')} would be in the next digest:")),
            paper_list(found[:20]),
            context(_rest(found[20:]) + next_digest(request.channel)),
        ),
        summary=f"{counted(len(found), 'paper')} would be in the next digest",
    )


def _rest(more: tuple[Match, ...]) -> str:
    return f"and {len(more)} more. " if more else ""


async def _last(request: Request, desk: Desk) -> AsyncIterator[Document]:
    run = await _newest(request, desk)
    if run is None:
        yield Document((para("There was no digest yet."), context(next_digest(request.channel))))
        return
    prefix = f"{run.channel}/{run.local_date}/"
    for delivery in await desk.store.outbox(channel=run.channel, unsent=False):
        if delivery.key.startswith(prefix):
            yield delivery.document


async def _newest(request: Request, desk: Desk) -> DigestRun | None:
    runs = await desk.store.digest_runs(channel=request.channel.key)
    return runs[0] if runs else None


async def _pause(request: Request, desk: Desk) -> Document:
    await desk.store.save_channel(replace(request.channel, paused=True, paused_because=f"by {request.user}"))
    return Document((para("Paused: no digests until ", Code("/digest resume"), "."),), summary="Paused")


async def _resume(request: Request, desk: Desk) -> Document:
    if not request.channel.paused:
        return say("The digest is not paused.")
    channel = replace(request.channel, paused=False, paused_because="")
    await desk.store.save_channel(channel)
    await desk.daily.skip_to_today(channel)
    return Document((para("Resumed. ", next_digest(channel)),), summary="Resumed")


async def more(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The matches of the last digest that were beyond its cap."""
    run = await _newest(request, desk)
    digest = await desk.store.digest(run.channel, run.local_date) if run else None
    if digest is None or not digest.more:
        yield say("The last digest named all its papers; there is no more.")
        return
    yield titles_beyond(digest)


VERBS = (
    Verb(
        name="digest",
        usage="[now | preview | last | status | pause | resume | time | days | mode | cap]",
        summary="Today's digest now; a look ahead; the last one again; or its settings.",
        examples=(
            "/digest now",
            "/digest preview",
            "/digest time 08:30",
            "/digest days mon,wed,fri",
            "/digest pause",
        ),
        answer=digest,
    ),
    Verb(
        name="more",
        usage="",
        summary="The papers of the last digest beyond its cap.",
        examples=("/more",),
        answer=more,
    ),
)
