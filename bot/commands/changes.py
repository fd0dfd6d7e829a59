"""What a change of a channel leaves behind: a line in the log, and one in the channel where it wants that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import structlog

from bot.commands.request import Audience, Desk, Reply, Request, note
from digest.channel import Channel
from digest.document import Block, Context

log = structlog.get_logger(__name__)


async def change_channel(request: Request, desk: Desk, change: Callable[[Channel], Channel]) -> Channel:
    """The channel after a change of what it is now, not of what it was when the command was given."""
    return await desk.store.change_channel(request.channel.key, change) or change(request.channel)


async def dates_made(request: Request, desk: Desk) -> frozenset[date]:
    """The local dates whose digest the channel has had."""
    return frozenset(run.local_date for run in await desk.store.digest_runs(channel=request.channel.key))


def changed(
    request: Request, sentence: str, *, channel: Channel | None = None, for_all: bool = False
) -> tuple[Reply, ...]:
    """Log what somebody changed, and the word of it to the channel: "Ada set the time to 08:30.".

    What is `for_all` is told whether the channel wants to hear of changes or not.
    """
    channel = channel or request.channel
    # Whoever sits at a terminal has just read the answer.
    tell = log.debug if channel.platform == "console" else log.info
    tell("changed", channel=channel.key, by=request.user, what=sentence)
    # In Telegram's groups everybody has just read the answer itself; on Slack its caller alone has.
    if channel.private or channel.platform != "slack" or not (for_all or channel.announces_changes):
        return ()
    return (Reply(document=note(sentence), to=Audience.CHANNEL),)


def pressed_by(request: Request) -> tuple[Block, ...]:
    """Who pressed the button, for an answer that all read where none of them saw the press."""
    channel = request.channel
    if not request.pressed or channel.private or channel.platform != "telegram":
        return ()
    return (Context(request.say.spans("Pressed by {who}.", who=request.who)),)
