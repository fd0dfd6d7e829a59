"""/explain: one paper on demand."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator

from bot.commands.request import Desk, Request, Verb, say
from bot.values import parse_language
from digest.compose import explanation
from digest.document import Document
from digest.errors import UserError
from digest.model import ArxivId


async def explain(request: Request, desk: Desk) -> AsyncIterator[Document]:
    """A deep analysis of one paper, named by any spelling of its identifier or by its place in the digest."""
    words, language = _language(request.words, request.channel.language)
    if not words:
        raise UserError(
            "Explain which paper? For example: /explain 1911.02782, or /explain #1 of the last digest"
        )
    identifier = await _named(words, request, desk)
    paper = await desk.explain.paper(identifier)
    yield say(f"Reading {paper.id}: {paper.title} …")
    analysis = await desk.explain.explain(paper, language=language, progress=desk.progress)
    yield explanation(analysis, paper, language=language)


def _language(words: str, default: str) -> tuple[str, str]:
    asked = re.search(r"(?:^|\s)lang:(\S+)", words)
    if asked is None:
        return words.strip(), default
    return (words[: asked.start()] + words[asked.end() :]).strip(), parse_language(asked[1])


async def _named(words: str, request: Request, desk: Desk) -> ArxivId:
    number = re.match(r"#\s*(\d{1,3})\b", words)
    if number is None:
        return ArxivId.parse(words)
    papers = await last_digest_papers(request.channel.key, desk)
    if not 1 <= int(number[1]) <= len(papers):
        raise UserError(
            f"The last digest has {len(papers)} papers, no #{number[1]}; try /explain #1 or an identifier."
            if papers
            else "There is no digest yet to take a number from; give an identifier, such as 1911.02782."
        )
    return papers[int(number[1]) - 1]


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
        usage="<id | URL | #n> [lang:zh]",
        summary="Analyse one paper in depth, with anchors into its text.",
        examples=("/explain 1911.02782", "/explain https://arxiv.org/abs/2301.13298", "/explain #1"),
        answer=explain,
        aliases=("exp",),
    ),
)
