"""/subscribe: a query, read back in words, with what it would have found lately."""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

from bot.commands.changes import changed, dates_made, pressed_by
from bot.commands.narrowing import Wanted, narrowed, wanted
from bot.commands.no_query import check_examples, check_words
from bot.commands.request import IN_PLACE, Desk, Reply, Request, Verb, actions, always, note
from bot.commands.times import next_digest, today
from bot.locale.queries import in_words
from digest.channel import Channel, Subscription
from digest.document import Block, Bold, Bullets, Button, Code, Context, Document, Link, Para, bullets, spans
from digest.errors import UserError
from digest.matching import Query, TermKind, and_form, canonical, matches, operator_hint, parse_query
from digest.model import Announcement, AnnounceType, Match
from digest.readable import readable

PREVIEW_DAYS = 5
BROAD = 40  # hits a day; nobody reads more than that
MANY = 15  # hits a day; of more than the cap some are not analysed
MOST = 300  # subscriptions of one channel
_BEST = 3
_LONG = 300  # characters of a query in a sentence
_LONG_COMMAND = 1_500  # no button carries more


async def subscribe(request: Request, desk: Desk) -> AsyncIterator[Document | Reply]:
    """Add a query and show what it would have found."""
    say = request.say
    if not request.words:
        raise UserError(say("Subscribe to what? For example: /subscribe vla, vision language action"))
    check_words(request)
    asked = wanted(request.words, say)
    await check_examples(request, desk, asked)
    before = await desk.store.subscriptions(request.channel.key)
    twin = next((each for each in before if same(each.query, asked.text)), None)
    if twin is not None and twin.number != asked.instead:
        yield note(
            say(
                "You are subscribed to that already, as #{number}: {query}",
                number=str(twin.number),
                query=shortened(twin.query),
            )
        )
        return
    if len(before) >= MOST:
        raise UserError(say("{n} subscriptions are as many as a channel can have; see /unsubscribe", n=MOST))
    made, replaced = await _added(request, desk, asked, before)
    trial = await _tried(request.channel, desk, asked)
    yield Document(
        (
            Para(
                spans(
                    Bold(say("Subscribed, #{number}: ", number=str(made.number))),
                    shortened(in_words(asked.query, say)),
                )
            ),
            *_preview(request, trial),
            *_elsewhere(request, trial),
            Context(spans(await _first_or_next(request, desk, made, only=not before))),
            *pressed_by(request),
            actions(request.channel, *await _next_steps(request, desk, trial, made, replaced)),
        ),
        summary=say("Subscribed, #{number}: ", number=str(made.number)) + shortened(made.query),
    )
    for each in changed(
        request, say("{who} subscribed to {query}.", who=request.who, query=shortened(made.query))
    ):
        yield each


async def _added(
    request: Request, desk: Desk, asked: Wanted, before: Sequence[Subscription]
) -> tuple[Subscription, Subscription | None]:
    """The new subscription and the one whose place it took, which may be what it is wanted instead of."""
    store, key = desk.store, request.channel.key
    replaced = next((each for each in before if each.number == asked.instead), None)
    if replaced is not None:
        await store.remove_subscription(key, replaced.number)
    made = await store.add_subscription(key, asked.text, by=request.user, at=request.at)
    if made.query != asked.text and not same(made.query, asked.text):
        # The store knows them apart by their letters alone, whatever the case: "a and b" is not "a AND b".
        replaced = made
        await store.remove_subscription(key, made.number)
        made = await store.add_subscription(key, asked.text, by=request.user, at=request.at)
    return made, replaced


def same(one: str, other: str) -> bool:
    """Whether two queries ask for the same."""
    return canonical(parse_query(one)) == canonical(parse_query(other))


def shortened(text: str, limit: int = _LONG) -> str:
    """A query as it stands in a sentence."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trial:
    """What a query would have found on some announcement days; `titles` of it by the title alone."""

    asked: Wanted
    days: int
    found: tuple[Match, ...]
    titles: int

    @property
    def a_day(self) -> float:
        return len(self.found) / self.days if self.days else 0.0

    @property
    def is_broad(self) -> bool:
        return self.a_day > BROAD

    @property
    def is_narrower(self) -> bool:
        """Whether the titles alone would be a good deal less."""
        return self.is_broad and 0 < self.titles <= len(self.found) * 0.8

    @property
    def in_titles(self) -> str:
        return narrowed(self.asked.query, field="title")


async def _tried(channel: Channel, desk: Desk, asked: Wanted) -> _Trial:
    days, announced = await recent(channel, desk, PREVIEW_DAYS)
    examples = await desk.daily.examples([asked.text])
    found = await asyncio.to_thread(matches, [asked.query], announced, papers=examples.get)
    trial = _Trial(asked=asked, days=days, found=found, titles=0)
    if not trial.is_broad:
        return trial
    kept = [match.announcement for match in found]
    titled = await asyncio.to_thread(matches, [trial.in_titles], kept, papers=examples.get)
    return _Trial(asked=asked, days=days, found=found, titles=len(titled))


async def recent(channel: Channel, desk: Desk, limit: int) -> tuple[int, tuple[Announcement, ...]]:
    """How many announcement days are stored (up to a limit) and what they announced for the channel.

    A paper that was announced on several days is there once, as the strongest of them.
    """
    days = await desk.store.days_with_announcements(limit=limit)
    announced = await desk.store.announcements(days, categories=channel.categories)
    wanted = sorted((each for each in announced if each.type in channel.types), key=lambda each: each.day)
    papers: dict[str, Announcement] = {}
    for each in wanted:
        seen = papers.get(each.paper.id.id)
        if seen is None or each.type.strength <= seen.type.strength:
            papers[each.paper.id.id] = each
    return len(days), tuple(papers.values())


def _preview(request: Request, trial: _Trial) -> tuple[Block, ...]:
    say = request.say
    if not trial.days:
        return (
            Para(
                say.spans(
                    "No announcements are stored yet, so there is no preview; the first digest will tell."
                )
            ),
        )
    span = say("The last announcement day|The last {n} announcement days", n=trial.days)
    if not trial.found:
        return (
            Para(say.spans("{span} had no such paper.", span=span)),
            *_meant(request, trial),
        )
    sentence = say(
        "{span} had {papers}", span=span, papers=say("one such paper|{n} such papers", n=len(trial.found))
    )
    more = say(", the best:") if len(trial.found) > _BEST else say(":")
    blocks: list[Block] = [
        Para(spans(f"{sentence}{rate(request, trial)}{more}")),
        paper_list(trial.found[:_BEST]),
    ]
    if trial.is_broad:
        blocks.append(Para(spans(_broad(request, trial))))
    if trial.a_day >= MANY and trial.a_day > request.channel.cap:
        blocks.append(
            Para(
                say.spans(
                    "A digest analyses {n} paper; of the others it gives the titles.|A digest analyses {n} "
                    "papers; of the others it gives the titles.",
                    n=request.channel.cap,
                )
            )
        )
    return tuple(blocks)


def _elsewhere(request: Request, trial: _Trial) -> tuple[Block, ...]:
    """That the channel does not get a category that the query wants, and how it would."""
    unwatched = _unwatched(request.channel, trial)
    if not unwatched:
        return ()
    return (
        Para(
            request.say.spans(
                "This channel does not watch {categories}: {command}",
                categories=", ".join(unwatched),
                command=Code(f"/{_watching(request.channel, unwatched)}"),
            )
        ),
    )


def _watching(channel: Channel, unwatched: Sequence[str]) -> str:
    return f"settings categories {', '.join((*channel.categories, *unwatched))}"


def rate(request: Request, trial: _Trial) -> str:
    """ " (1.4 a day)", where there are days to divide by."""
    return request.say(" ({rate} a day)", rate=per_day(trial.a_day)) if trial.days > 1 else ""


def per_day(number: float) -> str:
    """A rate as people say it: "48", "1.4"."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")


def _broad(request: Request, trial: _Trial) -> str:
    say = request.say
    text = say("That is {rate} papers a day: broad.", rate=per_day(trial.a_day))
    if trial.is_narrower:
        text += say(" In titles alone it would be {rate} a day.", rate=per_day(trial.titles / trial.days))
    return text + say(" AND, NOT, title: and cat: narrow a query.")


def _meant(request: Request, trial: _Trial) -> tuple[Block, ...]:
    """What may have been meant by a query that finds nothing."""
    say, query = request.say, trial.asked.query
    hint = _operators(query)
    if hint is not None:
        operators, other = hint
        return (
            Para(
                say.spans(
                    "Did you mean {operators} in capitals? {query}", operators=operators, query=Code(other)
                )
            ),
        )
    looser = and_form(query)
    if looser is None or _unwatched(request.channel, trial):
        return ()
    return (
        Para(
            say.spans(
                "Words typed together are one phrase. To ask for all of them anywhere: {command}",
                command=Code(f"/subscribe {looser}"),
            )
        ),
    )


def _operators(query: Query) -> tuple[str, str] | None:
    """The operators that may have been meant by `and`, `or`, `not`, and the query with them in capitals."""
    hint = operator_hint(query)
    found = re.fullmatch(r"Did you mean (.+?) in capitals\? (.+)", hint or "", flags=re.DOTALL)
    return (found[1], found[2]) if found else None


def _unwatched(channel: Channel, trial: _Trial) -> tuple[str, ...]:
    """The categories that the query wants and the channel does not get."""
    terms = (term for clause in trial.asked.query.clauses for term in clause.required)
    named = dict.fromkeys(term.inner for term in terms if term.kind is TermKind.CATEGORY)
    return tuple(each for each in named if "." in each and each not in channel.categories)


async def _first_or_next(request: Request, desk: Desk, made: Subscription, *, only: bool) -> str:
    say, due = request.say, request.channel.next_run_at
    if not only or due is None or due <= request.at:
        return next_digest(request)
    # Numbers are never used again, so that a first one had none before it.
    if made.number == 1 and not await dates_made(request, desk):
        return say("That is the first subscription here. ") + next_digest(request)
    return say("That is the only subscription here. ") + next_digest(request)


async def _next_steps(
    request: Request, desk: Desk, trial: _Trial, made: Subscription, replaced: Subscription | None
) -> list[Button]:
    say, unwatched = request.say, _unwatched(request.channel, trial)
    steps = [
        Button(say("Undo"), command=f"{IN_PLACE} unsubscribe #{made.number}")
        if replaced is None
        else _instead(say("Undo"), replaced.query, made)
    ]
    if trial.days and not trial.found:
        steps += _other_queries(request, trial, made)
    if unwatched:
        label = say("Watch {categories}", categories=", ".join(unwatched[:3]))
        steps.append(Button(label, command=_watching(request.channel, unwatched)))
    if trial.is_narrower:
        steps.append(_instead(say("Titles only"), trial.in_titles, made))
    if not request.channel.paused and today(request) not in await dates_made(request, desk):
        steps.append(Button(say("Digest now"), command="digest now"))
    return [each for each in steps if len(each.command) <= _LONG_COMMAND]


def _other_queries(request: Request, trial: _Trial, made: Subscription) -> list[Button]:
    """What may have been meant by a query that finds nothing, as buttons."""
    say, query = request.say, trial.asked.query
    hint = _operators(query)
    if hint is not None:
        return [_instead(shortened(hint[1], 40), hint[1], made)]
    looser = None if _unwatched(request.channel, trial) else and_form(query)
    return [_instead(say("All words anywhere"), looser, made)] if looser else []


def _instead(label: str, query: str, made: Subscription) -> Button:
    return Button(label, command=f"{IN_PLACE} subscribe {query} instead:#{made.number}")


def paper_list(found: Sequence[Match]) -> Bullets:
    """Titles with identifiers, linked."""
    papers = (match.announcement.paper for match in found)
    return bullets(
        [[readable(paper.title), " (", Link(paper.id.id, paper.id.abs_url), ")"] for paper in papers]
    )


def by_type(request: Request, found: Sequence[Announcement]) -> str:
    """ "7 papers: 4 new, 3 cross-listed"."""
    words = request.say.words
    types = Counter(each.type for each in found)
    revised = types[AnnounceType.REPLACE] + types[AnnounceType.REPLACE_CROSS]
    parts = [
        plural(number)
        for number, plural in (
            (types[AnnounceType.NEW], words.say.new),
            (types[AnnounceType.CROSS], words.say.cross),
            (revised, words.say.revised),
        )
        if number
    ]
    total = words.say.papers(len(found)) if found else words.say.no_papers
    return total + (words.colon + words.comma.join(parts) if parts else "")


VERBS = (
    Verb(
        name="subscribe",
        usage="<query> [in:cs.RO,cs.CV] [where:title]",
        summary="Follow papers whose title or abstract says this; shows what it would have found.",
        examples=(
            "/subscribe vla, vision language action",
            "/subscribe diffusion AND policy NOT survey",
            '/subscribe author:"Li Fei-Fei"',
            "/subscribe world model in:cs.RO where:title",
        ),
        answer=subscribe,
        aliases=("sub",),
        changes=always,
    ),
)
