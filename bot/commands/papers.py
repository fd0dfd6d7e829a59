"""/explain and /ask: one paper on demand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from dataclasses import replace

from bot.awaited import Awaited, moment, remember
from bot.commands.request import Desk, Request, Verb, say
from bot.values import parse_language
from bot.words import counted
from digest.analysis.budget import Rung
from digest.compose import answered, explanation
from digest.document import Document, para
from digest.errors import InvalidIdentifier, UserError
from digest.model import ArxivId
from digest.wording import wording


async def explain(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """A deep analysis of one paper, named by any spelling of its identifier or by its place in the digest."""
    words, language = _language(request.words, request.channel.language)
    words, fresh = _again(words)
    if not words:
        raise UserError(
            "Explain which paper? For example: /explain 1911.02782, or /explain #1 of the last digest"
        )
    paper = await desk.explain.paper(await _named(words, request, desk))
    yield say(f"Reading {paper.id}: {paper.title} …")
    analysis = await desk.explain.explain(
        paper,
        language=language,
        progress=desk.progress,
        fresh=fresh,
        channel=request.channel.key,
        person=request.user,
    )
    await _remember(paper.id, request, desk)
    if analysis.retry_at is not None and analysis.basis.kind == "full text":
        await remember(
            desk.store,
            Awaited(
                channel=request.channel.key,
                paper=str(paper.id),
                language=language,
                person=request.user,
                not_before=moment(analysis.retry_at),
            ),
        )
    document = explanation(analysis, paper, language=language)
    newer = await desk.explain.newer(paper)
    if newer is not None:
        note = para(wording(language).say.newer.format(version=newer))
        document = replace(document, blocks=(document.blocks[0], note, *document.blocks[1:]))
    yield document


async def ask(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """Answer a question from a paper: the one it names, or the one last talked about here."""
    words, language = _language(request.words, request.channel.language)
    identifier, question = await _asked(words, request, desk)
    if identifier is None or not question:
        raise UserError(
            "Ask what, of which paper? For example: /ask 1911.02782 How many papers have full text?"
        )
    paper = await desk.explain.paper(identifier)
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
    await _remember(paper.id, request, desk)
    notice = decision.notice(language)
    yield answered(replace(answer, note=notice or answer.note), paper)


async def _asked(words: str, request: Request, desk: Desk) -> tuple[ArxivId | None, str]:
    head, _, rest = words.partition(" ")
    if re.match(r"#\d{1,3}$", head):
        return await _named(head, request, desk), rest.strip()
    try:
        return ArxivId.parse(head), rest.strip()
    except InvalidIdentifier:
        return await last_paper(request.channel.key, desk), words


async def last_paper(channel: str, desk: Desk) -> ArxivId | None:
    """The paper last explained or asked about in a channel."""
    known = await desk.store.meta(f"last_paper/{channel}")
    return ArxivId.parse(known) if known else None


async def _remember(paper: ArxivId, request: Request, desk: Desk) -> None:
    await desk.store.set_meta(f"last_paper/{request.channel.key}", str(paper))


def _language(words: str, default: str) -> tuple[str, str]:
    asked = re.search(r"(?:^|\s)lang:(\S+)", words)
    if asked is None:
        return words.strip(), default
    return (words[: asked.start()] + words[asked.end() :]).strip(), parse_language(asked[1])


def _again(words: str) -> tuple[str, bool]:
    """Whether the analysis is to be made anew: `/explain 1911.02782 again`."""
    again = re.search(r"(?:^|\s)(?:again|anew|regenerate)$", words, flags=re.IGNORECASE)
    return (words[: again.start()].strip(), True) if again else (words, False)


async def _named(words: str, request: Request, desk: Desk) -> ArxivId:
    number = re.match(r"#\s*(\d{1,3})\b", words)
    if number is None:
        return ArxivId.parse(words)
    papers = await last_digest_papers(request.channel.key, desk)
    if 1 <= int(number[1]) <= len(papers):
        return papers[int(number[1]) - 1]
    if papers:
        raise UserError(
            f"The last digest has {counted(len(papers), 'paper')}, no #{number[1]}; "
            "try /explain #1 or an identifier."
        )
    if await desk.store.digest_runs(channel=request.channel.key):
        raise UserError("The last digest had no papers; give an identifier, such as 1911.02782.")
    raise UserError("There is no digest yet to take a number from; give an identifier, such as 1911.02782.")


async def last_digest_papers(channel: str, desk: Desk) -> tuple[ArxivId, ...]:
    """The papers of the channel's newest digest that has any, in its order."""
    for run in await desk.store.digest_runs(channel=channel):
        digest = await desk.store.digest(channel, run.local_date)
        if digest is not None and digest.matches:
            return tuple(match.announcement.paper.id for match in digest.matches)
    return ()


VERBS = (
    Verb(
        name="explain",
        usage="<id | URL | #n> [lang:zh] [again]",
        summary="Analyse one paper in depth, with anchors into its text.",
        examples=("/explain 1911.02782", "/explain https://arxiv.org/abs/2301.13298", "/explain #1"),
        answer=explain,
        aliases=("exp",),
    ),
    Verb(
        name="ask",
        usage="[id | #n] <question>",
        summary="Ask a paper; without an identifier, the one last talked about here.",
        examples=("/ask 1911.02782 How many papers have full text?", "/ask Which licence has the corpus?"),
        answer=ask,
    ),
)
