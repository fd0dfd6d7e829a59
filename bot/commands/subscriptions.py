"""/subscribe, /unsubscribe, /subscriptions."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence

from bot.commands.channel import next_digest
from bot.commands.request import Desk, Request, Verb, say
from bot.words import counted
from digest.channel import Channel, Subscription
from digest.document import Block, Bold, Bullets, Code, Document, Link, Span, bullets, context, para
from digest.errors import InvalidQuery, UserError
from digest.matching import and_form, canonical, in_words, matches, operator_hint, parse_query
from digest.model import Announcement, Match
from digest.readable import readable

PREVIEW_DAYS = 5
BROAD = 40  # hits a day; nobody reads more than that
_NAMED = 8  # subscriptions in one sentence


async def subscribe(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Add a query and show what it would have found."""
    if not request.words:
        raise UserError("Subscribe to what? For example: /subscribe vla, vision language action")
    query = parse_query(request.words)
    before = await desk.store.subscriptions(request.channel.key)
    twin = next((each for each in before if _same(each.query, request.words)), None)
    if twin is not None:
        yield say(f"You are subscribed to that already, as #{twin.number}: {twin.query}")
        return
    made = await desk.store.add_subscription(
        request.channel.key, request.words, by=request.user, at=request.at
    )
    days, announced = await recent(request.channel, desk, PREVIEW_DAYS)
    examples = await desk.daily.examples([request.words])
    found = await asyncio.to_thread(matches, [request.words], announced, papers=examples.get)
    yield Document(
        (
            para(Bold(f"Subscribed, #{made.number}: "), in_words(query), "."),
            *_preview(request.words, found, days),
            context("Undo: ", Code(f"/unsubscribe #{made.number}"), f" · {next_digest(request.channel)}"),
        ),
        summary=f"Subscribed, #{made.number}",
    )


def _same(one: str, other: str) -> bool:
    return canonical(parse_query(one)) == canonical(parse_query(other))


def _preview(text: str, found: Sequence[Match], days: int) -> tuple[Block, ...]:
    if not days:
        return (para("No announcements are stored yet, so there is no preview; the first digest will tell."),)
    span = "The last announcement day" if days == 1 else f"The last {days} announcement days"
    if not found:
        return (para(f"{span} had no such paper."), *_meant(text))
    shown = found[:3]
    blocks: list[Block] = [
        para(f"{span} had {counted(len(found), 'such paper')}{', the best:' if len(found) > 3 else ':'}")
    ]
    blocks.append(paper_list(shown))
    if len(found) / days > BROAD:
        blocks.append(
            para(
                f"That is {len(found) // days} papers a day: broad. Narrow it with AND, title: or cat:, "
                f"for example ",
                Code(f"/subscribe {text.split(',')[0].strip()} AND robot"),
            )
        )
    return tuple(blocks)


def _meant(text: str) -> tuple[Block, ...]:
    """What may have been meant by a query that finds nothing."""
    query = parse_query(text)
    hint = operator_hint(query)
    if hint is not None:
        return (para(hint),)
    looser = and_form(query)
    if looser is None:
        return ()
    return (
        para(
            "Words typed together are one phrase. To ask for all of them anywhere: ",
            Code(f"/subscribe {looser}"),
        ),
    )


def paper_list(found: Sequence[Match]) -> Bullets:
    """Titles with identifiers, linked."""
    papers = (match.announcement.paper for match in found)
    return bullets(
        [[readable(paper.title), " (", Link(paper.id.id, paper.id.abs_url), ")"] for paper in papers]
    )


async def recent(channel: Channel, desk: Desk, limit: int) -> tuple[int, tuple[Announcement, ...]]:
    """How many announcement days are stored (up to a limit) and what they announced for the channel."""
    days = await desk.store.days_with_announcements(limit=limit)
    announced = await desk.store.announcements(days, categories=channel.categories)
    return len(days), tuple(each for each in announced if each.type in channel.types)


async def unsubscribe(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Remove one subscription, or all of them when asked twice."""
    words = request.words.strip()
    mine = await desk.store.subscriptions(request.channel.key)
    if not mine:
        raise UserError("There is nothing to unsubscribe from; /subscribe vla would be a first.")
    elif not words:
        yield Document(
            (para("Which one? For example ", Code(f"/unsubscribe #{mine[0].number}")), _list(mine))
        )
    elif words.lower() == "all":
        whole = "the only subscription" if len(mine) == 1 else f"all {len(mine)} subscriptions"
        yield say(f"This removes {whole}. To go on: /unsubscribe all yes")
    elif words.lower() == "all yes":
        for each in mine:
            await desk.store.remove_subscription(request.channel.key, each.number)
        yield say(f"Removed {counted(len(mine), 'subscription')}; there are none left.")
    else:
        yield await _remove(request, desk, mine, words)


async def _remove(request: Request, desk: Desk, mine: Sequence[Subscription], words: str) -> Document:
    chosen = _chosen(mine, words)
    for each in chosen:
        await desk.store.remove_subscription(request.channel.key, each.number)
    return Document(
        tuple(
            block
            for each in chosen
            for block in (
                para(f"Unsubscribed #{each.number}: {each.query}"),
                context("Undo: ", Code(f"/subscribe {each.query}")),
            )
        ),
        summary="Unsubscribed " + ", ".join(f"#{each.number}" for each in chosen),
    )


def _chosen(mine: Sequence[Subscription], words: str) -> tuple[Subscription, ...]:
    """The subscriptions meant: by numbers (`#1, #2`, `1 2`) or by a query. Raises `UserError` for others."""
    unknown = words
    if re.fullmatch(r"(?:#?\s*\d{1,9}(?:\s*[,;]\s*|\s+|$))+", words):
        numbers = {int(each): None for each in re.findall(r"\d+", words)}
        by_number = {each.number: each for each in mine}
        if all(number in by_number for number in numbers):
            return tuple(by_number[number] for number in numbers)
        if len(numbers) > 1:
            unknown = ", ".join(f"#{number}" for number in numbers if number not in by_number)
    try:
        by_query = next((each for each in mine if _same(each.query, words)), None)
    except InvalidQuery:
        by_query = None
    if by_query is None:
        raise UserError(f"No subscription is “{unknown}”. There {_named(mine)}")
    return (by_query,)


def _named(mine: Sequence[Subscription]) -> str:
    """The subscriptions in a sentence, the first of them if there are many."""
    named = "; ".join(f"#{each.number} {each.query}" for each in mine[:_NAMED])
    more = f"; and {len(mine) - _NAMED} more, see /subscriptions" if len(mine) > _NAMED else ""
    return f"{'is' if len(mine) == 1 else 'are'} {named}{more}."


def _list(mine: Sequence[Subscription]) -> Bullets:
    return bullets([[Bold(f"#{each.number} "), each.query] for each in mine])


async def subscriptions(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """The channel's subscriptions with what each found lately."""
    mine = await desk.store.subscriptions(request.channel.key)
    if not mine:
        yield say("No subscriptions yet. For example: /subscribe vla, vision language action")
        return
    days, announced = await recent(request.channel, desk, PREVIEW_DAYS)
    rows: list[list[Span | str]] = []
    examples = await desk.daily.examples([each.query for each in mine])
    for each in mine:
        found = await asyncio.to_thread(matches, [each.query], announced, papers=examples.get)
        rows.append(
            [Bold(f"#{each.number} "), each.query, f"  · {counted(len(found), 'paper')}" if days else ""]
        )
    span = "announcement day" if days == 1 else f"{days} announcement days"
    note = f"Papers of the last {span}. " if days else ""
    yield Document(
        (
            para(Bold(counted(len(mine), "subscription"))),
            bullets(rows),
            context(note + next_digest(request.channel)),
        ),
        summary=counted(len(mine), "subscription"),
    )


VERBS = (
    Verb(
        name="subscribe",
        usage="<query>",
        summary="Follow papers whose title or abstract says this; shows what it would have found.",
        examples=(
            "/subscribe vla, vision language action",
            "/subscribe diffusion AND policy NOT survey",
            '/subscribe author:"Li Fei-Fei"',
            "/subscribe title:benchmark AND cat:cs.RO",
        ),
        answer=subscribe,
        aliases=("sub",),
    ),
    Verb(
        name="unsubscribe",
        usage="[#n, #m … | query | all]",
        summary="Stop following.",
        examples=("/unsubscribe #2", "/unsubscribe traffic prediction", "/unsubscribe all"),
        answer=unsubscribe,
        aliases=("unsub",),
    ),
    Verb(
        name="subscriptions",
        usage="",
        summary="What this channel follows, with recent hits.",
        examples=("/subscriptions",),
        answer=subscriptions,
        aliases=("subs",),
    ),
)
