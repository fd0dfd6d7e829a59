"""/restore, for buttons: subscriptions that were removed together, taken back one by one or all at once."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.commands.changes import changed, pressed_by
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
_OWNER = re.compile(r"of(?: (\S+))?")  # a line before those of one person's subscriptions
_TOLD = " told"  # behind what is wanted, where the channel was told of the removal


@dataclass(frozen=True, slots=True)
class Removed:
    """A subscription that was: the number it had, its query in one line, and the key of whose it was."""

    number: int
    query: str
    created_by: str


def removed(subscription: Subscription) -> Removed:
    query = " ".join(subscription.query.split())
    return Removed(subscription.number, query, subscription.created_by)


def undo_all(request: Request, gone: Sequence[Removed], *, told: bool) -> list[Button]:
    """Buttons that take removed subscriptions back, and keep the others' buttons when pressed.

    What is too long for one button is shared out among several, each for a part. Where the channel was
    `told` of the removal, it is told of its end too.
    """
    say, parts = request.say, _parts(gone)
    if len(gone) == 1:
        return [Button(say("Undo"), command=_command("all", part, told=told)) for part in parts]
    buttons = []
    for part in parts:
        if len(part) > 1:
            ends = f"{part[0].number}–#{part[-1].number}"
            label = say("Undo all") if len(parts) == 1 else say("Undo #{number}", number=ends)
            buttons.append(Button(label, command=_command("all", part, told=told)))
        if len(part) == 1 or len(parts) == 1:
            buttons += [
                Button(
                    say("Undo #{number}", number=str(each.number)),
                    command=_command(f"#{each.number}", part, told=told),
                )
                for each in part[:_SINGLE]
            ]
    return buttons


def _command(which: str, part: Sequence[Removed], *, told: bool = True) -> str:
    lines, owner = [f"{IN_PLACE} restore {which}{_TOLD if told else ''}"], None
    for each in part:
        if each.created_by != owner:
            owner = each.created_by
            lines.append(f"of {owner}".strip())
        lines.append(f"#{each.number} {each.query}")
    return "\n".join(lines)


def _read(request: Request) -> tuple[str, bool, list[Removed]]:
    """What is wanted of a command, whether the channel was told, and what was removed.

    Whose they were is believed of a button alone: whoever types it subscribes for themselves.
    """
    which, *lines = request.words.splitlines() or [""]
    gone, owner = [], request.user
    for line in map(str.strip, lines):
        if (named := _OWNER.fullmatch(line)) and request.pressed:
            owner = named[1] or ""
        elif found := _LINE.fullmatch(line):
            gone.append(Removed(int(found[1]), found[2], owner))
    wanted = which.strip()
    return wanted.removesuffix(_TOLD), wanted.endswith(_TOLD), gone


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
    which, told, gone = _read(request)
    wanted = [each for each in gone if which in ("all", f"#{each.number}")]
    if not wanted:
        raise UserError(say("There is nothing to take back; /subscribe vla would be a first."))
    before = await store.subscriptions(key)
    fresh = [each for each in wanted if _again(each, before) is None]
    if len(before) + len(fresh) > MOST:
        raise UserError(say("{n} subscriptions are as many as a channel can have; see /unsubscribe", n=MOST))
    for each in fresh:
        await store.add_subscription(key, each.query, by=each.created_by, at=request.at)
    now = await store.subscriptions(key)
    blocks: list[Block] = [named_in_list(request, gone, now=now), *(pressed_by(request) if fresh else ())]
    left = [each for each in gone if _again(each, now) is None]
    if left:
        blocks.append(actions(request.channel, *undo_all(request, left, told=told)))
    yield Document(tuple(blocks), summary=say("Taken back: {n}.", n=len(wanted)))
    if fresh:
        queries = "; ".join(shortened(each.query, _QUERY) for each in fresh[:8])
        sentence = say("{who} took back the removal of {queries}.", who=request.who, queries=queries)
        for reply in changed(request, sentence, for_all=told):
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
