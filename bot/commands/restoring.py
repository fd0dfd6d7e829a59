"""/restore, for buttons: subscriptions that were removed together, taken back one by one or all at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.commands.changes import changed
from bot.commands.request import IN_PLACE, Desk, Reply, Request, Verb, actions, always
from bot.commands.subscribing import MOST, same, shortened
from digest.channel import Subscription
from digest.document import Block, Bold, Button, Document, Span, bullets
from digest.errors import UserError

MOST_IN_COMMAND = 1_500  # characters; no button carries more
_SINGLE = 3  # with a button of their own
_SHOWN = 30  # in one message
_QUERY = 100  # characters of one in a list
_LINE = re.compile(r"#(\d{1,9})\s+(\S.*)")


@dataclass(frozen=True, slots=True)
class Removed:
    """A subscription that was: the number it had, and its query in one line."""

    number: int
    query: str


def removed(subscription: Subscription) -> Removed:
    return Removed(subscription.number, " ".join(subscription.query.split()))


def undo_all(request: Request, gone: Sequence[Removed]) -> list[Button]:
    """Buttons that take several removed subscriptions back, and keep the others' buttons when pressed.

    What is too long for one button is shared out among several, each for a part.
    """
    say, parts = request.say, _parts(gone)
    buttons = []
    for part in parts:
        if len(part) > 1:
            ends = f"{part[0].number}–#{part[-1].number}"
            label = say("Undo all") if len(parts) == 1 else say("Undo #{number}", number=ends)
            buttons.append(Button(label, command=_command("all", part)))
        if len(part) == 1 or len(parts) == 1:
            buttons += [
                Button(
                    say("Undo #{number}", number=str(each.number)), command=_command(f"#{each.number}", part)
                )
                for each in part[:_SINGLE]
            ]
    return buttons


def _command(which: str, part: Sequence[Removed]) -> str:
    return "\n".join((f"{IN_PLACE} restore {which}", *(f"#{each.number} {each.query}" for each in part)))


def _parts(gone: Sequence[Removed]) -> list[list[Removed]]:
    """The removed in runs that each fit a button; a query that fits none is left out."""
    parts: list[list[Removed]] = []
    for each in gone:
        if len(_command("#000000000", [each])) > MOST_IN_COMMAND:
            continue
        if parts and len(_command("#000000000", [*parts[-1], each])) <= MOST_IN_COMMAND:
            parts[-1].append(each)
        else:
            parts.append([each])
    return parts


def named_in_list(request: Request, gone: Sequence[Removed], *, now: Sequence[Subscription] = ()) -> Block:
    """Each of them with what became of it."""
    say = request.say
    rows: list[list[Span | str]] = []
    for each in gone[:_SHOWN]:
        again = _again(each, now)
        told = (
            say("Unsubscribed #{number}: ", number=str(each.number))
            if again is None
            else say("Subscribed, #{number}: ", number=str(again.number))
        )
        rows.append([Bold(told), shortened(each.query, _QUERY)])
    if len(gone) > _SHOWN:
        rows.append([say("and {n} more.", n=len(gone) - _SHOWN)])
    return bullets(rows)


def _again(gone: Removed, now: Sequence[Subscription]) -> Subscription | None:
    return next((each for each in now if same(each.query, gone.query)), None)


async def restore(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Take back `#3` or `all` of the removed subscriptions that the lines under it name."""
    say, store, key = request.say, desk.store, request.channel.key
    which, *lines = request.words.splitlines() or [""]
    found = (_LINE.fullmatch(line.strip()) for line in lines)
    gone = [Removed(int(line[1]), line[2]) for line in found if line]
    wanted = [each for each in gone if which.strip() in ("all", f"#{each.number}")]
    if not wanted:
        raise UserError(say("There is nothing to take back; /subscribe vla would be a first."))
    before = await store.subscriptions(key)
    fresh = [each for each in wanted if _again(each, before) is None]
    if len(before) + len(fresh) > MOST:
        raise UserError(say("{n} subscriptions are as many as a channel can have; see /unsubscribe", n=MOST))
    for each in fresh:
        await store.add_subscription(key, each.query, by=request.user, at=request.at)
    now = await store.subscriptions(key)
    blocks: list[Block] = [named_in_list(request, gone, now=now)]
    left = [each for each in gone if _again(each, now) is None]
    if left:
        blocks.append(actions(request.channel, *undo_all(request, left)))
    yield Document(tuple(blocks), summary=say("Taken back: {n}.", n=len(wanted)))
    if fresh:
        queries = "; ".join(shortened(each.query, _QUERY) for each in fresh[:8])
        for reply in changed(request, say("{who} subscribed to {query}.", who=request.who, query=queries)):
            yield reply


def _names_removed(words: str) -> bool:
    return any(_LINE.fullmatch(line.strip()) for line in words.splitlines()[1:])


VERBS = (
    Verb(
        name="restore",
        usage="all",
        summary="Take back subscriptions that were removed.",
        examples=("/restore all",),
        answer=restore,
        changes=always,
        takes=_names_removed,
        hidden=True,
    ),
)
