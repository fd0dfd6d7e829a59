"""/explain and /ask: one paper on demand."""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from bot.awaited import Awaited, moment, remember
from bot.commands.naming import (
    at_hand,
    first_word,
    is_meant_for_paper,
    may_be_number,
    named,
    names_paper,
    number_first,
    numbered,
    remember_paper,
)
from bot.commands.request import Audience, Desk, Reply, Request, Verb, note
from bot.commands.subscribing import shortened
from bot.values import parse_language
from digest.analysis.budget import Rung
from digest.compose import answered, explanation, explanation_in_thread
from digest.conversation import AnswerKind
from digest.document import Bold, Code, Document, para
from digest.errors import UserError
from digest.model import Analysis, ArxivId, Depth, Paper
from digest.readable import readable
from digest.wording import wording

_DEPTHS = {"short": Depth.BRIEF, "brief": Depth.BRIEF, "full": Depth.DEEP, "deep": Depth.DEEP}
_OPTION = re.compile(
    r"(?:^|\s)(?:lang[:：](?P<language>\S{1,40})|(?P<word>short|brief|full|deep|again|anew))(?=\s|$)",
    re.IGNORECASE,
)
_PATIENCE = 2.0  # seconds to ask arXiv for a newer version of what is known already


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """How a paper is to be explained."""

    words: str
    language: str
    depth: Depth = Depth.DEEP
    fresh: bool = False


def _wish(words: str, language: str) -> _Wish:
    """What `1911.02782 short lang:zh again` asks for, in any order. Raises `InvalidSetting`."""
    wish = _Wish(words=_OPTION.sub(" ", words).strip(), language=language)
    for option in _OPTION.finditer(words):
        word = (option["word"] or "").lower()
        if option["language"]:
            wish = replace(wish, language=parse_language(option["language"]))
        elif word in _DEPTHS:
            wish = replace(wish, depth=_DEPTHS[word])
        else:
            wish = replace(wish, fresh=True)
    return wish


def _one_paper(words: str) -> tuple[str, str]:
    """The paper named first, and the words after it that nothing is done with."""
    head, rest = first_word(words)
    return (head, rest) if rest and names_paper(head) else (words, "")


async def explain(request: Request, desk: Desk) -> AsyncIterator[Reply]:
    """An analysis of one paper, named by any spelling of its identifier or by its place in the digest."""
    say, wish = request.say, _wish(request.words, request.channel.language)
    if wish.words:
        wanted, unused = _one_paper(wish.words)
        identifier = await named(wanted, request, desk)
        if unused:
            yield Reply(
                document=note(
                    say("I explain one paper at a time, and left out: {words}", words=shortened(unused, 100))
                )
            )
    elif request.paper is not None:
        identifier = request.paper
    else:
        raise UserError(
            say("Explain which paper? For example: /explain 1911.02782, or /explain #1 of the last digest")
        )
    paper = await desk.explain.paper(identifier)
    ready = await desk.explain.is_ready(paper, language=wish.language, depth=wish.depth)
    if wish.fresh or not ready:
        yield Reply(
            document=note(say("Reading {id}: {title} …", id=str(paper.id), title=readable(paper.title))),
            passing=True,
        )
    analysis = await desk.explain.explain(
        paper,
        language=wish.language,
        depth=wish.depth,
        progress=desk.progress,
        fresh=wish.fresh,
        channel=request.channel.key,
        person=request.user,
    )
    await remember_paper(paper.id, request, desk)
    await _await_model(request, desk, paper, analysis, wish.language)
    newer = await _newer(paper, desk, at_once=ready and not wish.fresh)
    replies = _explained(request, paper, analysis, wish.language, newer)
    if request.pressed and request.digest is not None and request.paper is not None and not wish.fresh:
        same = repr(_explained(request, paper, analysis, wish.language, None))
        mark = hashlib.sha256(same.encode()).hexdigest()[:16]
        async for reply in _once(replies, mark, paper, request, desk):
            yield reply
        return
    for reply in replies:
        yield reply


async def _once(
    replies: tuple[Reply, ...], mark: str, paper: Paper, request: Request, desk: Desk
) -> AsyncIterator[Reply]:
    """The replies to whoever presses first in a digest's thread; to others, that they are there."""
    name = f"explained/{paper.id}/{request.digest}/{request.channel.key}"  # the store renames what ends so
    begun = f"{mark} {request.user}"  # after a crash, the same press may find it begun and not said
    known = await desk.store.meta(name) or ""
    if known.startswith(mark) and known != begun:
        anew = Code(f"/explain {paper.id} again")
        yield Reply(
            document=note(request.say.spans("It is above already. To have it again: {command}", command=anew))
        )
        return
    await desk.store.set_meta(name, begun)
    for reply in replies:
        yield reply
    await desk.store.set_meta(name, mark)


async def _newer(paper: Paper, desk: Desk, *, at_once: bool) -> ArxivId | None:
    """The paper's newer version; not waited for long where the answer is there."""
    try:
        return await asyncio.wait_for(desk.explain.newer(paper), _PATIENCE if at_once else None)
    except TimeoutError:
        return None


async def _await_model(request: Request, desk: Desk, paper: Paper, analysis: Analysis, language: str) -> None:
    """Remember that the model's own analysis is owed where something stands in for it."""
    if analysis.retry_at is None or analysis.basis.kind != "full text":
        return
    wanted = Awaited(
        channel=request.channel.key,
        paper=str(paper.id),
        language=language,
        person=request.user,
        not_before=moment(analysis.retry_at),
        asked=moment(request.at),
    )
    await remember(desk.store, wanted)


def _explained(
    request: Request, paper: Paper, analysis: Analysis, language: str, newer: ArxivId | None
) -> tuple[Reply, ...]:
    """The analysis: in a thread or on a terminal at once, else an opening message with the whole under it."""

    def told(document: Document) -> Document:
        if newer is None:
            return document
        notice = para(wording(language).say.newer.format(version=newer))
        return replace(document, blocks=(document.blocks[0], notice, *document.blocks[1:]))

    channel = Audience.CHANNEL
    whole = told(explanation(analysis, paper, language=language))
    if request.paper is not None or request.channel.platform == "console":
        return (Reply(document=whole, to=channel, paper=paper.id),)
    opening, rest = explanation_in_thread(analysis, paper, language=language)
    return (
        Reply(document=told(opening), to=channel, paper=paper.id, whole=whole),
        Reply(document=rest, to=channel, paper=paper.id, under=True),
    )


async def ask(request: Request, desk: Desk) -> AsyncIterator[Reply]:
    """Answer a question from a paper: the one it names, or the one last talked about here."""
    say = request.say
    words, language = _language(request.words, request.channel.language)
    identifier, question = await _asked(words, request, desk) if words else (request.paper, "")
    if identifier is None and request.digest is not None:
        raise UserError(say("Ask which paper? Name one of this digest: /ask #1 Which data do they use?"))
    if identifier is None:
        raise UserError(
            say("Ask what, of which paper? For example: /ask 1911.02782 How many papers have full text?")
        )
    paper = await desk.explain.paper(identifier)
    if not question:
        title = Bold(readable(paper.title) or str(paper.id))
        yield Reply(
            document=note(say.spans("What do you want to know about {title}?", title=title)),
            paper=paper.id,
            asks=True,
        )
        return
    decision = await desk.purse.decide(channel=request.channel.key, person=request.user)
    answers = desk.ask if decision.rung is Rung.FULL else desk.passages
    answer = await answers.in_thread(
        f"{request.channel.key}/{paper.id}",
        paper,
        question,
        language=language,
        by=request.user,
        progress=desk.progress,
    )
    await desk.purse.spend(
        answer.usage, channel=request.channel.key, person=request.user, model=answer.analyzer
    )
    if request.overheard and answer.kind in (AnswerKind.NOTHING, AnswerKind.NOT_SAID):
        return  # so it was said to somebody else
    await remember_paper(paper.id, request, desk)
    text = await desk.store.text(paper.id)
    notes = (
        decision.notice(language),
        "" if text is not None and text.sections else say("Only the abstract was read."),
        answer.note,
    )
    document = answered(
        replace(answer, question=shortened(question), note=" ".join(filter(None, notes))),
        paper,
        has_model=desk.ask.has_model,
    )
    yield Reply(document=document, to=Audience.CHANNEL, paper=paper.id)


async def _asked(words: str, request: Request, desk: Desk) -> tuple[ArxivId | None, str]:
    found = number_first(words)
    if found is not None:
        return await numbered(found[0], request, desk), found[1]
    head, rest = first_word(words)
    # A slip in its number must not be answered from another paper; "1234.5678 euros" is a number.
    if is_meant_for_paper(head) and (not request.plain or names_paper(head) or may_be_number(head)):
        return await named(head, request, desk), rest
    return await at_hand(request, desk), words


def _language(words: str, default: str) -> tuple[str, str]:
    asked = re.search(r"(?:^|\s)lang[:：](\S+)", words)
    if asked is None:
        return words.strip(), default
    return (words[: asked.start()] + words[asked.end() :]).strip(), parse_language(asked[1])


def _takes_paper(words: str) -> bool:
    rest = _OPTION.sub(" ", words).strip()
    return not rest or (len(rest.split()) == 1 and names_paper(rest))


VERBS = (
    Verb(
        name="explain",
        usage="<id | URL | #n> [short] [lang:zh] [again]",
        summary="Analyse one paper in depth, with anchors into its text.",
        examples=(
            "/explain 1911.02782",
            "/explain https://arxiv.org/abs/2301.13298 short",
            "/explain #1",
        ),
        answer=explain,
        aliases=("exp",),
        takes=_takes_paper,
        slow=True,
    ),
    Verb(
        name="ask",
        usage="[id | #n] <question>",
        summary="Ask a paper; without an identifier, the one last talked about here.",
        examples=("/ask 1911.02782 How many papers have full text?", "/ask How large is the corpus?"),
        answer=ask,
        slow=True,
    ),
)
