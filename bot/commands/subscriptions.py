"""/subscriptions and /unsubscribe: the channel's queries, what each found lately, and their end."""

from __future__ import annotations

import asyncio
import re
import unicodedata
from collections.abc import AsyncIterator, Iterator, Sequence

from bot.commands.changes import changed, pressed_by
from bot.commands.request import IN_PLACE, Desk, Reply, Request, Verb, actions, note
from bot.commands.restoring import named_in_list, removed, undo_all
from bot.commands.subscribing import MOST, PREVIEW_DAYS, by_type, per_day, recent, same, shortened
from bot.commands.times import next_digest
from digest.channel import Subscription
from digest.document import Block, Bold, Button, Code, Context, Document, Para, Span, bullets, spans
from digest.errors import InvalidQuery, UserError
from digest.matching import found_by_each

PAGE = 8  # subscriptions in one message, with a button each
_NAMED = 8  # in one sentence
_RANGE = re.compile(r"(?<!\S)#\s*(\d{1,9})\s*(?:-|–|—|to|到|至)\s*#?\s*(\d{1,9})(?=$|[\s,，、;；])")
_QUERY = 200  # characters of one in a list


async def subscriptions(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The channel's subscriptions with what each found lately."""
    words, page = paged(request.words)
    mine = everyones = await desk.store.subscriptions(request.channel.key)
    if words.lower() == "mine":
        mine = tuple(each for each in everyones if each.created_by == request.user)
    elif words and words.lower() != "channel":
        raise UserError(request.say("/subscriptions takes no words but mine, such as /subscriptions mine"))
    if everyones and not mine:
        yield note(
            request.say(
                "The only one here is somebody else's.|"
                "None of the {n} here are yours; /subscriptions lists them.",
                n=len(everyones),
            )
        )
        return
    if not mine:
        yield note(request.say("No subscriptions yet. For example: /subscribe vla, vision language action"))
        return
    yield await _listed(request, desk, mine, page)


def paged(words: str) -> tuple[str, int]:
    """The words without the `page 2` at their end, and the page, from 1; 0 where none is named."""
    found = re.fullmatch(r"(.*?)\s*\bpage (\d{1,4})", words.strip(), flags=re.DOTALL)
    return (found[1], int(found[2])) if found else (words.strip(), 0)


def pages(request: Request, command: str, page: int, number: int) -> list[Button]:
    """Buttons to the pages before and after, where there are any; `number` things are listed."""
    last = max(1, -(-number // PAGE))
    turns = []
    if page > 1:
        turns.append(Button(request.say("‹ Back"), command=f"{IN_PLACE} {command} page {page - 1}"))
    if page < last:
        turns.append(Button(request.say("More ›"), command=f"{IN_PLACE} {command} page {page + 1}"))
    return turns


async def _listed(
    request: Request, desk: Desk, mine: Sequence[Subscription], page: int, *before: Block
) -> Document:
    """One page of subscriptions with their hits, and a button to remove each."""
    say = request.say
    page = min(max(page, 1), -(-len(mine) // PAGE))
    shown = mine[(page - 1) * PAGE : page * PAGE]
    days, hits = await _hits(request, desk, shown)
    rows: list[list[Span | str]] = [
        [Bold(f"#{each.number} "), shortened(each.query, _QUERY), f" · {hit}" if hit else ""]
        for each, hit in zip(shown, hits, strict=True)
    ]
    heading = say("{n} subscription|{n} subscriptions", n=len(mine))
    span = say("Hits of the last announcement day. |Hits of the last {n} announcement days. ", n=days)
    return Document(
        (
            *before,
            Para((Bold(heading),)),
            bullets(rows),
            Context(spans((span if days else "") + next_digest(request))),
            *_remove_buttons(request, shown, page, len(mine)),
        ),
        summary=heading,
    )


async def _hits(request: Request, desk: Desk, shown: Sequence[Subscription]) -> tuple[int, list[str]]:
    """How many days are stored, and what each subscription found on them."""
    days, announced = await recent(request.channel, desk, PREVIEW_DAYS)
    if not days:
        return 0, ["" for _ in shown]
    queries = [each.query for each in shown]
    examples = await desk.daily.examples(queries)
    found = await asyncio.to_thread(found_by_each, queries, announced, papers=examples.get)
    said = []
    for each in found:
        daily = request.say(" ({rate} a day)", rate=per_day(len(each) / days)) if each and days > 1 else ""
        said.append(by_type(request, each) + daily)
    return days, said


def _remove_buttons(
    request: Request, shown: Sequence[Subscription], page: int, number: int
) -> tuple[Block, ...]:
    say = request.say
    if request.channel.platform == "console":
        return (
            Context(say.spans("To remove one: {command}", command=Code(f"/unsubscribe #{shown[0].number}"))),
        )
    remove = [
        Button(
            say("Remove #{number}", number=str(each.number)),
            command=f"{IN_PLACE} unsubscribe #{each.number} page {page}",
        )
        for each in shown
    ]
    return (actions(request.channel, *remove, *pages(request, "subscriptions", page, number)),)


async def unsubscribe(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Remove subscriptions: by number, by query, or all of them when asked twice."""
    say = request.say
    mine = await desk.store.subscriptions(request.channel.key)
    words, page = paged(request.words)
    if page and any(same(each.query, request.words) for each in mine):
        words, page = request.words.strip(), 0
    gone = _removed_before(request, mine, words)
    if gone:
        told = say("#{number} is removed already.", number=gone)
        yield await _listed(request, desk, mine, page, Para(spans(told))) if page and mine else note(told)
        return
    if not mine:
        raise UserError(say("There is nothing to unsubscribe from; /subscribe vla would be a first."))
    if not words:
        yield await _listed(request, desk, mine, page)
        return
    if words.lower() == "all":
        yield _confirmation(request, len(mine))
        return
    chosen = mine if words.lower() == "all yes" else _chosen(request, mine, words)
    for each in chosen:
        await desk.store.remove_subscription(request.channel.key, each.number)
    yield await _removed(request, desk, chosen, page)
    named = "; ".join(shortened(each.query) for each in chosen[:_NAMED])
    sentence = say("{who} unsubscribed from {queries}.", who=request.who, queries=named)
    for reply in changed(request, sentence, for_all=_anothers(request, chosen)):
        yield reply


def _anothers(request: Request, chosen: Sequence[Subscription]) -> bool:
    """Whether somebody else subscribed to one of them: the channel is told of its end."""
    return any(each.created_by != request.user for each in chosen)


def _removed_before(request: Request, mine: Sequence[Subscription], words: str) -> str:
    """The number that a button is to remove where it is gone: the button was pressed twice, or late."""
    found = re.fullmatch(r"#(\d{1,9})", words)
    if found is None or not request.pressed or any(each.number == int(found[1]) for each in mine):
        return ""
    return found[1]


def _confirmation(request: Request, number: int) -> Document:
    say = request.say
    return note(
        say("This removes the only subscription.|This removes all {n} subscriptions.", n=number),
        actions(
            request.channel,
            Button(say("Remove all"), command=f"{IN_PLACE} unsubscribe all yes"),
            Button(say("Keep them"), command=f"{IN_PLACE} subscriptions"),
        ),
    )


def _gone(request: Request, chosen: Sequence[Subscription]) -> Iterator[Block]:
    """Each query that is gone, and buttons to have it back."""
    say, were = request.say, [removed(each) for each in chosen]
    console = request.channel.platform == "console"
    if len(chosen) > 1 and not console:
        yield named_in_list(request, were)
    else:
        for each in chosen:
            told = say("Unsubscribed #{number}: ", number=str(each.number))
            yield Para(spans(told, shortened(each.query)))
    if console:  # whoever sits there types it
        undo = [
            Button(
                say("Undo") if len(chosen) == 1 else say("Undo #{number}", number=str(each.number)),
                command=f"subscribe {each.query}",
            )
            for each in chosen
        ]
    else:
        undo = undo_all(request, were, told=_anothers(request, chosen))
    yield from pressed_by(request)
    if undo:
        yield actions(request.channel, *undo)


async def _removed(request: Request, desk: Desk, chosen: Sequence[Subscription], page: int) -> Document:
    """What is gone and how to have it back; then, where it was removed from a list, the rest of that."""
    say = request.say
    gone = list(_gone(request, chosen))
    left = await desk.store.subscriptions(request.channel.key)
    if not left:
        gone.append(Context(say.spans("There are no subscriptions left.")))
    summary = say("Unsubscribed #{number}: ", number=str(chosen[0].number)) + shortened(chosen[0].query)
    if page and left:
        return await _listed(request, desk, left, page, *gone)
    return Document(tuple(gone), summary=summary)


def _chosen(request: Request, mine: Sequence[Subscription], words: str) -> tuple[Subscription, ...]:
    """The subscriptions meant: by numbers (`#1, #2`, `1 2`) or by a query. Raises `UserError` for others."""
    unknown = words
    listed = _RANGE.sub(_spelled_out, unicodedata.normalize("NFKC", words))
    if re.fullmatch(r"(?:#?\s*\d{1,30}(?:\s*[,、;]\s*|\s+|$))+", listed):
        numbers = {int(each): None for each in re.findall(r"\d+", listed)}
        by_number = {each.number: each for each in mine}
        if all(number in by_number for number in numbers):
            return tuple(by_number[number] for number in numbers)
        if len(numbers) > 1:
            unknown = ", ".join(f"#{number}" for number in numbers if number not in by_number)
    try:
        # What begins with a # is a number and nothing else.
        by_query = (
            None if listed.startswith("#") else next((each for each in mine if same(each.query, words)), None)
        )
    except InvalidQuery:
        by_query = None
    if by_query is None:
        raise UserError(_no_such(request, mine, unknown))
    return (by_query,)


def _spelled_out(found: re.Match[str]) -> str:
    """The numbers of `#1-#3`, one by one; what is no range of subscriptions stays as it is."""
    first, last = int(found[1]), int(found[2])
    if not first <= last < first + MOST:
        return found[0]
    return ", ".join(f"#{number}" for number in range(first, last + 1))


def _no_such(request: Request, mine: Sequence[Subscription], unknown: str) -> str:
    """That there is no such subscription, and which there are."""
    say = request.say
    named = "; ".join(f"#{each.number} {shortened(each.query, 60)}" for each in mine[:_NAMED])
    rest = len(mine) - _NAMED
    more = say("; and {n} more, see /subscriptions", n=rest) if rest > 0 else ""
    there = say("There is {named}.|There are {named}.", n=len(mine), named=named + more)
    return say(
        "Nothing was removed: no subscription is “{what}”. {there}", what=shortened(unknown, 60), there=there
    )


def _takes_list(words: str) -> bool:
    return paged(words)[0].lower() in ("", "mine", "channel")


VERBS = (
    Verb(
        name="unsubscribe",
        usage="[#n, #m … | query | all]",
        summary="Stop following; without words, a list to choose from.",
        examples=("/unsubscribe #2", "/unsubscribe traffic prediction", "/unsubscribe all"),
        answer=unsubscribe,
        aliases=("unsub",),
        changes=lambda words: bool(paged(words)[0]),
    ),
    Verb(
        name="subscriptions",
        usage="[mine]",
        summary="What this channel follows, with recent hits.",
        examples=("/subscriptions",),
        answer=subscriptions,
        aliases=("subs",),
        takes=_takes_list,
    ),
)
