"""`/digest now`: today's digest made at once, or what became of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

from bot.commands.changes import dates_made, pressed_by
from bot.commands.request import Desk, Reply, Request, actions, note
from bot.commands.times import how_to_begin, promised, today
from bot.values import zone
from digest.channel import DeliveryState, DigestState
from digest.document import Button, Context, Document, spans


async def now(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    yield await _begun(request, desk)


async def _begun(request: Request, desk: Desk) -> Document | Reply:
    say, channel = request.say, request.channel
    if not await desk.store.subscriptions(channel.key):
        return note(how_to_begin(request))
    if channel.paused:
        return note(
            say("The digest is paused."), actions(channel, Button(say("Resume"), command="digest resume"))
        )
    if await _waits_for_news(request, desk):
        told = say("Nothing new matches yet; what is announced until then is in today's digest.")
        return note(told, Context(spans(await promised(request, desk))))
    if await desk.start_digest(channel, today(request)):
        making = note(
            say("Making today's digest; it follows when the papers are read."), *pressed_by(request)
        )
        return Reply(document=making, begins=True)
    return await _begun_before(request, desk)


async def _waits_for_news(request: Request, desk: Desk) -> bool:
    """Whether today's digest is still to come and, made now, would be used up for nothing."""
    channel, due = request.channel, request.channel.next_run_at
    if due is None or due <= request.at or not await dates_made(request, desk):
        return False
    is_todays = due.astimezone(zone(channel.timezone)).date() == today(request)
    return is_todays and not await desk.daily.found(channel)


async def _begun_before(request: Request, desk: Desk) -> Document:
    """What became of today's digest, which was begun before."""
    say, channel, day = request.say, request.channel, today(request)
    told = await desk.store.digest(channel.key, day)
    if told is None:
        return note(say("Today's digest is being made already; it follows when the papers are read."))
    opening = await desk.store.delivery(f"{channel.key}/{day}/digest")
    if opening is None:  # it was empty where nobody wants a word of that
        return note(
            say(
                "Today's digest was made: {n} paper scanned and none matched. What comes late is told.|"
                "Today's digest was made: {n} papers scanned and none matched. What comes late is told.",
                n=told.scanned,
            )
        )
    again = actions(channel, Button(say("Show it again"), command="digest last"))
    match opening.state:
        case DeliveryState.SENT:
            return note(await _out_already(request, desk), again)
        case DeliveryState.DEAD:
            return note(say("Today's digest was made and could not be posted."), again)
    return note(say("Today's digest is made and on its way."))


async def _out_already(request: Request, desk: Desk) -> str:
    say, channel, day = request.say, request.channel, today(request)
    runs = await desk.store.digest_runs(channel=channel.key)
    if any(run.local_date == day and run.state is DigestState.OPEN for run in runs):
        return say("Today's digest is out already; papers that come late are added to it.")
    waiting = len(await desk.daily.found(channel))
    if not waiting:
        return say("Today's digest is out already.")
    return say(
        "Today's digest is out already; {n} paper since waits for the next one.|"
        "Today's digest is out already; {n} papers since wait for the next one.",
        n=waiting,
    )
